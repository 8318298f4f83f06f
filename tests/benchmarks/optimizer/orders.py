"""A peer's answer, visits in order per technician, as a plan of ours: one timetable and one price for all.

Where an order has no legal timetable (a break the peer did not know, say), visits are dropped from it one by
one until it has; they are counted, and priced as unserved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from optimizer import Blocked, Day, Plan, Route, Technician, Unserved, Visit, timetable


@dataclass(frozen=True, slots=True)
class Made:
    """`dropped`: what the peer served and no legal timetable of its orders could."""

    plan: Plan
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """A technician as a peer may use him: free at `at` in `location`, breaks not in `owed` taken before."""

    technician: Technician
    at: int
    location: int
    owed: tuple[str, ...]
    parts: Mapping[str, int]

    @property
    def pause(self) -> int:
        return sum(rest.duration for rest in self.technician.breaks if rest.id in self.owed)


def plan_of(day: Day, orders: Mapping[str, Sequence[str]]) -> Made:
    """The legal plan nearest to `orders`, which name no locked visits: those stand first by themselves."""
    routes: list[Route] = []
    dropped: list[str] = []
    locked = _locked(day)
    for one in day.technicians:
        first = [locked[one.id].id] if one.id in locked else []
        route, left = _legal(day, one.id, [*first, *orders.get(one.id, ())])
        dropped += left
        if route is not None and route.stops:
            routes.append(route)
    served = {stop.id for route in routes for stop in route.stops}
    rest = [visit for visit in day.visits if visit.id not in served]
    unserved = tuple(Unserved(visit.id, "no_time", "No place was found for it.") for visit in rest)
    return Made(Plan(day.name, tuple(routes), unserved), tuple(dropped))


def starts(day: Day) -> list[Start]:
    """Everybody a peer may plan for. A locked visit is done with: it stands first whatever the peer says."""
    locked = _locked(day)
    found = (_start(day, one, locked.get(one.id)) for one in day.technicians if not one.absent)
    return [one for one in found if one is not None]


def open_visits(day: Day, crew: Sequence[Start]) -> list[Visit]:
    """What is left for a peer to place, and can be: a visit that nobody may take only confuses it."""
    return [
        visit for visit in day.visits if not visit.locked and any(may(one.technician, visit) for one in crew)
    ]


def may(technician: Technician, visit: Visit) -> bool:
    """Whether person, skills and the van as it is loaded now allow it."""
    return (
        technician.id not in visit.exclude
        and visit.technician in (None, technician.id)
        and all(technician.skills.get(name, 0) >= level for name, level in visit.skills.items())
        and all(technician.parts.get(name, 0) >= quantity for name, quantity in visit.parts.items())
    )


def leaving_price(day: Day, visit: Visit) -> float:
    """What it costs to leave the visit undone."""
    return visit.priority * (day.weights.unserved + (day.weights.broken if visit.promised else 0))


def _locked(day: Day) -> dict[str, Visit]:
    """Who is on the way to which visit."""
    on_the_way = (visit for visit in day.visits if visit.locked)
    return {visit.planned.technician: visit for visit in on_the_way if visit.planned is not None}


def _start(day: Day, technician: Technician, locked: Visit | None) -> Start | None:
    begins = max(technician.ready_at, day.now, technician.shift[0])
    if begins > technician.overtime_until or any(begins > rest.window[1] for rest in technician.breaks):
        return None
    owed = tuple(rest.id for rest in technician.breaks)
    if locked is None:
        return Start(technician, begins, technician.ready_location, owed, technician.parts)
    route = timetable(day, technician.id, (locked.id,))
    if isinstance(route, Blocked):
        return None
    done = next(index for index, stop in enumerate(route.stops) if stop.id == locked.id)
    taken = {stop.id for stop in route.stops[:done]}
    parts = {name: have - locked.parts.get(name, 0) for name, have in technician.parts.items()}
    owed = tuple(one for one in owed if one not in taken)
    return Start(technician, route.stops[done].end, locked.location, owed, parts)


def _legal(day: Day, technician_id: str, ids: list[str]) -> tuple[Route | None, list[str]]:
    """The timetable of what is left of `ids`, and what is not."""
    dropped: list[str] = []
    while ids:
        route = timetable(day, technician_id, ids)
        if isinstance(route, Route):
            return route, dropped
        gone = _one_too_many(day, technician_id, ids, route)
        ids = [one for one in ids if one != gone]
        dropped.append(gone)
    return None, dropped


def _one_too_many(day: Day, technician_id: str, ids: Sequence[str], why: Blocked) -> str:
    """The cheapest visit whose absence makes `ids` legal; else the one that is in the way, or the last."""
    free = [one for one in ids if not day.visit(one).locked] or list(ids)
    enough = [one for one in free if not _blocked(day, technician_id, (it for it in ids if it != one))]
    if enough:
        return min(enough, key=lambda one: leaving_price(day, day.visit(one)))
    return why.visit if why.visit in free and why.visit is not None else free[-1]


def _blocked(day: Day, technician_id: str, ids: Iterable[str]) -> bool:
    return isinstance(timetable(day, technician_id, tuple(ids)), Blocked)
