"""Pages of the demo, with MAKEGOOD_DEV=1 only: the panel, a way through each door, and the pocket's phones."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.deps import ReadDep, RuntimeDep, WorkDep
from api.pages.again import Sent
from api.pages.render import render_page
from api.routers import dev_break, dev_clock, dev_pocket
from api.schemas.dev import ClockIn, PocketIn
from api.strict import router
from api.tracking import tracking_url
from dispatch.access.links import issue
from dispatch.access.tables import Scope
from dispatch.customers.queries import list_by_phone
from dispatch.errors import NotFound
from dispatch.technicians.queries import find_by_phone, get_technician
from dispatch.territories.queries import find_dispatcher, list_territories
from dispatch.visits.queries import get_visit
from dispatch.work import Work

DOOR_LASTS = timedelta(days=1)
PHONE = r"^\+[1-9]\d{5,14}$"

routes = router("", "demo", include_in_schema=False, default_response_class=HTMLResponse)


class BreakForm(Sent):
    kind: dev_break.Kind
    technician: str | None = Field(default=None, pattern=r"^[0-9a-z]{26}$")
    visit: str | None = Field(default=None, pattern=r"^[0-9a-z]{26}$")


class DoorForm(Sent):
    door: Literal["setup", "enrol", "track"]
    id: str = Field(pattern=r"^[0-9a-z]{26}$")


class ClockForm(Sent):
    minutes: int = Field(ge=1, le=24 * 60)


class AnswerForm(Sent):
    phone: str = Field(pattern=PHONE)
    body: str = Field(min_length=1, max_length=1600)


@routes.post("/panel/break")
def break_something(
    form: Annotated[BreakForm, Form()], request: Request, work: WorkDep, runtime: RuntimeDep
) -> Response:
    body = dev_break.BreakIn(kind=form.kind, technician=form.technician, visit=form.visit)
    dev_break.break_something(body, request, work, runtime)
    return RedirectResponse("/#panel", 303)


@routes.post("/panel/clock")
def move_clock(form: Annotated[ClockForm, Form()], runtime: RuntimeDep) -> Response:
    dev_clock.move(ClockIn(advance_seconds=form.minutes * 60), runtime)
    return RedirectResponse("/#clock", 303)


@routes.post("/panel/door")
def open_door(form: Annotated[DoorForm, Form()], work: WorkDep, runtime: RuntimeDep) -> Response:
    """A fresh link, as the person behind that door would get it."""
    if form.door == "track":
        url = tracking_url(work, runtime, get_visit(work.session, form.id))
        return RedirectResponse(url.removeprefix(runtime.settings.base_url), 303)
    if form.door == "enrol":
        get_technician(work.session, form.id)
    elif find_dispatcher(work.session, form.id) is None:
        raise NotFound("There is no such dispatcher.")
    scope = Scope.SETUP if form.door == "setup" else Scope.ENROL
    token = issue(work, runtime.key, scope, form.id, expires_at=work.now + DOOR_LASTS)
    return RedirectResponse(f"/{form.door}/{token}", 303)


@routes.get("/pocket")
def show_phones(
    request: Request,
    work: ReadDep,
    runtime: RuntimeDep,
    phone: Annotated[str | None, Query(pattern=PHONE)] = None,
) -> Response:
    pocket, zone = dev_pocket.pocket_of(runtime), _zone(work)
    if phone is None:
        phones = [(number, _owner(work, number), pocket.read(number)[-1]) for number in pocket.phones()]
        return render_page(request, "pocket.html", phones=phones, zone=zone, refresh=15)
    texts = pocket.read(phone)
    return render_page(request, "phone.html", phone=phone, owner=_owner(work, phone), texts=texts, zone=zone)


@routes.post("/pocket")
def write_as_owner(form: Annotated[AnswerForm, Form()], runtime: RuntimeDep) -> Response:
    dev_pocket.write_as_owner(PocketIn(phone=form.phone, body=form.body), runtime)
    return RedirectResponse(f"/pocket?phone=%2B{form.phone[1:]}#answer", 303)


def _owner(work: Work, phone: str) -> str:
    technician = find_by_phone(work.session, phone)
    if technician:
        return f"{technician.name}, technician"
    return ", ".join(customer.name for customer in list_by_phone(work.session, phone)) or "a stranger"


def _zone(work: Work) -> str:
    territories = list_territories(work.session)
    return territories[0].time_zone if territories else "UTC"
