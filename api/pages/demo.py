"""Pages of the demo, with MAKEGOOD_DEV=1 only: the panel, a way through each door, and the pocket's phones."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.deps import ReadDep, RuntimeDep, WorkDep
from api.live import After, event_stream
from api.pages.again import Sent
from api.pages.broken import what_was_broken
from api.pages.front import NEWS, clock_values
from api.pages.phones import list_phones, owner_of, quick_answers
from api.pages.render import render_page
from api.pages.ringing import act, ringing
from api.pages.victims import victims
from api.routers import dev_break, dev_clock, dev_pocket
from api.schemas.dev import PocketIn
from api.strict import router
from api.tracking import tracking_url
from dispatch.access.links import issue
from dispatch.access.tables import Scope
from dispatch.errors import NotFound
from dispatch.technicians.queries import get_technician
from dispatch.territories.queries import find_dispatcher, list_territories
from dispatch.visits.queries import get_visit
from dispatch.work import Work

DOOR_LASTS = timedelta(days=1)
PHONE = r"^\+[1-9]\d{5,14}$"

routes = router("", "demo", include_in_schema=False, default_response_class=HTMLResponse)


class BreakForm(Sent):
    """An empty technician or visit is whoever the page names: see `api/pages/victims.py`."""

    kind: dev_break.Kind
    technician: str = Field(default="", pattern=r"^([0-9a-z]{26})?$")
    visit: str = Field(default="", pattern=r"^([0-9a-z]{26})?$")


class DoorForm(Sent):
    door: Literal["setup", "enrol", "track"]
    id: str = Field(pattern=r"^[0-9a-z]{26}$")


class ClockForm(Sent):
    """Either so many minutes on, or from now on at this rate; 0 is a pause."""

    minutes: int | None = Field(default=None, ge=1, le=24 * 60)
    rate: float | None = Field(default=None, ge=0, le=3600)


class CallForm(Sent):
    phone: str = Field(pattern=PHONE)
    what: str = Field(pattern=r"^([0-9]|take|leave|hang up|listen)$")


class LandlineForm(Sent):
    phone: str = Field(pattern=PHONE)
    landline: bool


class AnswerForm(Sent):
    phone: str = Field(pattern=PHONE)
    body: str = Field(min_length=1, max_length=1600)


@routes.post("/panel/break")
def break_something(
    form: Annotated[BreakForm, Form()], request: Request, work: WorkDep, runtime: RuntimeDep
) -> Response:
    needed = dev_break.NEEDS.get(form.kind)
    body = dev_break.BreakIn(
        kind=form.kind,
        technician=form.technician or _missed_soonest(request, work) if needed == "technician" else None,
        visit=form.visit or _next_visit(request, work, form.kind) if needed == "visit" else None,
    )
    dev_break.break_something(body, request, work, runtime)
    return RedirectResponse("/#broken", 303)


def _missed_soonest(request: Request, work: Work) -> str:
    found = victims(work, dev_break.broken_ids(request)).missed_soonest
    if found is None:
        raise NotFound("Nobody has to leave for a visit any more today.")
    return found.technician_id


def _next_visit(request: Request, work: Work, kind: str) -> str:
    found = victims(work, dev_break.broken_ids(request))
    visit = found.absent_at if kind == "customer_absent" else found.emergency_at
    if visit is None:
        raise NotFound("No visit of today is still to come.")
    return visit.id


@routes.get("/panel/live")
async def live(request: Request, after: After = None) -> Response:
    """All news of the house, for the demo's own pages."""
    return event_stream(request, after, lambda news: True)


@routes.get("/panel/broken")
def show_broken(request: Request, work: ReadDep, runtime: RuntimeDep) -> Response:
    """What was broken and what became of it, on a page that renews itself."""
    return render_page(
        request,
        "broken.html",
        **clock_values(request, runtime),
        zone=_zone(work),
        breaks=what_was_broken(work, runtime, request.app.state.breaks),
        refresh=5,
        news=NEWS,
    )


@routes.post("/panel/clock")
def move_clock(form: Annotated[ClockForm, Form()], request: Request, runtime: RuntimeDep) -> Response:
    """Answers when nothing is due any more; where simulated people live, they are asked to live on instead."""
    if form.minutes:
        dev_clock.step(request, runtime, timedelta(minutes=form.minutes))
    if form.rate is not None:
        dev_clock.run(request, runtime, form.rate)
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
    return RedirectResponse(f"/{form.door}/{token}", 307)  # a POST again: the door opens at one click


@routes.get("/pocket")
def show_phones(
    request: Request,
    work: ReadDep,
    runtime: RuntimeDep,
    phone: Annotated[str | None, Query(pattern=PHONE)] = None,
) -> Response:
    pocket, zone = dev_pocket.pocket_of(runtime), _zone(work)
    if phone is None:
        return render_page(
            request, "pocket.html", phones=list_phones(work, pocket), zone=zone, refresh=15, news=NEWS
        )
    texts = pocket.read(phone)
    return render_page(
        request,
        "phone.html",
        phone=phone,
        owner=owner_of(work, phone),
        texts=texts,
        answers=quick_answers(work, texts),
        call=ringing(work, runtime, phone),
        landline=pocket.is_landline(phone),
        zone=zone,
        news=NEWS,
    )


@routes.get("/pocket/find")
def find_phone(
    request: Request, work: ReadDep, runtime: RuntimeDep, q: Annotated[str, Query(max_length=120)] = ""
) -> Response:
    """Phones by the name or the number of their owner. This page does not renew itself: it has a field."""
    found = list_phones(work, dev_pocket.pocket_of(runtime), q)
    return render_page(request, "pocket_find.html", phones=found, zone=_zone(work), q=q)


@routes.post("/pocket")
def write_as_owner(form: Annotated[AnswerForm, Form()], runtime: RuntimeDep) -> Response:
    dev_pocket.write_as_owner(PocketIn(phone=form.phone, body=form.body), runtime)
    return RedirectResponse(f"/pocket?phone=%2B{form.phone[1:]}#answer", 303)


@routes.post("/pocket/call")
def answer_call(form: Annotated[CallForm, Form()], runtime: RuntimeDep) -> Response:
    """What the phone's owner does with a call."""
    dev_pocket.pocket_of(runtime)
    act(runtime, form.phone, form.what)
    return RedirectResponse(f"/pocket?phone=%2B{form.phone[1:]}#answer", 303)


@routes.post("/pocket/landline")
def set_landline(form: Annotated[LandlineForm, Form()], runtime: RuntimeDep) -> Response:
    """A landline takes no texts: what is urgent rings it."""
    dev_pocket.pocket_of(runtime).set_landline(form.phone, form.landline)
    return RedirectResponse(f"/pocket?phone=%2B{form.phone[1:]}#answer", 303)


def _zone(work: Work) -> str:
    territories = list_territories(work.session)
    return territories[0].time_zone if territories else "UTC"
