"""The technician's phone: today in order, one big button for the next step. `/day`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.deps import ReadDep, TechnicianDep, WorkDep
from api.errors import status_of
from api.live import After, event_stream, of_technician
from api.pages.again import Sent, shown_again
from api.pages.list_changes import list_changes
from api.pages.render import render_page
from api.pages.staff import text_banners
from api.pages.ways import way_for
from api.principal import Principal
from api.routers import day, visits
from api.schemas.base import InstantIn, Place
from api.schemas.day import AbsenceIn, AnswerIn, PauseIn
from api.schemas.visits import HindranceIn, StepIn
from api.strict import router
from dispatch.board.card import card_of
from dispatch.board.day_sheet import Stop, day_sheet
from dispatch.board.handed_on import handed_on
from dispatch.errors import DispatchError
from dispatch.field.lateness import run_late
from dispatch.technicians.locating import locating, see_changes
from dispatch.technicians.queries import get_technician
from dispatch.territories.queries import get_territory
from dispatch.visits.tables import Visit
from dispatch.work import Work

routes = router("/day", "day", include_in_schema=False, default_response_class=HTMLResponse)

HINDRANCES: dict[HindranceIn, str] = {
    "wrong_parts": "A part",
    "needs_somebody_else": "Somebody with another skill",
    "no_access": "Access: I cannot get in",
    "needs_more_time": "Time: it needs more than there is",
}


class NobodyHomeForm(Sent):
    contacted: bool = False
    lat: float | None = Field(default=None, ge=-90, le=90)
    lng: float | None = Field(default=None, ge=-180, le=180)


class HindranceForm(Sent):
    hindrance: HindranceIn
    note: str = Field(default="", max_length=2000)


class DeclineForm(Sent):
    note: str = Field(default="", max_length=300)


class AnswerForm(Sent):
    answer: Literal["ok", "late"]


class LateForm(Sent):
    minutes: int = Field(ge=1, le=480)


class SeenForm(Sent):
    until: InstantIn


class PauseForm(Sent):
    reason: str = Field(default="", max_length=120)


class AbsenceForm(Sent):
    kind: Literal["sick", "van_down"]


@routes.get("")
def show(request: Request, work: ReadDep, who: TechnicianDep) -> Response:
    technician = get_technician(work.session, who.subject_id)
    sheet = day_sheet(work, technician)
    territory = get_territory(work.session, technician.territory_id)
    return render_page(
        request,
        "day.html",
        sheet=sheet,
        locating=locating(work, technician),
        zone=sheet.time_zone,
        territory=territory,
        minutes=territory.policies.absent_dwell_seconds // 60,
        metres=territory.policies.absent_near_metres,
        hindrances=HINDRANCES,
        way=way_for(request.headers.get("user-agent", "")),
        late_until=technician.busy_until_at,
        banners=text_banners(work, request.app.state.runtime),
        next=_next(sheet.stops),
        changes=list_changes(work, technician),
        handed_on=handed_on(work, technician),
        refresh=30,
        news="/day/live",
    )


@routes.get("/live")
async def live(request: Request, who: TechnicianDep, after: After = None) -> Response:
    """News of this technician's day, for an open page."""
    return event_stream(request, after, of_technician(who))


@routes.get("/visits/{visit_id}/decline")
def ask_decline(visit_id: str, request: Request, work: ReadDep, who: TechnicianDep) -> Response:
    return _decline_page(request, work, who, visit_id)


@routes.post("/visits/{visit_id}/decline")
def decline(
    visit_id: str,
    request: Request,
    form: Annotated[DeclineForm, Form()],
    work: WorkDep,
    who: TechnicianDep,
) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return _decline_page(request, fresh, who, visit_id, error=error, note=form.note)

    with shown_again(again):
        visits.take_step(work, who, visit_id, StepIn(step="decline", note=form.note))
    return _to_day()


@routes.get("/visits/{visit_id}/nobody-home")
def ask_nobody_home(visit_id: str, request: Request, work: ReadDep, who: TechnicianDep) -> Response:
    return _nobody_home_page(request, work, who, visit_id)


@routes.post("/visits/{visit_id}/nobody-home")
def nobody_home(
    visit_id: str,
    request: Request,
    form: Annotated[NobodyHomeForm, Form()],
    work: WorkDep,
    who: TechnicianDep,
) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return _nobody_home_page(request, fresh, who, visit_id, error=error, form=form)

    place = None if form.lat is None or form.lng is None else Place(lat=form.lat, lng=form.lng)
    with shown_again(again):
        body = StepIn(step="nobody_home", contacted=form.contacted, place=place)
        visits.take_step(work, who, visit_id, body)
    return _to_day()


