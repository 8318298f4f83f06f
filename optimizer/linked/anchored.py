"""A plan's day as one technician's order sees it: what hangs on other routes stands still.

Visits that are served and linked (linked/), and every second pair of hands, become frozen where the plan
has them. Then an order can be asked about by itself, and no answer shifts what another route waits for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from optimizer.day import Day, Planned, Technician, Visit
from optimizer.linked import is_linked
from optimizer.plan import Plan, Stop


@dataclass(frozen=True, slots=True)
class Anchored:
    """`orders`: technician id to visits in order, hands included, for all technicians.

    `hands`: for every id that stands for a second pair of hands, the visit they help at. Nothing but the
    frozen start of such visits keeps the links of `day`'s visits: none has any.
    """

    day: Day
    orders: Mapping[str, tuple[str, ...]]
    hands: Mapping[str, str]


def anchored(day: Day, plan: Plan, *, without: str | None = None) -> Anchored:
    """The day with the links of `plan` frozen; the visit `without` is taken out of the orders, its hands too."""
    hands: dict[str, str] = {}
    helpers: list[Visit] = []
    orders: dict[str, tuple[str, ...]] = {one.id: () for one in day.technicians}
    for route in plan.routes:
        ids: list[str] = []
        for stop in route.stops:
            if stop.kind == "break" or stop.id == without:
                continue
            if stop.kind == "assist":
                helper = _helper(day, day.visit(stop.id), route.technician, stop)
                hands[helper.id] = stop.id
                helpers.append(helper)
                ids.append(helper.id)
            else:
                ids.append(stop.id)
        orders[route.technician] = tuple(ids)
    if not helpers and not any(map(is_linked, day.visits)):
        return Anchored(day, orders, hands)
    tied = _tied(day, plan, without)
    visits = tuple(_anchor(visit, plan) if visit.id in tied else unlinked(visit) for visit in day.visits)
    return Anchored(replace(day, visits=(*visits, *helpers)), orders, hands)


def unlinked(visit: Visit) -> Visit:
    """The visit as if no other route mattered to it."""
    return replace(visit, assistant=None, after=()) if is_linked(visit) else visit


def helping_hands(day: Day, visit: Visit, technician: Technician) -> Visit | None:
    """What that technician would do as the second person at `visit`; None where they cannot be it."""
    wants = visit.assistant or {}
    if technician.absent or technician.id in visit.exclude:
        return None
    if any(technician.skills.get(name, 0) < level for name, level in wants.items()):
        return None
    return Visit(
        id=_free_id(day, f"{visit.id} helped by {technician.id}"),
        location=visit.location,
        duration=visit.duration,
        state="new",
        windows=(*visit.windows, *visit.may_move),
        technician=technician.id,
    )


def followers(day: Day, visit_id: str) -> Iterator[Visit]:
    """The visits that come after that one."""
    return (visit for visit in day.visits if visit_id in visit.after)


def _tied(day: Day, plan: Plan, without: str | None) -> frozenset[str]:
    """The served visits that another served one, or a second technician, depends on."""
    served = {visit.id for visit in day.visits if plan.start_of(visit.id) is not None}
    linked = [visit for visit in day.visits if visit.id in served and is_linked(visit)]
    found = {visit.id for visit in linked}.union(*(visit.after for visit in linked))
    return frozenset(found & served - {without})


def _anchor(visit: Visit, plan: Plan) -> Visit:
    start, taker = plan.start_of(visit.id), plan.technician_of(visit.id)
    if visit.locked or start is None or taker is None:
        return visit  # a locked one stands still anyhow: first, and as early as can be
    return replace(unlinked(visit), frozen=True, planned=Planned(taker, start))


def _helper(day: Day, visit: Visit, technician_id: str, stop: Stop) -> Visit:
    return Visit(
        id=_free_id(day, f"{visit.id} helped by {technician_id}"),
        location=visit.location,
        duration=visit.duration,
        state="new",
        windows=((stop.start, stop.start),),
        technician=technician_id,
    )


def _free_id(day: Day, name: str) -> str:
    while day.has_visit(name):
        name += "'"
    return name
