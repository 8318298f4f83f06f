"""A technician's day, in order: what is done, what is next, what is held, and until when to leave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlmodel import col, or_, select

from dispatch.board.card import Card, card_of, cards_of
from dispatch.board.seen import for_technician
from dispatch.failures.tables import Failure, FailureKind
from dispatch.local_time import say_time
from dispatch.plans.problem import Problem, load_problem, today
from dispatch.plans.queries import assignments_of
from dispatch.technicians.queries import open_prompts
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_territory
from dispatch.visits.queries import get_visit, list_notes
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the day. `held` means that a customer is being asked about it and may still decline.

    `leave_at` is when the plan sends the technician off, `leave_by_at` the last moment at which the promise can be kept
    (for the next stop from where they are now). `parts` come out of the van, `notes` must be known at the door.
    """

    kind: str
    card: Card | None
    start_at: dt.datetime | None
    end_at: dt.datetime | None
    leave_by_at: dt.datetime | None
    steps: tuple[str, ...]
    text: str = ""
    leave_at: dt.datetime | None = None
    parts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is a visit with something still to do."""
        return self.card is not None and bool(self.steps)


@dataclass(frozen=True, slots=True)
class DaySheet:
    technician_id: str
    name: str
    day: dt.date
    time_zone: str
    now: dt.datetime
    absent: bool
    prompted: bool
    stops: tuple[Stop, ...]


STEPS: dict[VisitState, tuple[str, ...]] = {
    VisitState.BOOKED: ("leave",),
    VisitState.EN_ROUTE: ("arrive",),
    VisitState.ON_SITE: ("finish", "nobody_home", "cannot_finish"),
}


def day_sheet(work: Work, technician: Technician) -> DaySheet:
    """The technician's today: past stops first, then what is to do as the current plan has it."""
    territory = get_territory(work.session, technician.territory_id)
    problem = load_problem(work, territory, today(work, territory), lock=False)
    member = problem.crew.get(technician.id)
    prompts = open_prompts(work.session, [technician.id], problem.midnight)
    stops = [
        *_unsaid(work, technician),
        *_past(work, technician, problem),
        *_to_come(work, technician, problem),
    ]
    return DaySheet(
        technician_id=technician.id,
        name=technician.name,
        day=problem.date,
        time_zone=territory.time_zone,
        now=work.now,
        absent=member is None or (member.absent and technician.silent_since_at is None),
        prompted=bool(prompts),
        stops=tuple(_seen(work, technician, stop, problem) for stop in stops),
    )


def _seen(work: Work, technician: Technician, stop: Stop, problem: Problem) -> Stop:
    """With what the technician needs at the door, and without what they need not know."""
    if stop.card is None:
        return stop
    card = for_technician(work, technician.id, stop.card)
    if not stop.steps:
        return replace(stop, card=card)
    visit = problem.visits.get(card.visit_id) or get_visit(work.session, card.visit_id)
    notes = tuple(note.text for note in list_notes(work.session, visit.id))
    return replace(stop, card=card, parts=visit.parts, notes=notes)


def _unsaid(work: Work, technician: Technician) -> list[Stop]:
    """Where this technician was on a day that is over and never said how it went: they still can."""
    query = (
        select(Visit.id)
        .join(Failure, col(Failure.visit_id) == col(Visit.id))
        .where(
            Failure.technician_id == technician.id,
            Failure.kind == FailureKind.NO_WORD,
            Failure.promise_version == Visit.promise_version,
            Visit.state == VisitState.FAILED,
        )
        .order_by(col(Failure.certain_at), col(Visit.id))
    )
    return [
        Stop("visit", card_of(work, id), None, None, None, ("finish",)) for id in work.session.exec(query)
    ]


def _past(work: Work, technician: Technician, problem: Problem) -> list[Stop]:
    """What this technician did or is at now, in the order of arrival."""
    end = problem.midnight + dt.timedelta(days=1)
    query = (
        select(Visit)
        .where(
            Visit.technician_id == technician.id,
            col(Visit.arrived_at) >= problem.midnight,
            col(Visit.arrived_at) < end,
            or_(Visit.state == VisitState.DONE, Visit.state == VisitState.ON_SITE),
        )
        .order_by(col(Visit.arrived_at))
    )
    visits = work.session.exec(query).all()
    return [
        Stop("visit", card, visit.arrived_at, visit.done_at, None, STEPS.get(visit.state, ()))
        for visit, card in zip(visits, cards_of(work, [one.id for one in visits]), strict=True)
    ]


def _to_come(work: Work, technician: Technician, problem: Problem) -> list[Stop]:
    last_moments = _last_moments(problem, technician.id)
    route = problem.routes.get(technician.id, ())
    cards = {card.visit_id: card for card in cards_of(work, [id for id in route if id in problem.visits])}
    places, stops = assignments_of(work.session, cards), []
    for id in route:
        if id in problem.visits:
            placed = places.get(id)
            stops.append(
                Stop(
                    "visit",
                    cards[id],
                    placed.start_at if placed else None,
                    placed.end_at if placed else None,
                    last_moments.get(id),
                    STEPS.get(problem.visits[id].state, ()),
                    leave_at=placed.busy_from_at if placed else None,
                )
            )
        elif id in problem.holds:
            hold = problem.holds[id]
            end_at = (hold.planned_start_at or hold.start_at) + dt.timedelta(seconds=hold.duration_seconds)
            text = (
                f"Kept for a customer who is being asked, {say_time(hold.start_at, problem.territory.zone)}"
            )
            stops.append(Stop("held", None, hold.planned_start_at, end_at, None, (), text))
    return stops


def _last_moments(problem: Problem, technician_id: str) -> dict[str, dt.datetime]:
    """For each visit to come the window's end less the drive: to the first from where the technician is or will be
    free, to each other one from the stop before it."""
    day, found = problem.day, {}
    here = next((one.ready_location for one in day.technicians if one.id == technician_id), None)
    there = {one.id: one.location for one in day.visits}
    for id in problem.routes.get(technician_id, ()):
        is_ahead = id in problem.visits and problem.visits[id].state is VisitState.BOOKED
        if is_ahead and here is not None and id in there:
            found[id] = problem.promises[id].end_at - dt.timedelta(seconds=int(day.travel[here][there[id]]))
        here = there.get(id, here)
    return found
