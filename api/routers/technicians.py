"""A dispatcher's crew: who they are, when they work, and the link that enrols a phone."""

from __future__ import annotations

from datetime import timedelta

from fastapi.responses import JSONResponse

from api.deps import ReadDep, RuntimeDep, StaffDep, WorkDep
from api.idempotency import OnceDep
from api.principal import Principal
from api.runtime.runtime import Runtime
from api.schemas.technicians import EnrolmentOut, ShiftIn, TechnicianIn, TechnicianOut, TechniciansOut
from api.strict import router
from dispatch.access.links import issue, revoke
from dispatch.access.tables import Scope
from dispatch.customers.actions import place_at
from dispatch.errors import NotFound, StateConflict
from dispatch.field.crew_changes import look_again
from dispatch.plans.turns import take_turn
from dispatch.technicians.actions import hire
from dispatch.technicians.hours import set_shift
from dispatch.technicians.queries import get_technician, list_technicians, stock_of
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_territory
from dispatch.work import Work

ENROLMENT_LASTS = timedelta(hours=24)

routes = router("/api/v1/technicians", "technicians")


@routes.get("")
def list_crew(work: ReadDep, who: StaffDep) -> TechniciansOut:
    crew = list_technicians(work.session, who.territory_id or "")
    stock = stock_of(work.session, [technician.id for technician in crew])
    return TechniciansOut(technicians=[TechnicianOut.of(person, stock.get(person.id, {})) for person in crew])


@routes.get("/{technician_id}")
def show(technician_id: str, work: ReadDep, who: StaffDep) -> TechnicianOut:
    return _told(work, mine(work, who, technician_id))


@routes.post("", status_code=201, response_model=TechnicianOut)
def hire_one(body: TechnicianIn, work: WorkDep, who: StaffDep, once: OnceDep) -> JSONResponse:
    return once.answer(work, lambda: _hire(work, who, body))


@routes.put("/{technician_id}/shift")
def replace_shift(technician_id: str, body: ShiftIn, work: WorkDep, who: StaffDep) -> TechnicianOut:
    technician = mine(work, who, technician_id)
    take_turn(work, technician.territory_id)
    set_shift(work, technician, **body.model_dump())
    look_again(work, technician, lambda day: day.weekday() in body.weekdays)
    return _told(work, technician)


@routes.post(
    "/{technician_id}/enrolment",
    status_code=201,
    response_model=EnrolmentOut,
)
def enrol(
    technician_id: str, work: WorkDep, who: StaffDep, once: OnceDep, runtime: RuntimeDep
) -> JSONResponse:
    return once.answer(work, lambda: enrolment_link(work, who, technician_id, runtime))


def enrolment_link(work: Work, who: Principal, technician_id: str, runtime: Runtime) -> EnrolmentOut:
    """A link for one of this dispatcher's technicians: the newest counts, and what was texted keeps its ten minutes.

    Raises StateConflict for somebody who is switched off.
    """
    technician, expires_at = mine(work, who, technician_id), work.now + ENROLMENT_LASTS
    if not technician.active:
        raise StateConflict("Somebody who is switched off has no phone here.", current_state="off")
    revoke(work, Scope.ENROL, technician.id)
    token = issue(work, runtime.key, Scope.ENROL, technician.id, expires_at=expires_at)
    return EnrolmentOut.of(f"{runtime.settings.base_url}/enrol/{token}", expires_at)


def _hire(work: Work, who: Principal, body: TechnicianIn) -> TechnicianOut:
    technician = hire(
        work,
        get_territory(work.session, who.territory_id or ""),
        body.name,
        home=place_at(body.home.lat, body.home.lng),
        phone=body.phone,
        skills=body.skills,
        stock=body.stock,
    )
    if body.shift:
        set_shift(work, technician, **body.shift.model_dump())
    work.session.flush()
    return _told(work, technician)


def _told(work: Work, technician: Technician) -> TechnicianOut:
    return TechnicianOut.of(technician, stock_of(work.session, [technician.id]).get(technician.id, {}))


def mine(work: Work, who: Principal, technician_id: str) -> Technician:
    """One of this dispatcher's technicians. Raises NotFound for another territory's."""
    technician = get_technician(work.session, technician_id)
    if technician.territory_id != who.territory_id:
        raise NotFound("There is no such technician.")
    return technician
