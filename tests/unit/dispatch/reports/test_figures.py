"""The figures of a report over a few values that a reader can recompute."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatch.errors import NotFound
from dispatch.promises.states import PromiseState
from dispatch.reports.behind import visits_behind
from dispatch.reports.making_good import Credits, Day, Steps, nine_in_ten, sum_up
from dispatch.reports.material import Case, Material, Promised, first_arrival

TEN = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
MONDAY, TUESDAY = dt.date(2026, 3, 2), dt.date(2026, 3, 3)


def after(seconds: float) -> dt.datetime:
    return TEN + dt.timedelta(seconds=seconds)


# Three broken promises, all certain at ten. Ana: noticed after 2 s, told 5 s later, arranged 60 s later, met
# 1800 s later, the same day, $25. Ben: noticed after 4 s, told 9 s later, no more; $50 wait. Cy: his own fault,
# noticed on Tuesday at once, and closed without the work.
ANA = Case(
    visit_id="ana",
    kind="late",
    fault="company",
    day=MONDAY,
    certain_at=TEN,
    noticed_at=after(2),
    told_at=after(7),
    arranged_at=after(67),
    there_at=after(1867),
    outcome="done_same_day",
    credit_cents=2500,
    credit_state="given",
    repair_milliseconds=12,
)
BEN = Case(
    visit_id="ben",
    kind="technician_absent",
    fault="company",
    day=MONDAY,
    certain_at=TEN,
    noticed_at=after(4),
    told_at=after(13),
    credit_cents=5000,
    credit_state="waiting",
    repair_milliseconds=30,
)
CY = Case(
    visit_id="cy",
    kind="customer_absent",
    fault="customer",
    day=TUESDAY,
    certain_at=after(86_400),
    noticed_at=after(86_400),
    outcome="closed",
)
BROKEN, KEPT, OPEN = PromiseState.BROKEN, PromiseState.KEPT, PromiseState.OPEN
DAYS = Material(
    promises=[
        Promised(visit_id=visit_id, state=state)
        for visit_id, state in (
            ("ana", BROKEN),
            ("ana", KEPT),
            ("ben", BROKEN),
            ("cy", BROKEN),
            ("dee", KEPT),
            ("eve", OPEN),
        )
    ],
    cases=[ANA, BEN, CY],
    scores=[("ana", 5), ("dee", 3), ("old", 5)],
    asked=frozenset({"ana", "dee"}),
    answered=frozenset({"ana"}),
)


def test_promises_and_how_many_of_a_hundred_break() -> None:
    """Six promises; five came due, three of them broken: 60 of 100. The open one counts for nothing yet."""
    found = sum_up(DAYS)
    assert (found.promises, found.kept, found.came_due, found.due_broken) == (6, 2, 5, 3)
    assert found.broken_per_hundred == 60.0


def test_made_good_the_same_day() -> None:
    """One of three; on Monday one of two (the other is still open), on Tuesday none of one.

    Closed without the work is neither.
    """
    found = sum_up(DAYS)
    assert (found.broken, found.recovered_same_day, found.recovered_later, found.still_open) == (3, 1, 0, 1)
    assert found.same_day_rate == pytest.approx(1 / 3)
    assert found.days == (Day(MONDAY, 2, 1, 1), Day(TUESDAY, 1, 0, 0))


def test_by_cause_and_fault() -> None:
    found = sum_up(DAYS)
    assert found.by_cause == {
        "late": {"company": 1},
        "technician_absent": {"company": 1},
        "customer_absent": {"customer": 1},
    }
    assert found.by_fault == {"company": 2, "customer": 1}


def test_seconds_of_each_step() -> None:
    """Noticed after 2, 4 and 0 s: half within 2, nine in ten within 4 (the third of three), the slowest 4."""
    found = sum_up(DAYS)
    assert found.noticed == Steps(3, 2.0, 4.0, 4.0)
    assert found.told == Steps(2, 7.0, 9.0, 9.0)
    assert found.accepted == Steps(1, 60.0, 60.0, 60.0)
    assert found.there == Steps(1, 1800.0, 1800.0, 1800.0)
    assert found.slowest_repair_milliseconds == 30


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, 1), (9, 9), (10, 9), (11, 10), (20, 18), (21, 19)],
)
def test_nine_in_ten_is_one_of_the_values(count: int, expected: int) -> None:
    """Of 1, 2, …, 20, eighteen are at most 18."""
    assert nine_in_ten(list(range(count, 0, -1))) == expected


def test_credits_and_ratings() -> None:
    found = sum_up(DAYS)
    assert found.credit_cents == 2500
    assert found.credits == (Credits("given", 1, 2500), Credits("waiting", 1, 5000))
    assert found.ratings == {3: 1, 5: 2}
    assert (found.ratings_asked, found.ratings_answered) == (2, 1)


def test_nothing_gives_no_rate() -> None:
    found = sum_up(Material())
    assert (found.same_day_rate, found.broken_per_hundred, found.days) == (None, None, ())
    assert found.there == Steps(0, None, None, None)


@pytest.mark.parametrize(
    ("figure", "visits"),
    [
        ("promises", ["ana", "ana", "ben", "cy", "dee", "eve"]),
        ("kept", ["ana", "dee"]),
        ("due", ["ana", "ana", "ben", "cy", "dee"]),
        ("due_broken", ["ana", "ben", "cy"]),
        ("broken", ["ana", "ben", "cy"]),
        ("broken:2026-03-03", ["cy"]),
        ("same_day", ["ana"]),
        ("same_day:2026-03-03", []),
        ("open", ["ben"]),
        ("later", []),
        ("cause:late", ["ana"]),
        ("cause:late:customer", []),
        ("fault:company", ["ana", "ben"]),
        ("step:told", ["ana", "ben"]),
        ("step:there", ["ana"]),
        ("credit:waiting", ["ben"]),
        ("score:5", ["ana", "old"]),
        ("asked", ["ana", "dee"]),
        ("answered", ["ana"]),
    ],
)
def test_the_visits_behind_a_figure(figure: str, visits: list[str]) -> None:
    assert visits_behind(DAYS, figure) == visits


@pytest.mark.parametrize("figure", ["nonsense", "cause", "step", "score", ""])
def test_what_is_no_figure(figure: str) -> None:
    with pytest.raises(NotFound):
        visits_behind(DAYS, figure)


def test_only_an_arrival_of_this_recovery_counts() -> None:
    arrivals = [after(0), after(100), after(200)]
    assert first_arrival(arrivals, after(50), None) == after(100)
    assert first_arrival(arrivals, after(150), after(180)) is None
    assert first_arrival(arrivals, None, None) is None
