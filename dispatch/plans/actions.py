"""Putting one piece of work into a published day, and taking one out: milliseconds, inside a Work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

import optimizer
from dispatch.holds.tables import Hold
from dispatch.plans.problem import Problem, load_problem, today
from dispatch.plans.publish import PlanRefused, publish
from dispatch.plans.queries import find_assignment, lock_day
from dispatch.territories.tables import Territory
from dispatch.work import Work


def best_place(
    problem: Problem, stop_id: str, windows: Collection[tuple[dt.datetime, dt.datetime]] | None = None
) -> optimizer.Place | None:
    """The cheapest place for a visit or guest of `problem` that breaks no promise; None when there is none."""
    visit = problem.day.visit(stop_id)
    spans = [(problem.second(a), problem.second(b)) for a, b in windows] if windows else list(visit.windows)
    found = optimizer.places(problem.day, problem.routes, visit, spans)
    return found[0] if found else None


def insert(
    work: Work,
    problem: Problem,
    stop_id: str,
    place: optimizer.Place,
    *,
    cause: str,
    new_holds: Mapping[str, Hold] | None = None,
) -> None:
    """Publish the day with `stop_id` at `place`. Raises PlanRefused when the checker disagrees, StalePlan."""
    order = [id for id in problem.routes[place.technician] if id != stop_id]
    order.insert(place.position, stop_id)
    route = optimizer.timetable(problem.day, place.technician, order)
    if isinstance(route, optimizer.Blocked):
        raise PlanRefused(f"The place found does not hold: {route.sentence}")
    plan = optimizer.Plan(problem.day.name, (route,))
    publish(work, problem, plan, cause=cause, technicians={place.technician}, new_holds=new_holds)


def take_out(work: Work, territory: Territory, date: dt.date, visit_id: str, *, cause: str) -> None:
    """Publish the day without `visit_id`, also where it has failed there already; nothing is published when it had
    no place there, and of a day that is over. A route that was impossible before stays as it was, less this visit:
    the watch looks after it."""
    row = find_assignment(work.session, visit_id)
    if row is None or row.day != date:
        return
    row.active = False
    work.session.add(row)
    work.session.flush()
    if date < today(work, territory):
        return
    problem = load_problem(work, territory, date, without={visit_id})
    order = problem.routes.get(row.technician_id or "")
    route = None if order is None else optimizer.timetable(problem.day, row.technician_id or "", order)
    routes = (route,) if isinstance(route, optimizer.Route) else ()
    plan = optimizer.Plan(problem.day.name, tuple(one for one in routes if one.stops))
    touched = {one.technician for one in routes}
    publish(work, problem, plan, cause=cause, technicians=touched, gone={visit_id})


def ask_for_plan(work: Work, territory: Territory, date: dt.date, *, after_seconds: int) -> None:
    """The day has changed enough to be searched again, once it was quiet for `after_seconds`."""
    plan_day = lock_day(work.session, territory.id, date)
    plan_day.replan_at = work.now + dt.timedelta(seconds=after_seconds)
    work.session.add(plan_day)
    work.session.flush()
