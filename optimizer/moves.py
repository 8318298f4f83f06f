"""What each move of a plan bought: the plan with that one visit put back, priced, and the next best place.

Put back is: with whom it was, at the start it had (within the tolerance), every other visit with whom the
new plan has it. What then no longer fits there is left undone, the cheapest first. Where even that is not
possible the visit comes as soon as it can, and where its technician cannot do it at all, it is undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, TypeAlias

from optimizer.check import check
from optimizer.day import Day, Planned, Visit, Window
from optimizer.fits import clock_text, fits, misfit, misfit_order
from optimizer.linked import tied_visits
from optimizer.linked.anchored import Anchored, anchored
from optimizer.plan import Plan, Route
from optimizer.published import doable
from optimizer.schedule import run
from optimizer.sheet import Work, sheet_of
from optimizer.standing import Standing, lateness, stand, tries
from optimizer.starts import FOREVER, in_one, within
from optimizer.timetable import route_of
from optimizer.unserved import why_unserved

How: TypeAlias = Literal["told", "late", "undone"]

SHOWN = 3  # visits that a sentence names


@dataclass(frozen=True, slots=True)
class Harm:
    """A visit that would be worse off: `late_minutes` after its promise (more than it is now), or undone."""

    visit: str
    late_minutes: int | None


@dataclass(frozen=True, slots=True)
class Move:
    """A visit that somebody else does than before, or at another time.

    `price`: what the plan pays for it as it is now: changed, moved, late, not preferred. `bought`: by how
    much the plan would be dearer with the visit put back; None for a visit that hangs on another route.
    `back`: how it would be put back. `harms`: who would then be worse off. `second`: the cheapest place with
    anybody else that makes no promise worse, and `second_price` by how much dearer the plan would be.
    """

    visit: str
    was: Planned
    now: Planned
    price: float
    bought: float | None
    back: How | None
    harms: tuple[Harm, ...]
    second: Planned | None
    second_price: float | None
    sentence: str


def moves(day: Day, before: Plan, after: Plan) -> tuple[Move, ...]:
    """Every visit of `after` whose technician or start (beyond the tolerance) is not that of `before`.

    Where `before` has it at the same place, or nowhere, it is held against what was planned. In the day's
    order. Raises ValueError for a plan of another day.
    """
    cost, seen = check(day, after).cost, anchored(day, after)
    found = []
    for visit in day.visits:
        was = _was(day, before, after, visit)
        if was is not None:
            found.append(_move(day, after, seen, visit, was=was, cost=cost))
    return tuple(found)


def put_back(day: Day, after: Plan, visit_id: str, was: Planned) -> tuple[Plan, How]:
    """The plan with that visit where it was, and how far this is possible."""
    return _put_back(day, after, anchored(day, after), day.visit(visit_id), was)


def _was(day: Day, before: Plan, after: Plan, visit: Visit) -> Planned | None:
    """Where the visit was, if that is not where it is now."""
    now, old = _spot(after, visit.id), _spot(before, visit.id)
    for one in (old, visit.planned):
        if now is not None and one is not None and _differ(day, one, now):
            return one
    return None


def _spot(plan: Plan, visit_id: str) -> Planned | None:
    taker, start = plan.technician_of(visit_id), plan.start_of(visit_id)
    return None if taker is None or start is None else Planned(taker, start)


def _differ(day: Day, one: Planned, other: Planned) -> bool:
    return one.technician != other.technician or abs(one.start - other.start) > day.change_tolerance


def _move(day: Day, after: Plan, seen: Anchored, visit: Visit, *, was: Planned, cost: float) -> Move:
    now = Planned(after.technician_of(visit.id) or "", after.start_of(visit.id) or 0)
    price = _own_price(day, visit, now)
    if visit.id in tied_visits(day):
        sentence = f"{_went(visit, was, now, price)} It hangs on another route and could not go back alone."
        return Move(visit.id, was, now, price, None, None, (), None, None, sentence)
    plan, how = _put_back(day, after, seen, visit, was)
    bought = round(check(day, plan).cost - cost, 2)
    harms = tuple(harms_of(day, after, plan))
    second, second_price = _second(seen, visit, now)
    words = (
        _went(visit, was, now, price),
        _back(day, visit, was, plan, how=how, harms=harms, bought=bought),
        _next_best(second, second_price),
    )
    return Move(visit.id, was, now, price, bought, how, harms, second, second_price, " ".join(words))


def _own_price(day: Day, visit: Visit, now: Planned) -> float:
    for begin, until, price, rate in sheet_of(day).work(visit, now.technician).full:
        if begin <= now.start <= until:
            return (price + rate * (now.start - begin)) / 60
    return 0.0


def _put_back(day: Day, after: Plan, seen: Anchored, visit: Visit, was: Planned) -> tuple[Plan, How]:
    tid, rest = was.technician, {}
    for other, ids in seen.orders.items():
        rest[other] = tuple(one for one in ids if one != visit.id)
    left = after.technician_of(visit.id)
    changed = {} if left is None or left == tid else {left: _without(seen, left, rest[left])}
    how: How = "undone"
    if tid in rest and fits(day.technician(tid), visit, day.technician(tid).parts):
        first, last = was.start - day.change_tolerance, was.start + day.change_tolerance
        route = _with(seen, visit, tid, rest[tid], (first, last)) or _with_less(
            day, seen, visit, was, order=rest[tid], span=(first, last)
        )
        how = "told" if route is not None else how
        if route is None:
            route = _with(seen, visit, tid, rest[tid], (first, FOREVER))
            how = "late" if route is not None else how
        if route is not None:
            changed[tid] = route
    if how == "undone" and left == tid:
        changed[tid] = _without(seen, tid, rest[tid])
    return with_routes(day, after, seen, changed), how


def _with(seen: Anchored, visit: Visit, tid: str, order: tuple[str, ...], span: Window) -> Route | None:
    """The cheapest route of that order with the visit started inside `span`; None where all must stay."""
    found = []
    for position in range(len(order) + 1):
        timed = _timed(seen.day, tid, (*order[:position], visit.id, *order[position:]), {visit.id: span})
        if timed is not None:
            found.append((timed[0], position, timed[1]))
    return min(found, key=lambda one: one[:2])[2] if found else None


def _with_less(
    day: Day, seen: Anchored, visit: Visit, was: Planned, *, order: tuple[str, ...], span: Window
) -> Route | None:
    """The same with others left undone, in the place that its start gives it: the cheapest one, or more."""
    tid, tied = was.technician, tied_visits(day)
    begun = dict(zip(order, _starts(seen.day, tid, order), strict=False))
    while True:
        position = sum(1 for one in order if seen.day.visit(one).locked or begun.get(one, 0) < was.start)
        ids = (*order[:position], visit.id, *order[position:])
        free = [one for one in order if not (seen.day.visit(one).locked or one in seen.hands or one in tied)]
        found = []
        for one in free:
            timed = _timed(seen.day, tid, tuple(x for x in ids if x != one), {visit.id: span})
            if timed is not None:
                found.append((timed[0] + 60 * _loss(day, day.visit(one)), one, timed[1]))
        if found:
            return min(found, key=lambda one: one[:2])[2]
        if not free:
            return None
        nearest = min(free, key=lambda one: (abs(begun.get(one, 0) - was.start), one))
        order = tuple(one for one in order if one != nearest)


def _without(seen: Anchored, tid: str, order: tuple[str, ...]) -> Route:
    """That technician's route when the visit is gone, should travel not be shorter even without others."""
    timed = _timed(seen.day, tid, doable(seen.day, tid, order), {})
    return Route(tid, (), 0) if timed is None else timed[1]


