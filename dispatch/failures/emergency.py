"""An emergency: who could come at once, who would pay for it, and doing it with that known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import optimizer
from dispatch.bookings.actions import request_of
from dispatch.customers.queries import customers_of
from dispatch.errors import StateConflict
from dispatch.events import EmergencyPutFirst
from dispatch.failures.actions import notice
from dispatch.failures.tables import FailureKind
from dispatch.local_time import local_day
from dispatch.plans.actions import take_out
from dispatch.plans.problem import Guest, Problem, load_problem, today
from dispatch.plans.publish import PlanRefused, publish
from dispatch.plans.standing import standing
from dispatch.plans.turns import take_visit
from dispatch.promises.actions import make_promise, settle_promise
from dispatch.promises.queries import current_promise
from dispatch.promises.states import Agreed, PromiseState
from dispatch.recoveries.making_good import make_good
from dispatch.territories.queries import get_territory
from dispatch.territories.tables import Territory
from dispatch.visits.actions import keep_note
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work

FIRST = 5  # above everything, also what failed before
TURNS = 4  # how many of a technician's next stops it may come before
MOST = 6
TOLD = dt.timedelta(hours=1)
QUARTER_SECONDS = 900
WENT_ON = "The day went on meanwhile, and this is no longer possible as it was shown. Please look again."


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose promise would break: by how many minutes, None where nobody would come any more."""

    visit_id: str
    customer: str
    window_text: str
    late_minutes: int | None


@dataclass(frozen=True, slots=True)
class Rush:
    """One way to come at once. `touched`: how many others would get a noticeably other time within their promise."""

    technician_id: str
    technician: str
    start_at: dt.datetime
    payers: tuple[Payer, ...]
    touched: int
    price: float


def ways_to_rush(work: Work, visit: Visit) -> list[Rush]:
    """The soonest first; whoever is later and pays no less is left out. Empty when nobody can come today.

    Raises StateConflict for a visit that is under way, over or broken.
    """
    _require_booked(visit)
    territory = get_territory(work.session, visit.territory_id)
    problem = load_problem(
        work,
        territory,
        today(work, territory),
        guests=[_guest(work, territory, visit)],
        without={visit.id},
        lock=False,
    )
    return _worth_telling(_ways(work, problem, visit.id))


def put_first(
    work: Work, visit_id: str, technician_id: str, payer_ids: Collection[str], *, reason: str
) -> Visit:
    """Move the visit to the soonest start with that technician for which nobody pays but `payer_ids`.

    Their promises break here and now, and are made good in the same breath. `reason` is kept as a note. Raises
    StateConflict when the day went on and it would take more than was agreed, or for a visit that is not booked.
    """
    visit = take_visit(work, visit_id)
    agreed = next(
        (
            one
            for one in ways_to_rush(work, visit)
            if one.technician_id == technician_id
            and {payer.visit_id for payer in one.payers} <= set(payer_ids)
        ),
        None,
    )
    if agreed is None:
        raise StateConflict(WENT_ON, current_state=visit.state.value)
    territory = get_territory(work.session, visit.territory_id)
    keep_note(work, visit, reason)
    for payer in agreed.payers:
        evidence = {"emergency": visit.reference}
        paying = take_visit(work, payer.visit_id)
        notice(
            work, paying, FailureKind.PLAN, noticed_by="dispatcher", certain_at=work.now, evidence=evidence
        )
    _promise_soonest(work, territory, visit, agreed.start_at)
    _publish_first(work, territory, visit, technician_id)
    work.record(EmergencyPutFirst(visit_id=visit.id, technician_id=technician_id, payers=len(agreed.payers)))
    work.session.flush()
    make_good(work, territory, today(work, territory))
    return visit


def _require_booked(visit: Visit) -> None:
    if visit.state is not VisitState.BOOKED:
        words = f"A visit that is {visit.state.replace('_', ' ')} cannot be put first."
        raise StateConflict(words, current_state=visit.state.value)


