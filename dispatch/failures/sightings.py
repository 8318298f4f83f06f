"""Every unstarted visit of a day as the routes and the clock show it now: plain values for the rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import optimizer
from dispatch.failures.rules import Sighting
from dispatch.plans.problem import Problem
from dispatch.visits.states import VisitState


def sightings(problem: Problem) -> list[Sighting]:
    """Every unstarted visit of the day as the routes and the clock show it."""
    routed: dict[str, Sighting] = {}
    for technician_id, route in problem.routes.items():
        absent = problem.crew[technician_id].absent
        starts = _starts(problem, technician_id, route)
        for position, (id, start) in enumerate(zip(route, starts, strict=True)):
            if id in problem.visits:
                expected = None if absent else problem.at(start)
                routed[id] = _sighting(problem, id, technician_id, expected, first=position == 0)
    left = [id for id in problem.visits if id not in routed]
    return [*routed.values(), *(_sighting(problem, id, None, None, first=False) for id in left)]


def _starts(problem: Problem, technician_id: str, route: Sequence[str]) -> list[int]:
    """When work would start if the technician simply went on: by the best legal schedule with its breaks,
    or, where the order has none any more, by going on regardless.
    """
    legal = optimizer.timetable(problem.day, technician_id, route)
    if isinstance(legal, optimizer.Blocked):
        return optimizer.project(problem.day, technician_id, route)
    return [stop.start for stop in legal.stops if stop.kind == "visit"]


def _sighting(
    problem: Problem, visit_id: str, technician_id: str | None, expected: dt.datetime | None, *, first: bool
) -> Sighting:
    visit, promise = problem.visits[visit_id], problem.promises[visit_id]
    en_route = visit.state is VisitState.EN_ROUTE
    return Sighting(
        visit_id=visit_id,
        technician_id=technician_id,
        expected_at=expected,
        window_end_at=promise.end_at,
        spread_seconds=visit.spread_seconds,
        en_route=en_route,
        first=first and not en_route,
        absent=technician_id is None or problem.crew[technician_id].absent,
    )