def _timed(
    day: Day, tid: str, order: tuple[str, ...], pinned: Mapping[str, Window]
) -> tuple[float, Route] | None:
    """(price in sixtieths, route) of the cheapest schedule, the visits in `pinned` started inside that."""
    technician, sheet = day.technician(tid), sheet_of(day)
    if not order:
        return 0, Route(tid, (), 0)
    if misfit_order(day, technician, order) is not None:
        return None
    works = [sheet.work(day.visit(one), tid) for one in order]
    works = [_inside(work, pinned[work.id]) if work.id in pinned else work for work in works]
    crew = sheet.crews[tid]
    done = run(sheet, crew, works)
    if done is None:
        return None
    stops = [crew.location, *(work.location for work in works)]
    stops += [] if crew.end_location is None else [crew.end_location]
    travel = sum(sheet.row(a)[b] for a, b in pairwise(stops))
    return done[0] + sheet.weights.travel_minute * travel, route_of(technician, works, done)


def _inside(work: Work, window: Window) -> Work:
    """The same work started inside `window`; a promise that can be kept in a closed one is kept."""
    kept, full = within(work.kept, [window]), within(work.full, [window])
    if kept and window[1] < FOREVER:
        full = kept
    return Work(work.id, work.location, work.duration, kept, full)


def _starts(day: Day, tid: str, order: tuple[str, ...]) -> list[int]:
    known = lateness(day, tid, order)
    standing = None if known is None else stand(day, tid, order, late=known)
    return [] if standing is None else standing.starts


