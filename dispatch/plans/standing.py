"""A day's routes as they would go on from now: unchanged, or with some visits somewhere else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import optimizer
from dispatch.plans.problem import Problem

Spot = tuple[str, int]
"""With whom, and from which second of the day."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """Why orders cannot be: which technician, and what of them, as the end of a sentence."""

    technician_id: str
    reason: str


NOT_LIKE_THAT = {
    "no_skill": "lacks a skill that would be needed",
    "no_parts": "would run out of parts",
    "absent": "is not working",
    "overtime_limit": "would finish later than allowed",
    "no_break": "would get no break in time",
    "no_time": "could not be there in time",
}


def standing(problem: Problem) -> optimizer.Plan:
    """The published routes timed anew; whoever is in none that still holds is unserved."""
    routes = [route for route in _timed(problem, problem.routes) if isinstance(route, optimizer.Route)]
    return _plan(problem, [route for route in routes if route.stops])


def whole(problem: Problem) -> optimizer.Plan | None:
    """The published routes timed anew; None when they leave something out or no longer hold."""
    plan = standing(problem)
    return None if plan.unserved else plan


def why_not(problem: Problem, plan: optimizer.Plan) -> str | None:
    """Why the current plan stands; None when `plan` serves more or costs less."""
    current = whole(problem)
    if current is None:
        return None
    better = optimizer.check(problem.day, plan).cost < optimizer.check(problem.day, current).cost - 0.01
    return None if better else "no better"


def rearranged(problem: Problem, wanted: Mapping[str, Spot]) -> dict[str, tuple[str, ...]]:
    """Technician id to order with everything `wanted` at its spot and all else where it is now.

    Whoever a technician is on the way to stays theirs, and first.
    """
    now = {
        id: (technician_id, _start_of(problem, id))
        for technician_id, order in problem.routes.items()
        for id in order
    }
    locked = {id for id in now if problem.day.visit(id).locked}
    free = {id: spot for id, spot in wanted.items() if problem.day.has_visit(id) and id not in locked}
    spots = {**now, **free}
    orders: dict[str, list[str]] = {id: [] for id in problem.routes}
    for id, (technician_id, _) in sorted(
        spots.items(), key=lambda one: (one[0] not in locked, one[1][1], one[0])
    ):
        orders.setdefault(technician_id, []).append(id)
    return {technician_id: tuple(order) for technician_id, order in orders.items()}


def timed(
    problem: Problem, orders: Mapping[str, Collection[str]], *, left_out: Collection[optimizer.Unserved] = ()
) -> optimizer.Plan | Stuck:
    """These orders as a plan; who is stuck, and why, when one of them cannot be."""
    unknown = [id for id, order in orders.items() if order and id not in problem.crew]
    if unknown:
        return Stuck(unknown[0], "is not working")
    routes = []
    for route in _timed(problem, orders):
        if isinstance(route, optimizer.Blocked):
            reason = NOT_LIKE_THAT.get(route.code, "could not do it in that order")
            return Stuck(route.technician, reason)
        if route.stops:
            routes.append(route)
    return optimizer.Plan(problem.day.name, tuple(routes), tuple(left_out))


def without_gone(problem: Problem, plan: optimizer.Plan) -> optimizer.Plan:
    """The plan to the minute, less what the day no longer has: done, called off, or only kept."""
    routes = []
    for route in plan.routes:
        stops = tuple(stop for stop in route.stops if stop.kind == "break" or problem.day.has_visit(stop.id))
        if any(stop.kind == "visit" for stop in stops):
            routes.append(optimizer.Route(route.technician, stops, route.finish))
    left = tuple(one for one in plan.unserved if problem.day.has_visit(one.visit))
    return optimizer.Plan(problem.day.name, tuple(routes), left)


def spots_of(plan: optimizer.Plan) -> dict[str, Spot]:
    """Where a plan has each visit and hold."""
    return {
        stop.id: (route.technician, stop.start)
        for route in plan.routes
        for stop in route.stops
        if stop.kind == "visit"
    }


def _timed(
    problem: Problem, orders: Mapping[str, Collection[str]]
) -> list[optimizer.Route | optimizer.Blocked]:
    return [
        optimizer.timetable(problem.day, technician_id, tuple(order))
        for technician_id, order in orders.items()
        if technician_id in problem.crew
    ]


def _plan(problem: Problem, routes: list[optimizer.Route]) -> optimizer.Plan:
    placed = {id for route in routes for id in route.visit_ids}
    unserved = tuple(
        optimizer.Unserved(visit.id, "no_time", "It stands in no route that still holds.")
        for visit in problem.day.visits
        if visit.id not in placed
    )
    return optimizer.Plan(problem.day.name, tuple(routes), unserved)


def _start_of(problem: Problem, id: str) -> int:
    planned = problem.day.visit(id).planned
    return planned.start if planned else problem.day.visit(id).windows[0][0]
