"""The technician's phone: the day in order, where they are, and calling out."""

from __future__ import annotations

from api.deps import ReadDep, TechnicianDep, WorkDep
from api.errors import refused
from api.schemas.day import AbsenceIn, AbsenceOut, AnswerIn, DayOut, PositionIn, PositionOut
from api.strict import router
from dispatch.board.day_sheet import day_sheet
from dispatch.customers.actions import place_at
from dispatch.field.actions import answer_prompt, be_at, call_out
from dispatch.technicians.queries import get_technician
from dispatch.technicians.tables import Absence, AbsenceKind

routes = router("/api/v1/day", "day")


@routes.get("", responses=refused(401, 403))
def show(work: ReadDep, who: TechnicianDep) -> DayOut:
    """Today in order: what is done, what is next, until when to leave."""
    return DayOut.of(day_sheet(work, get_technician(work.session, who.subject_id)))


@routes.post("/position", responses=refused(401, 403))
def be(body: PositionIn, work: WorkDep, who: TechnicianDep) -> PositionOut:
    technician = get_technician(work.session, who.subject_id)
    place = place_at(body.place.lat, body.place.lng)
    kept = be_at(work, technician, place, at=body.at, accuracy_metres=body.accuracy_metres)
    return PositionOut(kept=kept)


@routes.post("/answer", responses=refused(401, 403))
def answer(body: AnswerIn, work: WorkDep, who: TechnicianDep) -> DayOut:
    """A sign of life: 'I am here', or 'I am running late'."""
    technician = get_technician(work.session, who.subject_id)
    answer_prompt(work, technician, body.answer)
    work.session.flush()
    return DayOut.of(day_sheet(work, technician))


@routes.post("/absence", status_code=201, responses=refused(401, 403, 409))
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
