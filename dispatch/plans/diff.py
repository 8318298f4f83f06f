"""What another plan of a day would change, line by line, and in sums. Rules over plain values; no rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import optimizer

LEAST_SHIFT_SECONDS = 60

Spot = tuple[str | None, int | None]
"""Who comes and when, in seconds of the day; None for nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One visit or hold that the other plan touches: who comes and when, now and then; seconds of the day.

    *Now* is what was published; where nothing was, what stands. Nobody gets a text: a proposal
    changes who comes and when inside the promised window, never the window.
    """

    visit_id: str
    window_start: int
    window_end: int
    technician_now: str | None
    technician_then: str | None
    start_now: int | None
    start_then: int | None
    kept_now: bool
    kept_then: bool
    disturbed: bool

    @property
    def shift_minutes(self) -> int | None:
        """Minutes later (earlier: negative); None where nobody comes now, or then."""
        if self.start_now is None or self.start_then is None:
            return None
        return round((self.start_then - self.start_now) / 60)

    @property
    def other_technician(self) -> bool:
        return self.technician_now is not None and self.technician_now != self.technician_then


@dataclass(frozen=True, slots=True)
class Side:
    """What one plan of the day comes to, as the independent checker counts it."""

    travel_minutes: float
    overtime_minutes: float
    broken: int
    unserved: int
    price: float


@dataclass(frozen=True, slots=True)
class Sums:
    """Both plans side by side. `disturbed` people get another technician, or another start past the tolerance."""

    now: Side
    then: Side
    disturbed: int
    other_technician: int
    other_time: int


@dataclass(frozen=True, slots=True)
class Diff:
    """Worst line first."""

    lines: tuple[Line, ...]
    sums: Sums


def diff(day: optimizer.Day, now: optimizer.Plan, then: optimizer.Plan) -> Diff:
    """What `then` would change in a day on which `now` stands.

    A line for every visit that gets another technician or another start by a minute or more, both than
    was published and than would come of it anyhow, and for every promise that it breaks or keeps. Worst
    first: promises that would break, then people disturbed, then the others; the larger shift first.
    """
    lines = tuple(sorted(_touched(day, now, then), key=_badness))
    disturbed = [line for line in lines if line.disturbed]
    other = sum(line.other_technician for line in disturbed)
    sums = Sums(_side(day, now), _side(day, then), len(disturbed), other, len(disturbed) - other)
    return Diff(lines, sums)


def say(sums: Sums) -> str:
    """The sums as one sentence: `14 minutes less driving; 3 people get another technician; no promise is touched.`"""
    parts = [
        _minutes(sums.now.travel_minutes, sums.then.travel_minutes, "driving") or "as much driving as now"
    ]
    parts += [_minutes(sums.now.overtime_minutes, sums.then.overtime_minutes, "overtime")]
    placed = sums.now.unserved - sums.then.unserved
    if placed > 0:
        parts.append(f"{placed} more visit{_s(placed)} with a technician")
    if placed < 0:
        parts.append(f"{-placed} visit{_s(-placed)} without a technician")
    parts += [_people(sums.other_technician, "another technician"), _people(sums.other_time, "another time")]
    if not sums.disturbed:
        parts.append("nobody is disturbed")
    return "; ".join([*filter(None, parts), _promises(sums)]) + "."


def _promises(sums: Sums) -> str:
    more = sums.then.broken - sums.now.broken
    if more > 0:
        return f"{more} promise{_s(more)} would break"
    if more < 0:
        return f"{-more} promise{_s(-more)} kept that would break now"
    return "no other promise breaks" if sums.now.broken else "no promise is touched"


def _minutes(now: float, then: float, what: str) -> str:
    change = round(then - now)
    words = "less" if change < 0 else "more"
    return f"{abs(change)} minute{_s(abs(change))} {words} {what}" if change else ""


def _people(count: int, what: str) -> str:
    if not count:
        return ""
    return f"1 person gets {what}" if count == 1 else f"{count} people get {what}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _touched(day: optimizer.Day, now: optimizer.Plan, then: optimizer.Plan) -> Iterator[Line]:
    for visit in day.visits:
        line = _line(day, visit, now, then)
        after = line.technician_then, line.start_then
        moves = _differ((line.technician_now, line.start_now), after) and _differ(_spot(now, visit.id), after)
        if moves or line.kept_now != line.kept_then:
            yield line


def _spot(plan: optimizer.Plan, visit_id: str) -> Spot:
    return plan.technician_of(visit_id), plan.start_of(visit_id)


def _differ(one: Spot, other: Spot) -> bool:
    if one[1] is None or other[1] is None:
        return one[1] != other[1]
    return one[0] != other[0] or abs(one[1] - other[1]) >= LEAST_SHIFT_SECONDS


def _line(day: optimizer.Day, visit: optimizer.Visit, now: optimizer.Plan, then: optimizer.Plan) -> Line:
    who, start = now.technician_of(visit.id), now.start_of(visit.id)
    if visit.planned is not None:
        who, start = visit.planned.technician, visit.planned.start
    taker, begun = then.technician_of(visit.id), then.start_of(visit.id)
    moved = begun is not None and start is not None and abs(begun - start) > day.change_tolerance
    return Line(
        visit_id=visit.id,
        window_start=visit.windows[0][0],
        window_end=visit.windows[0][1],
        technician_now=who,
        technician_then=taker,
        start_now=start,
        start_then=begun,
        kept_now=_keeps(visit, now.start_of(visit.id)),
        kept_then=_keeps(visit, begun),
        disturbed=visit.promised and visit.planned is not None and (who != taker or moved),
    )


def _keeps(visit: optimizer.Visit, start: int | None) -> bool:
    return start is not None and any(
        begin <= start <= end for begin, end in (*visit.windows, *visit.may_move)
    )


def _badness(line: Line) -> tuple[bool, bool, int, int, str]:
    begins = line.start_then if line.start_then is not None else line.window_start
    return line.kept_then, not line.disturbed, -abs(line.shift_minutes or 0), begins, line.visit_id


def _side(day: optimizer.Day, plan: optimizer.Plan) -> Side:
    verdict = optimizer.check(day, plan)
    return Side(
        verdict.travel_minutes,
        verdict.overtime_minutes,
        verdict.broken,
        verdict.unserved,
        verdict.cost,
    )