def with_routes(day: Day, after: Plan, seen: Anchored, changed: Mapping[str, Route]) -> Plan:
    """The plan with those routes instead, of `seen`; who is in none any more is unserved."""
    routes = {route.technician: route for route in after.routes}
    for tid, route in changed.items():
        stops = tuple(
            replace(stop, kind="assist", id=seen.hands[stop.id]) if stop.id in seen.hands else stop
            for stop in route.stops
        )
        routes[tid] = replace(route, stops=stops)
    kept = tuple(route for route in routes.values() if route.stops)
    served = {one for route in kept for one in route.visit_ids}
    left = tuple(one for one in after.unserved if one.visit not in served)
    known = served | {one.visit for one in left}
    gone = (one for one in day.visits if one.id not in known)
    return Plan(after.day, kept, (*left, *(why_unserved(day, one) for one in gone)))


def harms_of(day: Day, after: Plan, back: Plan) -> Iterator[Harm]:
    """Who would be worse off: undone instead of served, or later after the promise than now."""
    for visit in day.visits:
        now, then = after.start_of(visit.id), back.start_of(visit.id)
        if now is not None and then is None:
            yield Harm(visit.id, None)
        elif now is not None and then is not None and _late(visit, then) > _late(visit, now):
            yield Harm(visit.id, -(-_late(visit, then) // 60))


def _late(visit: Visit, start: int) -> int:
    if not visit.promised or in_one(start, (*visit.windows, *visit.may_move)):
        return 0
    return start - visit.windows[0][1]


def _second(seen: Anchored, visit: Visit, now: Planned) -> tuple[Planned | None, float | None]:
    """The cheapest place with anybody else, and by how much dearer the plan would be."""
    day, sheet = seen.day, sheet_of(seen.day)
    order = seen.orders[now.technician]
    present = _standing(day, now.technician, order)
    freed = _standing(day, now.technician, tuple(one for one in order if one != visit.id))
    found = []
    for technician in day.technicians:
        tid = technician.id
        if tid != now.technician and fits(technician, visit, technician.parts):
            standing = _standing(day, tid, seen.orders[tid])
            for trial in [] if standing is None else tries(sheet, standing, visit, sheet.work(visit, tid)):
                found.append((trial.price, trial.start, tid))
    if present is None or freed is None or not found:
        return None, None
    price, start, tid = min(found)
    return Planned(tid, start), round((price + freed.price - present.price) / 60, 2)


def _standing(day: Day, tid: str, order: tuple[str, ...]) -> Standing | None:
    known = lateness(day, tid, order)
    return None if known is None else stand(day, tid, order, late=known)


def _loss(day: Day, visit: Visit) -> float:
    weights = day.weights
    return visit.priority * (weights.unserved + (weights.broken if visit.promised else 0))


def _went(visit: Visit, was: Planned, now: Planned, price: float) -> str:
    to = f"to {clock_text(now.start)}"
    if was.technician != now.technician:
        to = f"to {now.technician} at {clock_text(now.start)}"
    paid = f", at a price of {_number(price)}" if price else ""
    return f"{visit.id} goes from {was.technician} at {clock_text(was.start)} {to}{paid}."


def _back(
    day: Day, visit: Visit, was: Planned, back: Plan, *, how: How, harms: tuple[Harm, ...], bought: float
) -> str:
    """What would be if the visit were put back."""
    worse = _worse(harms)
    if how == "told":
        clause = f"Left with {was.technician} at {clock_text(was.start)}"
    elif how == "late":
        clause = (
            f"{was.technician} could come at {clock_text(back.start_of(visit.id) or 0)} at the earliest: so"
        )
    else:
        clause = f"{_why_not(day, visit, was)} Without the move"
    return f"{clause}{',' if how != 'late' else ''} {worse}the plan would {_dearer(bought)}."


def _why_not(day: Day, visit: Visit, was: Planned) -> str:
    tid = was.technician
    if not day.has_technician(tid):
        return f"{tid} does not work today."
    found = misfit(day.technician(tid), visit, day.technician(tid).parts)
    return f"{tid} has no time left for it." if found is None else found.sentence


def _worse(harms: tuple[Harm, ...]) -> str:
    told = [
        f"{one.visit} would be undone"
        if one.late_minutes is None
        else f"{one.visit} would start {one.late_minutes} min after its promise"
        for one in harms[:SHOWN]
    ]
    if len(harms) > SHOWN:
        told.append(f"{len(harms) - SHOWN} more would be worse off")
    return f"{', '.join(told)} and " if told else ""


def _dearer(bought: float) -> str:
    if bought == 0:
        return "cost the same"
    return f"cost {_number(bought)} more" if bought > 0 else f"cost {_number(-bought)} less"


def _next_best(second: Planned | None, price: float | None) -> str:
    if second is None or price is None:
        return "Nobody else could take it in time."
    return f"Next best is {second.technician} at {clock_text(second.start)}: the plan would {_dearer(price)}."


def _number(price: float) -> str:
    return f"{price:,.0f}".replace(",", " ") if price >= 10 else f"{price:.1f}".removesuffix(".0")
