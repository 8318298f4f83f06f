"""A day laid out for fast scheduling: travel rows as lists, prices in sixtieths, breaks as bit masks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

from optimizer.day import Day, Technician, Visit, Window
from optimizer.starts import Pieces, start_pieces, within

if TYPE_CHECKING:
    from optimizer.standing import Standing

Key: TypeAlias = tuple[str, tuple[str, ...], tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True)
class Crew:
    """A technician as the schedule sees one. `last_call[mask]`: latest start of the next owed break."""

    id: str
    free_at: int
    location: int
    end_location: int | None
    shift_end: int
    overtime_until: int
    breaks: tuple[tuple[int, int, int], ...]  # (earliest start, latest start, seconds)
    all_taken: int
    last_call: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """A visit as the schedule sees it, for one technician: `kept` are the starts that keep the promise."""

    id: str
    location: int
    duration: int
    kept: Pieces
    full: Pieces

    def keeps(self, start: int) -> bool:
        """Whether that start breaks no promise."""
        return any(begin <= start <= until for begin, until, _, _ in self.kept)

    def inside(self, windows: Iterable[Window]) -> Work:
        """The same work, allowed to start only inside `windows`."""
        kept = within(self.kept, windows)
        return Work(self.id, self.location, self.duration, kept, kept)


class Sheet:
    """Everything about a day that scheduling asks for again and again, worked out once and on demand."""

    def __init__(self, day: Day) -> None:
        self.travel = day.travel
        self.weights = day.weights
        self.tolerance = day.change_tolerance
        self.held, self.unmoved = day.held, day.unmoved
        self.crews = {one.id: _crew(one, day.now) for one in day.technicians}
        self._rows: dict[int, list[int]] = {}
        self._works: dict[tuple[str, bool, bool], Work] = {}
        self.standings: dict[Key, Standing | None] = {}  # filled by standing.py
        self.latenesses: dict[tuple[str, tuple[str, ...]], dict[str, int] | None] = {}  # the same

    def row(self, location: int) -> list[int]:
        """Seconds from `location` to every other."""
        row = self._rows.get(location)
        if row is None:
            row = self._rows[location] = self.travel[location].tolist()
        return row

    def work(self, visit: Visit, technician_id: str) -> Work:
        """`visit` of this day as `technician_id` would do it."""
        key = (visit.id, _is_own(visit, technician_id), is_liked(visit, technician_id))
        work = self._works.get(key)
        if work is None:
            work = self._works[key] = self.fresh_work(visit, technician_id)
        return work

    def fresh_work(self, visit: Visit, technician_id: str) -> Work:
        """The same without looking it up, for a visit that is not (or not yet so) part of the day."""
        pieces = partial(
            start_pieces,
            visit,
            self.weights,
            tolerance=self.tolerance,
            own=_is_own(visit, technician_id),
            liked=is_liked(visit, technician_id),
            held=visit.id in self.held,
            unmoved=visit.id in self.unmoved,
        )
        kept = pieces(late=False)
        full = pieces(late=True) if visit.promised else kept
        return Work(visit.id, visit.location, visit.duration, kept, full)


def is_liked(visit: Visit, technician_id: str) -> bool:
    """Whether the customer would like that technician, or likes nobody more."""
    return not visit.prefer or technician_id in visit.prefer


def _is_own(visit: Visit, technician_id: str) -> bool:
    return visit.planned is not None and visit.planned.technician == technician_id


_sheets: WeakKeyDictionary[Day, Sheet] = WeakKeyDictionary()


def sheet_of(day: Day) -> Sheet:
    """The sheet of `day`, kept as long as the day lives."""
    sheet = _sheets.get(day)
    if sheet is None:
        sheet = _sheets[day] = Sheet(day)
    return sheet


def _crew(one: Technician, now: int) -> Crew:
    breaks = tuple((*rest.window, rest.duration) for rest in one.breaks)
    return Crew(
        id=one.id,
        free_at=max(one.ready_at, now, one.shift[0]),
        location=one.ready_location,
        end_location=one.end_location,
        shift_end=one.shift[1],
        overtime_until=one.overtime_until,
        breaks=breaks,
        all_taken=(1 << len(breaks)) - 1,
        last_call=tuple(_last_call(breaks, mask) for mask in range(1 << len(breaks))),
    )


def _last_call(breaks: tuple[tuple[int, int, int], ...], mask: int) -> int:
    owed = [latest for bit, (_, latest, _) in enumerate(breaks) if not mask >> bit & 1]
    return min(owed, default=1 << 40)
