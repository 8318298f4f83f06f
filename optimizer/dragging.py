"""One visit picked up and held over one place after another: what it costs there, or which rule forbids it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from optimizer.check import Verdict, check
from optimizer.day import Day, Visit
from optimizer.fits import Blocked
from optimizer.limits import disturbed_in, moved_in
from optimizer.linked import is_linked
from optimizer.linked.anchored import Anchored, anchored, followers, unlinked
from optimizer.linked.rules import in_sequence, why_not_in_sequence
from optimizer.moves import Harm, harms_of, with_routes
from optimizer.plan import Plan, Route
from optimizer.timetable import timetable
from optimizer.trials import with_visit


@dataclass(frozen=True, slots=True)
class Dropped:
    """The plan with the visit at that place, started at `start`; everybody else stays in order.

    `price`: by how much the plan gets dearer, the price of leaving the visit undone left out. `harms`: who
    would be later after their promise than now. `moved`, `disturbed`: the promises newly so (docs/optimizer.md).
    `overtime_minutes`: how many more are worked after a shift.
    """

    plan: Plan
    start: int
    price: float
    harms: tuple[Harm, ...]
    moved: tuple[str, ...]
    disturbed: tuple[str, ...]
    overtime_minutes: float


class Dragging:
    """A visit of `plan`, served or not. Raises KeyError for an unknown visit."""

    def __init__(self, day: Day, plan: Plan, visit_id: str) -> None:
        self.day, self.plan, self.visit = day, plan, day.visit(visit_id)
        self._before: Verdict = check(day, plan)
        self._told = moved_in(day, plan), disturbed_in(day, plan)
        self._seen, lone = self._alone()
        self._free = None if lone is None else with_visit(self._seen.day, lone)

    def at(self, technician_id: str, position: int) -> Dropped | Blocked:
        """Put before what is now at `position` of the technician's stops, breaks and the visit itself not counted.

        A promise may break, at its price; a hard rule may not, nor a cap of the day. A visit that hangs on
        others starts when they let it; one that takes two keeps its second person and its second. Raises KeyError
        for an unknown technician, ValueError for a position that the order does not have.
        """
        technician, order = self.day.technician(technician_id), self._order(technician_id)
        if not 0 <= position <= len(order):
            raise ValueError(f"position {position}: the order of {technician_id} has 0 to {len(order)}")
        if self._free is None:
            return why_not_in_sequence(self.day, self.plan, self.visit, technician)
        changed = {technician_id: (*order[:position], self.visit.id, *order[position:])}
        home = self.plan.technician_of(self.visit.id)
        if home not in (None, technician_id):
            changed[home] = self._order(home)
        routes: dict[str, Route] = {}
        for tid, ids in changed.items():
            found = timetable(self._free, tid, ids)
            if isinstance(found, Blocked):
                return found
            routes[tid] = found
        return self._judged(with_routes(self.day, self.plan, self._seen, routes), technician_id)

    def _alone(self) -> tuple[Anchored, Visit | None]:
        """The day as one technician's order sees it, and the visit as far as the rest of the plan lets it."""
        day, plan, visit = self.day, self.plan, self.visit
        start = plan.start_of(visit.id)
        if visit.assistant is not None and start is not None:
            pinned = replace(
                unlinked(visit), windows=((start, start),), may_move=(), state="new", frozen=False
            )
            return anchored(day, plan), replace(pinned, planned=None)
        seen = anchored(day, plan, without=visit.id)
        tied = is_linked(visit) or any(followers(day, visit.id))
        return seen, in_sequence(day, plan, visit) if tied else visit

    def _order(self, technician_id: str) -> tuple[str, ...]:
        return tuple(one for one in self._seen.orders[technician_id] if one != self.visit.id)

    def _judged(self, after: Plan, technician_id: str) -> Dropped | Blocked:
        day, before, verdict = self.day, self._before, check(self.day, after)
        new = [one for one in verdict.errors if one not in before.errors]
        if new:
            return Blocked("limit", technician_id, self.visit.id, new[0])
        was_left = self.plan.start_of(self.visit.id) is None
        saved = self.visit.priority * day.weights.unserved if was_left else 0.0
        if was_left and self.visit.promised:
            saved += self.visit.priority * day.weights.broken
        return Dropped(
            plan=after,
            start=after.start_of(self.visit.id) or 0,
            price=round(verdict.cost - before.cost + saved, 2),
            harms=tuple(harms_of(day, self.plan, after)),
            moved=_new(self._told[0], moved_in(day, after)),
            disturbed=_new(self._told[1], disturbed_in(day, after)),
            overtime_minutes=round(verdict.overtime_minutes - before.overtime_minutes, 2),
        )


def _new(before: list[Visit], after: list[Visit]) -> tuple[str, ...]:
    known = {visit.id for visit in before}
    return tuple(visit.id for visit in after if visit.id not in known)
