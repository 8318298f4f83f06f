"""The technician's phone: the day in order, where they are, and calling out."""

from __future__ import annotations

from fastapi import Response

from api.deps import ReadDep, TechnicianDep, WorkDep
from api.device_rate import PhoneDep
from api.schemas.day import (
    AbsenceIn,
    AbsenceOut,
    AnswerIn,
    DayOut,
    LocatingOut,
    PauseIn,
    PositionIn,
    PositionOut,
)
from api.strict import router
from dispatch.board.day_sheet import day_sheet
from dispatch.customers.actions import place_at
from dispatch.errors import Invalid
from dispatch.field.actions import answer_prompt, be_at, call_out, go_on_locating, stop_locating
from dispatch.field.reports import AHEAD
from dispatch.technicians.locating import locating
from dispatch.technicians.queries import get_technician
from dispatch.technicians.tables import Absence, AbsenceKind

routes = router("/api/v1/day", "day")


@routes.get("")
def show(work: ReadDep, who: TechnicianDep) -> DayOut:
    """Today in order: what is done, what is next, until when to leave."""
    return DayOut.of(day_sheet(work, get_technician(work.session, who.subject_id)))


@routes.post("/position", responses={202: {"model": PositionOut, "description": "Not kept."}})
def be(body: PositionIn, work: WorkDep, who: PhoneDep, answer: Response) -> PositionOut:
    """202 where it was not kept: off shift, and in a pause."""
    at = body.at or work.now
    if at > work.now + AHEAD:
        raise Invalid.field("at", "time_in_future", "That is in the future: is the phone's clock right?")
    technician = get_technician(work.session, who.subject_id)
    place = place_at(body.place.lat, body.place.lng)
    kept = be_at(work, technician, place, at=at, accuracy_metres=body.accuracy_metres)
    answer.status_code = 200 if kept else 202
    return PositionOut(kept=kept)


@routes.post("/pause")
def pause(body: PauseIn, work: WorkDep, who: TechnicianDep) -> LocatingOut:
    """Not located until the shift ends, or until `resume`. No reason is needed."""
    technician = get_technician(work.session, who.subject_id)
    stop_locating(work, technician, body.reason)
    return LocatingOut.of(locating(work, technician))


@routes.post("/resume")
def resume(work: WorkDep, who: TechnicianDep) -> LocatingOut:
    technician = get_technician(work.session, who.subject_id)
    go_on_locating(work, technician)
    return LocatingOut.of(locating(work, technician))


@routes.post("/answer")
def answer(body: AnswerIn, work: WorkDep, who: TechnicianDep) -> DayOut:
    """A sign of life: 'I am here', or 'I am running late'."""
    technician = get_technician(work.session, who.subject_id)
    answer_prompt(work, technician, body.answer)
    work.session.flush()
    return DayOut.of(day_sheet(work, technician))


@routes.post("/absence", status_code=201)
def call_in(body: AbsenceIn, work: WorkDep, who: TechnicianDep) -> AbsenceOut:
    """Sick, or the van is down. Everything still to do is made good in the same breath."""
    technician = get_technician(work.session, who.subject_id)
    return told(call_out(work, technician, AbsenceKind(body.kind)))


def told(absence: Absence) -> AbsenceOut:
    return AbsenceOut(
        id=absence.id,
        technician_id=absence.technician_id,
        kind=absence.kind.value,
        start_at=absence.start_at,
        end_at=absence.end_at,
    )
