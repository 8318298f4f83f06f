"""A phone that was without a network hands in what it kept: positions and steps in their order, each once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from api.deps import WorkDep
from api.device_rate import PhoneDep
from api.principal import Principal
from api.refusals import TooLarge
from api.routers.visits import take_step
from api.schemas.device import (
    AbsenceEventIn,
    AnswerEventIn,
    EventIn,
    EventOut,
    EventsIn,
    EventsOut,
    LateEventIn,
    PositionEventIn,
    SeenEventIn,
    StepEventIn,
)
from api.schemas.visits import StepIn
from api.strict import router
from dispatch.customers.actions import place_at
from dispatch.field.actions import answer_prompt, be_at, call_out
from dispatch.field.lateness import run_late
from dispatch.field.reports import Report, Told, take_report, true_time
from dispatch.technicians.locating import see_changes
from dispatch.technicians.queries import absences_between, get_technician
from dispatch.technicians.tables import AbsenceKind, Technician
from dispatch.work import Work

MOST = 1000
UNSIGNED = {"turn", "promise_version"}  # what a phone of an earlier release did not send for the same thing

routes = router("/api/v1/day/events", "day")


@routes.post("")
def hand_in(body: EventsIn, work: WorkDep, who: PhoneDep) -> EventsOut:
    """One that is rejected keeps no other from being taken."""
    if len(body.events) > MOST:
        raise TooLarge(f"Please send at most {MOST} at once.")
    technician = get_technician(work.session, who.subject_id)
    skew = work.now - body.sent_at if body.sent_at else timedelta()
    told = {event.client_event_id: [] for event in body.events}  # type: dict[str, list[Told]]
    for event in _in_order(body.events):
        told[event.client_event_id].append(_take(work, who, technician, event, skew))
    return EventsOut(results=[_out(told[event.client_event_id].pop(0)) for event in body.events])


def _in_order(events: Sequence[EventIn]) -> list[EventIn]:
    """As they happened: by the phone's own count, which no clock can turn round; else by its clock."""
    if all(event.turn is not None for event in events):
        return sorted(events, key=lambda event: event.turn or 0)
    return sorted(events, key=lambda event: event.at)


def _out(told: Told) -> EventOut:
    return EventOut(
        client_event_id=told.client_event_id,
        result=told.result,
        outcome=told.outcome,
        code=told.code,
        detail=told.detail,
    )


def _take(work: Work, who: Principal, technician: Technician, event: EventIn, skew: timedelta) -> Told:
    occurred_at = true_time(event.at, skew)
    kind, act = _act(who, technician, event, occurred_at)
    report = Report(
        client_event_id=event.client_event_id,
        fingerprint=hashlib.sha256(event.model_dump_json(exclude=UNSIGNED).encode()).hexdigest(),
        kind=kind,
        occurred_at=occurred_at,
        act=act,
        visit_id=event.visit_id if isinstance(event, StepEventIn) else None,
        said_at=event.at,
        skew=skew,
    )
    return take_report(work, technician, report)


def _act(
    who: Principal, technician: Technician, event: EventIn, at: datetime
) -> tuple[str, Callable[[Work], bool]]:
    """What it is called, and what it does."""
    match event:
        case PositionEventIn():
            return event.kind, partial(_be, technician=technician, event=event, at=at)
        case StepEventIn():
            return event.step, partial(_step, who=who, event=event, at=at)
        case AnswerEventIn():
            return event.kind, partial(_answer, technician=technician, event=event)
        case LateEventIn():
            return event.kind, partial(_late, technician=technician, event=event, at=at)
        case AbsenceEventIn():
            return event.kind, partial(_call_out, technician=technician, event=event)
        case SeenEventIn():
            return event.kind, partial(_see, technician=technician, event=event)


def _be(work: Work, *, technician: Technician, event: PositionEventIn, at: datetime) -> bool:
    place = place_at(event.place.lat, event.place.lng)
    return be_at(work, technician, place, at=at, accuracy_metres=event.accuracy_metres)


def _step(work: Work, *, who: Principal, event: StepEventIn, at: datetime) -> bool:
    said = event.model_dump(mode="json", include={"step", "place", "note", "contacted", "hindrance"})
    body = StepIn.model_validate({**said, "occurred_at": at.isoformat()})
    take_step(work, who, event.visit_id, body, promise_version=event.promise_version)
    return True


def _answer(work: Work, *, technician: Technician, event: AnswerEventIn) -> bool:
    answer_prompt(work, technician, event.answer)
    return True


def _late(work: Work, *, technician: Technician, event: LateEventIn, at: datetime) -> bool:
    run_late(work, technician, at + timedelta(minutes=event.minutes))
    return True


def _call_out(work: Work, *, technician: Technician, event: AbsenceEventIn) -> bool:
    """Whoever is away already has said so with another tap."""
    if not absences_between(work.session, [technician.id], work.now, work.now + timedelta(seconds=1)):
        call_out(work, technician, AbsenceKind(event.absence))
    return True


def _see(work: Work, *, technician: Technician, event: SeenEventIn) -> bool:
    see_changes(work, technician, event.until)
    return True
