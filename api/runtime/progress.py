"""Shows a search's progress to whoever started it: one living line on a terminal, else a line per improvement."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from optimizer import Progress

Clock = Callable[[], float]

LINE_SECONDS = 0.1  # between two pictures of the line; a new phase is shown at once, it may last
LOG_SECONDS = 1.0
USUAL_COLUMNS = 80
ERASE_REST = "\x1b[K"


class Watcher(Protocol):
    def show(self, progress: Progress) -> None: ...

    def close(self) -> None:
        """Show what was held back, and leave the stream at the beginning of a line."""


class Silence:
    def show(self, progress: Progress) -> None:
        pass

    def close(self) -> None:
        pass


class Line:
    """One line, rewritten at most ten times a second."""

    def __init__(self, stream: TextIO, *, clock: Clock, budget: float, columns: int = USUAL_COLUMNS) -> None:
        self._stream, self._clock, self._budget, self._columns = stream, clock, budget, columns
        self._first: Progress | None = None
        self._shown: Progress | None = None
        self._waiting: Progress | None = None
        self._drawn_at = 0.0

    def show(self, progress: Progress) -> None:
        self._first = self._first or progress
        self._waiting = progress
        new_phase = self._shown is None or progress.phase != self._shown.phase
        if new_phase or self._clock() - self._drawn_at >= LINE_SECONDS:
            self._draw(progress)

    def close(self) -> None:
        if self._waiting is not None:
            self._draw(self._waiting)
        if self._shown is not None:
            self._stream.write("\n")
            self._stream.flush()

    def _draw(self, progress: Progress) -> None:
        text = sentence(progress, self._first, budget=self._budget)
        self._stream.write(f"\r{text[: self._columns - 1]}{ERASE_REST}")
        self._stream.flush()
        self._shown, self._waiting, self._drawn_at = progress, None, self._clock()


class Log:
    """A line for the first answer and for each better one, at most one a second, and the last.

    And one before the compiler is waited for.
    """

    def __init__(self, stream: TextIO, *, clock: Clock, budget: float) -> None:
        self._stream, self._clock, self._budget = stream, clock, budget
        self._first: Progress | None = None
        self._written: Progress | None = None
        self._last: Progress | None = None
        self._written_at = 0.0

    def show(self, progress: Progress) -> None:
        self._first = self._first or progress
        self._last = progress
        better = self._written is None or progress.cost < self._written.cost
        due = self._written is None or self._clock() - self._written_at >= LOG_SECONDS
        if (better and due) or progress.phase == "compiling":
            self._write(progress)

    def close(self) -> None:
        if self._last is not None and self._last != self._written:
            self._write(self._last)

    def _write(self, progress: Progress) -> None:
        self._stream.write(sentence(progress, self._first, budget=self._budget) + "\n")
        self._stream.flush()
        self._written, self._written_at = progress, self._clock()


@contextmanager
def watching(
    stream: TextIO, *, clock: Clock, budget: float, quiet: bool = False
) -> Iterator[Callable[[Progress], None]]:
    """Gives what the search calls with its progress; the stream is at a new line afterwards, come what may."""
    watcher = _watcher(stream, clock=clock, budget=budget, quiet=quiet)
    try:
        yield watcher.show
    finally:
        watcher.close()


def sentence(progress: Progress, first: Progress | None, *, budget: float) -> str:
    """The line itself. How much better is measured on the cost of the first answer."""
    seconds = f"{progress.seconds:.1f} of {budget:g} s"
    if progress.phase == "compiling":
        return f"{progress.phase:<12} once, for about a minute; then the search begins"
    parts = [
        f"{progress.phase:<12} {seconds}",
        f"cost {progress.cost:,.0f}",
        f"{progress.broken} broken",
        f"{progress.unserved} unserved",
    ]
    if first is not None and progress.cost < first.cost:
        parts.append(f"{100 * (first.cost - progress.cost) / first.cost:.1f} % better than at first")
    return "  ".join(parts)


def _watcher(stream: TextIO, *, clock: Clock, budget: float, quiet: bool) -> Watcher:
    if quiet:
        return Silence()
    if stream.isatty():
        return Line(stream, clock=clock, budget=budget, columns=_columns(stream))
    return Log(stream, clock=clock, budget=budget)


def _columns(stream: TextIO) -> int:
    """A terminal that does not know its width (0) gets the usual one."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or USUAL_COLUMNS
    except OSError:
        return USUAL_COLUMNS
