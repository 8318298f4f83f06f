"""A phone that was without a network hands in what it kept: positions and steps in their order, each once."""

from __future__ import annotations

import hashlib
from functools import partial

from api.deps import WorkDep
from api.device_rate import PhoneDep
from api.principal import Principal
from api.refusals import TooLarge
from api.routers.visits import take_step
from api.schemas.device import EventIn, EventOut, EventsIn, EventsOut, PositionEventIn, StepEventIn
from api.schemas.visits import StepIn
from api.strict import router
from dispatch.customers.actions import place_at
from dispatch.field.actions import be_at
from dispatch.field.reports import Report, Told, take_report
from dispatch.technicians.queries import get_technician
from dispatch.technicians.tables import Technician
from dispatch.work import Work

MOST = 1000

routes = router("/api/v1/day/events", "day")


@routes.post("")
def hand_in(body: EventsIn, work: WorkDep, who: PhoneDep) -> EventsOut:
    """One that is rejected keeps no other from being taken."""
    if len(body.events) > MOST:
        raise TooLarge(f"Please send at most {MOST} at once.")
    technician = get_technician(work.session, who.subject_id)
    told = [_take(work, who, technician, event) for event in body.events]
    return EventsOut(
        results=[
            EventOut(client_event_id=one.client_event_id, result=one.result, code=one.code, detail=one.detail)
            for one in told
        ]
    )


def _take(work: Work, who: Principal, technician: Technician, event: EventIn) -> Told:
    if isinstance(event, PositionEventIn):
        act, kind, visit_id = partial(_be, technician=technician, event=event), "position", None
    else:
        act, kind, visit_id = partial(_step, who=who, event=event), event.step, event.visit_id
    report = Report(
        client_event_id=event.client_event_id,
        fingerprint=hashlib.sha256(event.model_dump_json().encode()).hexdigest(),
        kind=kind,
        occurred_at=event.at,
        act=act,
        visit_id=visit_id,
    )
    return take_report(work, technician, report)


def _be(work: Work, *, technician: Technician, event: PositionEventIn) -> bool:
    place = place_at(event.place.lat, event.place.lng)
    return be_at(work, technician, place, at=event.at, accuracy_metres=event.accuracy_metres)


def _step(work: Work, *, who: Principal, event: StepEventIn) -> bool:
    said = event.model_dump(mode="json", include={"step", "place", "note", "contacted", "hindrance"})
    body = StepIn.model_validate({**said, "occurred_at": event.at.isoformat()})
    take_step(work, who, event.visit_id, body)
    return True