def _guest(work: Work, territory: Territory, visit: Visit) -> Guest:
    """The visit as somebody who may come at any time of today from a few minutes on."""
    request = request_of(work, visit)
    soonest = work.now + dt.timedelta(seconds=territory.policies.rescue_notice_seconds)
    end = soonest.astimezone(territory.zone).replace(hour=23, minute=45)
    return Guest(
        id=visit.id,
        place=request.place,
        duration_seconds=visit.duration_seconds,
        windows=((soonest, max(soonest, end.astimezone(dt.UTC))),),
        skills=visit.needed_skills,
        parts=visit.parts,
        priority=FIRST,
    )


def _ways(work: Work, problem: Problem, visit_id: str) -> Iterator[Rush]:
    names = customers_of(work.session, {one.customer_id for one in problem.visits.values()})
    for technician_id, found in _drops(problem, visit_id, problem.crew):
        payers = tuple(
            Payer(
                harm.visit,
                names[problem.visits[harm.visit].customer_id].name,
                problem.promises[harm.visit].local_text,
                harm.late_minutes,
            )
            for harm in found.harms
            if harm.visit in problem.visits
        )
        if len(payers) == len(
            found.harms
        ):  # a place that somebody is being asked about is not taken from them
            yield Rush(
                technician_id,
                problem.crew[technician_id].name,
                problem.at(found.start),
                payers,
                len(set(found.disturbed) - {harm.visit for harm in found.harms}),
                found.price,
            )


def _drops(
    problem: Problem, visit_id: str, technician_ids: Collection[str]
) -> Iterator[tuple[str, optimizer.Dropped]]:
    """The visit before each of the next stops of each technician, where no rule forbids it."""
    dragging = optimizer.Dragging(problem.day, standing(problem), visit_id)
    for technician_id in technician_ids:
        stops = sum(id != visit_id for id in problem.routes.get(technician_id, ()))
        for position in range(min(stops + 1, TURNS)):
            found = dragging.at(technician_id, position)
            if isinstance(found, optimizer.Dropped):
                yield technician_id, found


def _worth_telling(ways: Iterator[Rush]) -> list[Rush]:
    told: list[Rush] = []
    for one in sorted(ways, key=lambda way: (way.start_at, len(way.payers), way.price)):
        if all(len(one.payers) < len(sooner.payers) for sooner in told):
            told.append(one)
    return told[:MOST]


def _promise_soonest(work: Work, territory: Territory, visit: Visit, start_at: dt.datetime) -> None:
    """The old promise is moved, and the new one runs for an hour from the quarter before `start_at`."""
    old = current_promise(work.session, visit)
    take_out(work, territory, local_day(old.start_at, territory.zone), visit.id, cause="put first")
    settle_promise(work, visit, PromiseState.MOVED)
    begin = dt.datetime.fromtimestamp(start_at.timestamp() // QUARTER_SECONDS * QUARTER_SECONDS, dt.UTC)
    make_promise(
        work,
        visit,
        start_at=begin,
        end_at=begin + TOLD,
        zone=territory.zone,
        agreed_by=Agreed.OFFICE,
        agreed_how="reschedule, emergency",
        version=old.version + 1,
    )
    visit.priority, visit.at_risk_at = FIRST, None
    work.session.add(visit)
    work.session.flush()


def _publish_first(work: Work, territory: Territory, visit: Visit, technician_id: str) -> None:
    """The technician's route with the visit as soon as it can be; whoever pays has left it already."""
    problem = load_problem(work, territory, today(work, territory))
    found: Sequence[optimizer.Dropped] = sorted(
        (drop for _, drop in _drops(problem, visit.id, [technician_id]) if not drop.harms),
        key=lambda drop: drop.start,
    )
    try:
        if not found:
            raise PlanRefused("There is no room for it in the route.")
        publish(work, problem, found[0].plan, cause="put first", technicians={technician_id})
    except PlanRefused as refused:
        raise StateConflict(WENT_ON, current_state=visit.state.value) from refused
