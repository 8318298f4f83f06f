"""Who must set out next: each technician's next visit, and the last moment at which its window can be kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.customers.queries import get_customer
from dispatch.plans.problem import Problem, load_problem, today
from dispatch.plans.queries import assignments_of
from dispatch.plans.tables import Assignment
from dispatch.territories.tables import Territory
from dispatch.visits.states import VisitState
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class Leaving:
    """A technician who has not set out for their next visit. After `leave_by_at` its window is missed."""

    technician_id: str
    technician: str
    visit_id: str
    customer: str
    leave_by_at: dt.datetime
    window_end_at: dt.datetime


def leaving(work: Work, territory: Territory) -> list[Leaving]:
    """Everybody at work today with a visit still to set out for, who must leave soonest first.

    Whoever is on the way is not among them, nor whoever is too late already.
    """
    problem = load_problem(work, territory, today(work, territory), lock=False)
    placed = assignments_of(work.session, problem.visits)
    found = [
        Leaving(
            technician_id=technician_id,
            technician=problem.crew[technician_id].name,
            visit_id=visit_id,
            customer=get_customer(work.session, problem.visits[visit_id].customer_id).name,
            leave_by_at=leave_by_at,
            window_end_at=problem.promises[visit_id].end_at,
        )
        for technician_id, visit_id in _next_visits(problem)
        if (leave_by_at := _leave_by(problem, placed.get(visit_id))) and leave_by_at > work.now
    ]
    return sorted(found, key=lambda one: (one.leave_by_at, one.technician_id))


def _next_visits(problem: Problem) -> Iterator[tuple[str, str]]:
    """The first visit of each route, where somebody is there to go and is not on the way to it."""
    for technician_id, route in problem.routes.items():
        first = next((id for id in route if id in problem.visits), None)
        if first is None or problem.crew[technician_id].absent:
            continue
        if problem.visits[first].state is not VisitState.EN_ROUTE:
            yield technician_id, first


def _leave_by(problem: Problem, placed: Assignment | None) -> dt.datetime | None:
    """The end of the window less the planned drive."""
    if placed is None or placed.start_at is None or placed.busy_from_at is None:
        return None
    return problem.promises[placed.visit_id].end_at - (placed.start_at - placed.busy_from_at)
