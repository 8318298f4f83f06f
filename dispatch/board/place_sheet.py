"""A visit held over a place, as a dispatcher hears it: what it costs, or which rule forbids it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import optimizer
from dispatch.customers.queries import customers_of, get_customer
from dispatch.local_time import say_time
from dispatch.plans.by_hand import Drawn, Trial
from dispatch.plans.diff import say
from dispatch.plans.problem import Problem
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class Turns:
    """What a technician still has to do that day, in order: the visits, each with whom it is for and from when."""

    technician_id: str
    technician: str
    stops: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PlaceSheet:
    """`worse` names whose promise would break, or break by more; `start_at` and `price` are None where it cannot be.

    `price` is in the optimizer's unit: a minute of driving is 1.
    """

    is_allowed: bool
    says: str
    start_at: dt.datetime | None
    price: float | None
    disturbed: int
    worse: tuple[str, ...]


def turns(work: Work, drawn: Drawn) -> list[Turns]:
    """For somebody who moves a visit without a mouse."""
    problem, zone = drawn.problem, drawn.problem.territory.zone
    customers = customers_of(work.session, {visit.customer_id for visit in problem.visits.values()})
    stops: dict[str, list[tuple[str, str]]] = {id: [] for id in problem.crew}
    for route in drawn.plan.routes:
        for stop in route.stops:
            if stop.id in problem.visits:
                name = customers[problem.visits[stop.id].customer_id].name
                at = say_time(problem.at(stop.start), zone)
                stops[route.technician].append((stop.id, f"{at} {name}"))
    return [Turns(id, member.name, tuple(stops[id])) for id, member in problem.crew.items()]


def place_sheet(work: Work, trial: Trial) -> PlaceSheet:
    found = trial.found
    if isinstance(found, optimizer.Blocked) or trial.changes is None:
        says = found.sentence if isinstance(found, optimizer.Blocked) else ""
        return PlaceSheet(False, says, None, None, 0, ())
    problem, sums = trial.problem, trial.changes.sums
    start_at = problem.at(found.start)
    says = f"Starts at {say_time(start_at, problem.territory.zone)}. {say(sums)[:1].upper()}{say(sums)[1:]}"
    worse = tuple(_harmed(work, problem, harm) for harm in found.harms)
    return PlaceSheet(True, says, start_at, found.price, sums.disturbed, worse)


def _harmed(work: Work, problem: Problem, harm: optimizer.Harm) -> str:
    visit = problem.visits.get(harm.visit)
    name = get_customer(work.session, visit.customer_id).name if visit else "Somebody who is being asked"
    if harm.late_minutes is None:
        return f"{name} would be left without a technician."
    return f"The promise to {name} would break: {harm.late_minutes} minutes late."
