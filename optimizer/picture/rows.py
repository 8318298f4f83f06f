"""What a timeline is made of before it is drawn: the axis of hours, one row per technician, the drives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from optimizer.day import Day, Technician, Window
from optimizer.picture.looks import Fate
from optimizer.plan import Route

HOUR = 3600
MANY = 30  # technicians: from here on rows are as flat as can still be read
HOURS_AGAIN = 20  # rows after which the hours are written once more
STRIP = 22.0


@dataclass(frozen=True, slots=True)
class Axis:
    """Seconds from `begin` to `end` over `width` pixels from `left` on."""

    left: float
    width: float
    begin: int
    end: int

    def x(self, second: float) -> float:
        """Where `second` is; what lies outside the axis is at its edge."""
        share = (second - self.begin) / (self.end - self.begin)
        return self.left + self.width * min(max(share, 0.0), 1.0)

    def shows(self, second: float) -> bool:
        return self.begin <= second <= self.end

    def hours(self) -> range:
        """Full hours to be written, never more than some two dozen."""
        step = HOUR * max(1, -(-(self.end - self.begin) // (24 * HOUR)))
        return range(self.begin, self.end + 1, step)


@dataclass(frozen=True, slots=True)
class Promise:
    """Visits of one route that were promised, or wanted, at the same times: one bracket for all of them."""

    windows: tuple[Window, ...]
    may_move: tuple[Window, ...]
    visits: tuple[Fate, ...]
    lane: int = 0

    def reach(self, axis: Axis) -> tuple[float, float]:
        """From the first to the last pixel that it needs, marks included."""
        seconds = [second for window in (*self.windows, *self.may_move) for second in window]
        seconds += [fate.stop.start for fate in self.visits if fate.stop is not None]
        found = [axis.x(second) for second in seconds]
        return min(found) - 4, max(found) + 4


@dataclass(frozen=True, slots=True)
class Row:
    """One technician's: where it lies, and the promises in lanes under its bars."""

    technician: Technician
    route: Route | None
    index: int
    top: float
    bar: float
    promises: tuple[Promise, ...]
    pitch: float

    @property
    def height(self) -> float:
        lanes = max((one.lane + 1 for one in self.promises), default=1)
        return self.bar + 14 + self.pitch * lanes

    @property
    def middle(self) -> float:
        return self.top + 5 + self.bar / 2

    def y(self, promise: Promise) -> float:
        return self.top + 10 + self.bar + self.pitch * (promise.lane + 0.5)


def axis_of(day: Day, routes: dict[str, Route], *, left: float, width: float) -> Axis:
    """From the full hour before the first thing still to come to the full hour after the last."""
    stops = [stop for route in routes.values() for stop in route.stops]
    begin = min([day.now, *(stop.start for stop in stops)])
    shifts = [one.shift[1] for one in day.technicians if one.id in routes or not one.absent]
    ends = [*shifts, *(stop.end for stop in stops), *(route.finish for route in routes.values())]
    end = max([begin + 1, *ends])
    allowed = [min(one.overtime_until, end + HOUR) for one in day.technicians]
    return Axis(left, width, begin // HOUR * HOUR, -(-max([end, *allowed]) // HOUR) * HOUR)


def rows_of(
    day: Day, routes: dict[str, Route], fates: dict[str, Fate], axis: Axis, *, top: float
) -> list[Row]:
    """One row under the other in the day's order, with room for the hours in between."""
    many = len(day.technicians) > MANY
    rows: list[Row] = []
    for index, technician in enumerate(day.technicians):
        route = routes.get(technician.id)
        if index and index % HOURS_AGAIN == 0:
            top += STRIP
        promises = promises_of(route, fates, axis) if route else ()
        pitch, bar = (4.0, 15.0) if many else (5.5, 20.0)
        rows.append(Row(technician, route, index, top, bar, promises, pitch))
        top += rows[-1].height
    return rows


def promises_of(route: Route, fates: dict[str, Fate], axis: Axis) -> tuple[Promise, ...]:
    """Those of the route's visits, each in the first lane in which it meets no other."""
    same: dict[tuple[tuple[Window, ...], tuple[Window, ...]], list[Fate]] = {}
    for vid in route.visit_ids:
        if vid in fates and fates[vid].technician == route.technician:
            visit = fates[vid].visit
            same.setdefault((visit.windows, visit.may_move), []).append(fates[vid])
    found = [Promise(*times, tuple(visits)) for times, visits in same.items()]
    found.sort(key=lambda one: one.reach(axis))
    places = lanes([one.reach(axis) for one in found])
    return tuple(replace(one, lane=lane) for one, lane in zip(found, places, strict=True))


def lanes(spans: Sequence[tuple[float, float]]) -> list[int]:
    """For each span the first lane in which it meets none before it."""
    ends: list[float] = []
    found = []
    for begin, end in spans:
        lane = next((index for index, taken in enumerate(ends) if taken + 3 < begin), len(ends))
        ends[lane : lane + 1] = [end]
        found.append(lane)
    return found


def drives(day: Day, technician: Technician, route: Route) -> list[Window]:
    """When the technician drives: off as soon as the work before is done, pausing for breaks on the way.

    What then remains before the next start is waiting.
    """
    found: list[Window] = []
    clock, here = max(technician.ready_at, day.now, technician.shift[0]), technician.ready_location
    pauses: list[Window] = []
    for stop in route.stops:
        if stop.kind == "break":
            pauses.append((stop.start, stop.end))
        elif day.has_visit(stop.id):
            there = day.visit(stop.id).location
            found += around(pauses, clock, int(day.travel[here, there]))
            clock, here, pauses = stop.end, there, []
    if technician.end_location is not None:
        found += around(pauses, clock, int(day.travel[here, technician.end_location]))
    return found


def around(pauses: Sequence[Window], clock: int, seconds: int) -> list[Window]:
    """`seconds` of driving from `clock` on, in pieces before, between and after the pauses."""
    found: list[Window] = []
    for begin, end in pauses:
        piece = min(seconds, max(0, begin - clock))
        if piece:
            found.append((clock, clock + piece))
        seconds -= piece
        clock = max(clock, end)
    return [*found, (clock, clock + seconds)] if seconds else found
