"""Taking back what a search changed last, or a repair: by a new version, never by an old one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import optimizer
from dispatch.errors import StateConflict
from dispatch.plans.diff import Diff, diff
from dispatch.plans.problem import HELD, Problem, load_problem
from dispatch.plans.publish import PlanRefused, is_legal, publish
from dispatch.plans.queries import get_version, last_of_causes, lock_day
from dispatch.plans.standing import Spot, Stuck, rearranged, spots_of, standing, timed, without_gone
from dispatch.plans.tables import Plan
from dispatch.territories.tables import Territory
from dispatch.travel.port import TravelError
from dispatch.visits.queries import get_visit
from dispatch.visits.references import spoken
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class Undoable:
    """Changes that are taken back for themselves: a repair in the morning does not keep the planner's day of last
    night. `undone` is the cause of the version that takes one back."""

    name: str
    causes: tuple[str, ...]
    undone: str

    @property
    def history(self) -> tuple[str, ...]:
        """The causes of every version that did such a change or took it back."""
        return (*self.causes, self.undone)


SEARCH = Undoable("search", ("planning", "proposal"), undone="undo")
REPAIR = Undoable("repair", ("repair",), undone="repair undone")


def undo_last(work: Work, territory: Territory, day: dt.date, change: Undoable = SEARCH) -> Plan:
    """Publish a version in which whatever the last such change moved, and has not begun, is back where it was.

    Who is on the way, at the door or done stays; so does all that was
    booked since. Raises StateConflict when there is nothing to undo, when something newer builds upon
    it, or when going back would break a promise or a rule.
    """
    lock_day(work.session, territory.id, day)
    problem, plan, touched = _way_back(work, territory, day, change, lock=True)
    try:
        return publish(work, problem, plan, cause=change.undone, technicians=touched)
    except PlanRefused as refused:
        raise StateConflict("It cannot be undone: the former routes would break a rule now.") from refused


def why_not_undone(work: Work, territory: Territory, day: dt.date, change: Undoable) -> str:
    """Why `undo_last` would refuse as things stand, for whoever is about to press it; empty where nothing is known."""
    try:
        _way_back(work, territory, day, change, lock=False)
    except StateConflict as refused:
        return refused.message
    except TravelError:
        pass  # nobody can say now how long the drives would be
    return ""


def _way_back(
    work: Work, territory: Territory, day: dt.date, change: Undoable, *, lock: bool
) -> tuple[Problem, optimizer.Plan, set[str]]:
    """The day, the routes that would be published, and whose they are. Raises StateConflict."""
    last = require_undoable(work, territory, day, change)
    problem = load_problem(work, territory, day, lock=lock)
    before = get_version(work.session, territory.id, day, last.version - 1)
    former = without_gone(problem, optimizer.read_plan(before.body))
    plan, touched = _restored(work, problem, former, optimizer.read_plan(last.body))
    _require_no_harm(work, problem, _with_others(problem, plan, touched))
    return problem, plan, touched


def require_undoable(work: Work, territory: Territory, day: dt.date, change: Undoable) -> Plan:
    """The version that can be undone. Raises StateConflict when there is none."""
    last = last_of_causes(work.session, territory.id, day, change.history)
    if last is None:
        raise StateConflict(f"There is nothing to undo: no {change.name} has changed this day.")
    if last.cause == change.undone:
        raise StateConflict(f"The last change by a {change.name} is undone already.")
    if last.version == 1:
        raise StateConflict("It cannot be undone: there was no plan before it.")
    return last


def _restored(
    work: Work, problem: Problem, former: optimizer.Plan, then: optimizer.Plan
) -> tuple[optimizer.Plan, set[str]]:
    """The routes with what was moved back where it was, and whose they are: to the minute if that still holds.

    Where it does not, only what somebody else has, or in another order, is moved back and timed from now.
    """
    spots = spots_of(former), spots_of(then)
    _require_newest(work, problem, *spots)
    wanted = _to_restore(problem, *spots)
    orders = rearranged(problem, wanted)
    reordered = {id for id, order in orders.items() if order != problem.routes.get(id, ())}
    touched = reordered | {technician_id for technician_id, _ in wanted.values()}
    plan = _as_it_was(problem, former, orders, touched)
    if plan is not None and touched:
        return plan, touched
    if not reordered:
        raise StateConflict("There is nothing left to undo: what it moved has begun, or is back already.")
    again = timed(problem, {id: orders[id] for id in reordered})
    if isinstance(again, Stuck):
        member = problem.crew.get(again.technician_id)
        words = f"{member.name if member else 'Somebody who is gone'} {again.reason}."
        raise StateConflict(f"It cannot be undone any more: the day went on. {words}")
    return again, reordered


def _as_it_was(
    problem: Problem, former: optimizer.Plan, orders: Mapping[str, tuple[str, ...]], touched: set[str]
) -> optimizer.Plan | None:
    """The former routes to the minute; None when somebody came or left since, or the clock went on too far."""
    routes = tuple(route for route in former.routes if route.technician in touched)
    if {id: order for id, order in orders.items() if id in touched and order} != {
        route.technician: route.visit_ids for route in routes
    }:
        return None
    plan = optimizer.Plan(problem.day.name, routes)
    return plan if is_legal(problem, plan, touched) else None


def _to_restore(problem: Problem, former: Mapping[str, Spot], then: Mapping[str, Spot]) -> dict[str, Spot]:
    """The former spots of all that stands with whom the search gave it to, or that it left with nobody."""
    now = _takers(problem)
    changed = {id: spot for id, spot in former.items() if then.get(id) != spot}
    return {
        id: spot
        for id, spot in changed.items()
        if now.get(id) == then.get(id, (None, 0))[0] and not problem.day.visit(id).locked
    }


def _takers(problem: Problem) -> dict[str, str]:
    """With whom everything stands that is still to do."""
    return {id: technician_id for technician_id, order in problem.routes.items() for id in order}


def _require_newest(
    work: Work, problem: Problem, former: Mapping[str, Spot], then: Mapping[str, Spot]
) -> None:
    """Refuse when somebody whom the search moved was moved again, or would be left with nobody."""
    now = _takers(problem)
    for id, (technician_id, _) in then.items():
        if id not in now or problem.day.visit(id).locked:
            continue
        if id not in former:
            if not id.startswith(HELD):
                words = f"{_who(work, id)} had no technician before. Undoing would leave them without one."
                raise StateConflict(f"It cannot be undone: {words}")
        elif former[id][0] != technician_id and now[id] not in (technician_id, former[id][0]):
            words = f"A newer change builds upon it: {_who(work, id)} went to somebody else since."
            raise StateConflict(f"It cannot be undone. {words}")


def _with_others(problem: Problem, plan: optimizer.Plan, touched: set[str]) -> optimizer.Plan:
    """The whole day: the touched routes as they would be, the others as they stand."""
    others = [route for route in standing(problem).routes if route.technician not in touched]
    routes = (*plan.routes, *others)
    placed = {id for route in routes for id in route.visit_ids}
    left = tuple(
        optimizer.Unserved(visit.id, "no_time", "It stands in no route.")
        for visit in problem.day.visits
        if visit.id not in placed
    )
    return optimizer.Plan(problem.day.name, routes, left)


def _require_no_harm(work: Work, problem: Problem, plan: optimizer.Plan) -> None:
    found: Diff = diff(problem.day, standing(problem), plan)
    broken = [_who(work, line.visit_id) for line in found.lines if line.kept_now and not line.kept_then]
    if broken:
        raise StateConflict(f"It cannot be undone: the promise to {', '.join(broken)} would break.")


def _who(work: Work, id: str) -> str:
    if id.startswith(HELD):
        return "somebody who is being asked"
    return spoken(get_visit(work.session, id).reference)
