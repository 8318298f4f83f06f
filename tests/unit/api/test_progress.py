"""A search is watched by one line on a terminal, by few lines in a file, and by nobody when it shall be quiet."""

from __future__ import annotations

import io

import pytest

from api.runtime.progress import Line, Log, sentence, watching
from optimizer import Progress


class Ticker:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """Says that it is one and, as in a test there is none behind it, not how wide."""

    def isatty(self) -> bool:
        return True


def at_cost(cost: float, *, seconds: float = 0, phase: str = "searching") -> Progress:
    return Progress(seconds, 0, cost, 1, 2, phase)


def test_the_line_says_how_long_how_dear_and_how_much_better() -> None:
    """From 2,000 to 1,500 is a quarter."""
    found = sentence(at_cost(1500, seconds=1.25), at_cost(2000), budget=5)
    assert found == "searching    1.2 of 5 s  cost 1,500  1 broken  2 unserved  25.0 % better than at first"


def test_nothing_is_better_than_itself() -> None:
    assert "better" not in sentence(at_cost(0), at_cost(0), budget=5)


def test_a_terminal_line_is_rewritten_at_most_ten_times_a_second() -> None:
    """A call every 10 ms for one second: the first, and then one each 100 ms."""
    stream, clock = Terminal(), Ticker()
    line = Line(stream, clock=clock, budget=5)
    for step in range(100):
        clock.now = 100 + step / 100
        line.show(at_cost(1000 - step))
    assert stream.getvalue().count("\r") == 10
    assert "\n" not in stream.getvalue()


def test_a_new_phase_is_shown_at_once_because_it_may_last() -> None:
    stream = Terminal()
    line = Line(stream, clock=Ticker(), budget=5)
    for phase in ("first answer", "compiling", "compiling"):
        line.show(at_cost(1, phase=phase))
    assert stream.getvalue().count("\r") == 2


def test_a_terminal_line_never_breaks_and_is_erased_before_the_next() -> None:
    stream = Terminal()
    Line(stream, clock=Ticker(), budget=5, columns=20).show(at_cost(1))
    assert stream.getvalue() == "\rsearching    0.0 of\x1b[K"


def test_the_last_state_is_shown_and_the_line_ended_even_when_the_search_fails() -> None:
    stream = Terminal()

    def search() -> None:
        with watching(stream, clock=Ticker(), budget=5) as report:
            report(at_cost(20))
            report(at_cost(10))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search()
    assert "cost 10 " in stream.getvalue()
    assert stream.getvalue().endswith("\n")


def test_a_file_gets_a_line_per_improvement_at_most_one_a_second_and_the_last() -> None:
    """40 and 35 are told once a second has passed since the line before; 30 at the end, whenever that is."""
    stream, clock = io.StringIO(), Ticker()
    log = Log(stream, clock=clock, budget=5)
    for after, cost in ((0.0, 50), (0.5, 40), (1.2, 40), (1.4, 35), (2.4, 35), (2.5, 30)):
        clock.now = 100 + after
        log.show(at_cost(cost))
    log.close()
    costs = [line.split("cost ")[1].split()[0] for line in stream.getvalue().splitlines()]
    assert costs == ["50", "40", "35", "30"]


def test_a_file_is_not_told_twice() -> None:
    stream = io.StringIO()
    with watching(stream, clock=Ticker(), budget=5) as report:
        report(at_cost(50))
    assert stream.getvalue().count("\n") == 1


def test_quiet_is_quiet() -> None:
    stream = Terminal()
    with watching(stream, clock=Ticker(), budget=5, quiet=True) as report:
        report(at_cost(50))
    assert stream.getvalue() == ""