@routes.get("/visits/{visit_id}/cannot-finish")
def ask_hindrance(visit_id: str, request: Request, work: ReadDep, who: TechnicianDep) -> Response:
    card = card_of(work, _mine(work, who, visit_id).id)
    return render_page(request, "cannot_finish.html", card=card, hindrances=HINDRANCES)


@routes.post("/visits/{visit_id}/cannot-finish")
def cannot_finish(
    visit_id: str, form: Annotated[HindranceForm, Form()], work: WorkDep, who: TechnicianDep
) -> Response:
    body = StepIn(step="cannot_finish", hindrance=form.hindrance, note=form.note)
    visits.take_step(work, who, visit_id, body)
    return _to_day()


@routes.post("/answer")
def answer(form: Annotated[AnswerForm, Form()], work: WorkDep, who: TechnicianDep) -> Response:
    """A sign of life."""
    day.answer(AnswerIn(answer=form.answer), work, who)
    return _to_day()


@routes.post("/pause")
def pause(form: Annotated[PauseForm, Form()], work: WorkDep, who: TechnicianDep) -> Response:
    """Not located until the shift ends, or until they go on."""
    day.pause(PauseIn(reason=form.reason), work, who)
    return _to_day()


@routes.post("/resume")
def resume(work: WorkDep, who: TechnicianDep) -> Response:
    day.resume(work, who)
    return _to_day()


@routes.post("/seen")
def see(form: Annotated[SeenForm, Form()], work: WorkDep, who: TechnicianDep) -> Response:
    """What changed up to then was read."""
    see_changes(work, get_technician(work.session, who.subject_id), form.until)
    return _to_day()


@routes.post("/late")
def late(form: Annotated[LateForm, Form()], work: WorkDep, who: TechnicianDep) -> Response:
    """What cannot be reached by then is made good at once."""
    technician = get_technician(work.session, who.subject_id)
    run_late(work, technician, work.now + timedelta(minutes=form.minutes))
    return _to_day()


@routes.get("/absence")
def ask_absence(request: Request, work: ReadDep, who: TechnicianDep) -> Response:
    sheet = day_sheet(work, get_technician(work.session, who.subject_id))
    waiting = [stop for stop in sheet.stops if stop.card and stop.steps]
    return render_page(request, "absence.html", count=len(waiting))


@routes.post("/absence")
def call_out(form: Annotated[AbsenceForm, Form()], work: WorkDep, who: TechnicianDep) -> Response:
    day.call_in(AbsenceIn(kind=form.kind), work, who)
    return _to_day()


@routes.post("/visits/{visit_id}/{step}")
def step(
    visit_id: str, step: Literal["leave", "arrive", "finish"], work: WorkDep, who: TechnicianDep
) -> Response:
    """The big button. Last, because its path would fit those above too."""
    visits.take_step(work, who, visit_id, StepIn(step=step))
    return _to_day()


def _nobody_home_page(
    request: Request,
    work: Work,
    who: Principal,
    visit_id: str,
    *,
    error: DispatchError | None = None,
    form: NobodyHomeForm | None = None,
) -> Response:
    visit = _mine(work, who, visit_id)
    policies = get_territory(work.session, visit.territory_id).policies
    return render_page(
        request,
        "nobody_home.html",
        status=status_of(error) if error else 200,
        card=card_of(work, visit.id),
        minutes=policies.absent_dwell_seconds // 60,
        metres=policies.absent_near_metres,
        error=error,
        form=form or NobodyHomeForm(),
    )


def _decline_page(
    request: Request,
    work: Work,
    who: Principal,
    visit_id: str,
    *,
    error: DispatchError | None = None,
    note: str = "",
) -> Response:
    card = card_of(work, _mine(work, who, visit_id).id)
    status = status_of(error) if error else 200
    return render_page(request, "decline.html", status=status, card=card, error=error, note=note)


def _mine(work: Work, who: Principal, visit_id: str) -> Visit:
    return visits.theirs(work, who, visit_id)


def _next(stops: tuple[Stop, ...]) -> int | None:
    """The place in the list of the first stop with something still to do."""
    return next((place for place, stop in enumerate(stops) if stop.steps), None)


def _to_day() -> Response:
    return RedirectResponse("/day", 303)
