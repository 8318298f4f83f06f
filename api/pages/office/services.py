"""The kinds of work on offer, as forms. `/office/services`."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Form as FormBody
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.csv.cells import say_minutes
from api.deps import ReadDep, StaffDep, WorkDep
from api.errors import status_of
from api.pages.again import shown_again
from api.pages.office.typed import Form, Reading, Typed, known_names, lines_of, say_lines
from api.pages.staff import staff_page
from api.principal import Principal
from api.strict import router
from api.versions import require_seen
from dispatch.errors import DispatchError
from dispatch.services.actions import change_service, offer_service
from dispatch.services.queries import find_by_code, get_service, list_services
from dispatch.services.tables import Service
from dispatch.technicians.queries import list_technicians, stock_of
from dispatch.words import fold
from dispatch.work import Work

routes = router("/office/services", "office", include_in_schema=False, default_response_class=HTMLResponse)

USUAL = {"duration": "60", "spread": "10", "window": "120"}


@routes.get("")
def show_all(request: Request, work: ReadDep, who: StaffDep, saved: bool = False) -> Response:
    rows = [(one, say_lines(one.skills), say_lines(one.parts)) for one in list_services(work.session)]
    return staff_page(request, work, who, "office_services.html", rows=rows, saved=saved)


@routes.get("/new")
def ask(request: Request, work: ReadDep, who: StaffDep) -> Response:
    return _page(request, work, who, Form.of(USUAL), None)


@routes.post("/new")
def add(request: Request, typed: Annotated[Typed, FormBody()], work: WorkDep, who: StaffDep) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return _page(request, fresh, who, Form.of(USUAL).again(typed, error, conflict_at="code"), None)

    with shown_again(again):
        reading = Reading(typed)
        code, terms = reading.code("code"), _terms(reading)
        if fold(terms["name"]) in [fold(one.name) for one in list_services(work.session)]:
            reading.note("name", "name_taken", "There is a service of this name already.")
        reading.require()
        offer_service(work, code or _code_of(work, terms["name"]), **terms)
    return RedirectResponse("/office/services?saved=1", 303)


@routes.get("/{service_id}")
def show(service_id: str, request: Request, work: ReadDep, who: StaffDep) -> Response:
    service = get_service(work.session, service_id)
    return _page(request, work, who, _stored(service), service)


@routes.post("/{service_id}")
def change(
    service_id: str,
    request: Request,
    typed: Annotated[Typed, FormBody()],
    work: WorkDep,
    who: StaffDep,
) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        service = get_service(fresh.session, service_id)
        return _page(request, fresh, who, _stored(service).again(typed, error), service)

    service = get_service(work.session, service_id)
    with shown_again(again):
        reading = Reading(typed)
        seen, terms = reading.version(), _terms(reading)
        reading.require()
        require_seen(service, seen)
        change_service(work, service, **terms)
    return RedirectResponse("/office/services?saved=1", 303)


def _terms(reading: Reading) -> dict[str, Any]:
    return {
        "name": reading.words("name", "name"),
        "duration_seconds": reading.minutes("duration", 1, 12 * 60),
        "spread_seconds": reading.minutes("spread", 0, 4 * 60),
        "window_seconds": reading.minutes("window", 15, 12 * 60),
        "skills": reading.levels("skill", 1, 10),
        "parts": reading.levels("part", 1, 10_000),
    }


def _stored(service: Service) -> Form:
    stored = {
        "name": service.name,
        "duration": say_minutes(service.duration_seconds),
        "spread": say_minutes(service.spread_seconds),
        "window": say_minutes(service.window_seconds),
        **lines_of("skill", service.skills),
        **lines_of("part", service.parts),
    }
    return Form.of(stored, service.row_version)


def _page(request: Request, work: Work, who: Principal, form: Form, service: Service | None) -> Response:
    crew = list_technicians(work.session, who.territory_id or "")
    offered = list_services(work.session)
    vans = stock_of(work.session, [one.id for one in crew])
    return staff_page(
        request,
        work,
        who,
        "office_service.html",
        status=status_of(form.error) if form.error else 200,
        form=form,
        service=service,
        known_skills=list(known_names(*(one.skills for one in crew), *(one.skills for one in offered))),
        known_parts=list(known_names(*vans.values(), *(one.parts for one in offered))),
    )


def _code_of(work: Work, name: str) -> str:
    """A code that nobody has yet, made of the name."""
    plain = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:36].strip("-") or "service"
    code, number = plain, 1
    while find_by_code(work.session, code):
        number += 1
        code = f"{plain}-{number}"
    return code
