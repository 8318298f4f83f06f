"""The day's caps on moved and disturbed promises: what to do when an answer passes one.

Any engine can be made to stay inside them. It answers freely first; if that is too much, it answers
again for a day in which all but as many promises as allowed are held to what was told. Leaving a visit
undone disturbs nobody, so there is always such an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from optimizer.check import check
from optimizer.day import Day, Limits, Visit
from optimizer.plan import Plan
from optimizer.starts import in_one


def within_limits(day: Day, answer: Callable[[Day], Plan]) -> Plan:
    """`answer(day)` where that stays inside the caps; else the cheaper of two answers that must.

    `answer` heeds `held` and `unmoved` of the day it is given: whoever schedules with sheet.py does. It is
    asked up to three times.
    """
    free = answer(day)
    if not _over(day, free):
        return free
    strict = answer(_bound(day, Allowed()))
    chosen = answer(_bound(day, _allowed(day, free, strict)))
    return min((chosen, strict), key=lambda plan: check(day, plan).cost)


@dataclass(frozen=True, slots=True)
class Allowed:
    """The promises that may be disturbed, and those that may be moved."""

    disturbed: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()


def disturbed_in(day: Day, plan: Plan) -> list[Visit]:
    """The promises that somebody else keeps than was told, or at another time, though who was told is there."""
    found = []
    for visit in _told(day):
        start, told = plan.start_of(visit.id), visit.planned
        if start is not None and told is not None:
            shifted = abs(start - told.start) > day.change_tolerance
            if shifted or plan.technician_of(visit.id) != told.technician:
                found.append(visit)
    return found


def moved_in(day: Day, plan: Plan) -> list[Visit]:
    """The promises that use their `may_move`, those on their way left out."""
    starts = ((visit, plan.start_of(visit.id)) for visit in _movable(day))
    return [
        visit
        for visit, start in starts
        if start is not None and not in_one(start, visit.windows) and in_one(start, visit.may_move)
    ]


def bound_to(day: Day, plan: Plan, spared: str) -> Day:
    """The day in which nobody may be asked more than `plan` asks; the visit `spared` may where the caps leave room."""
    if day.limits == Limits():
        return day
    asked = (disturbed_in(day, plan), moved_in(day, plan))
    caps = (day.limits.disturbed, day.limits.moved)
    disturbed, moved = (
        frozenset(visit.id for visit in visits) | ({spared} if cap is None or len(visits) < cap else set())
        for visits, cap in zip(asked, caps, strict=True)
    )
    bound = _bound(day, Allowed(disturbed, moved))
    if day.limits.moved is None:
        return bound
    unmoved = {visit.id for visit in day.visits if visit.promised and not visit.locked} - moved
    return replace(bound, unmoved=frozenset(unmoved))  # those too who might agree to a move yet


def _over(day: Day, plan: Plan) -> bool:
    caps = day.limits
    return (caps.disturbed is not None and len(disturbed_in(day, plan)) > caps.disturbed) or (
        caps.moved is not None and len(moved_in(day, plan)) > caps.moved
    )


def _allowed(day: Day, free: Plan, strict: Plan) -> Allowed:
    """Of the promises that `free` asks too much of, first those that `strict` had to leave undone or break."""
    caps, suffers = day.limits, {visit.id for visit in day.visits if _suffers(visit, strict)}

    def chosen(visits: Iterable[Visit], cap: int | None) -> frozenset[str]:
        ranked = sorted(visits, key=lambda visit: (visit.id not in suffers, -visit.priority))
        return frozenset(visit.id for visit in ranked[:cap])

    return Allowed(chosen(disturbed_in(day, free), caps.disturbed), chosen(moved_in(day, free), caps.moved))


def _suffers(visit: Visit, plan: Plan) -> bool:
    start = plan.start_of(visit.id)
    return start is None or not in_one(start, (*visit.windows, *visit.may_move))


def _bound(day: Day, allowed: Allowed) -> Day:
    """The day in which nothing but `allowed` may be asked of those who were told something."""
    held = {visit.id for visit in _told(day)} - allowed.disturbed
    unmoved = {visit.id for visit in _movable(day)} - allowed.moved
    return replace(
        day,
        held=frozenset(held if day.limits.disturbed is not None else ()),
        unmoved=frozenset(unmoved if day.limits.moved is not None else ()),
    )


def _told(day: Day) -> Iterator[Visit]:
    """The promises with a plan that can still be carried out: whoever was to come is there."""
    for visit in day.visits:
        if visit.promised and visit.planned is not None and not visit.locked:
            told = visit.planned.technician
            if day.has_technician(told) and not day.technician(told).absent:
                yield visit


def _movable(day: Day) -> Iterator[Visit]:
    return (visit for visit in day.visits if visit.promised and visit.may_move and not visit.locked)
