"""The doors: a page with one button, and the button. Opening the page uses nothing up."""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.auth.cookies import clear_cookie, read_cookie, set_cookie
from api.auth.sessions import DEV_LIFETIME, LIFETIME, ROLE, enter, leave
from api.deps import EnrolDep, PrincipalDep, ReadDep, RuntimeDep, SetupDep, WorkDep
from api.errors import refused
from api.pages.render import render_page
from api.runtime.runtime import Runtime
from api.strict import router
from dispatch.access.tables import Scope
from dispatch.technicians.queries import get_technician
from dispatch.territories.queries import find_dispatcher, get_territory
from dispatch.work import Work

routes = router("", "doors", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("/setup/{token}", responses=refused(404, 410))
def ask_dispatcher(token: str, request: Request, work: ReadDep, who: SetupDep) -> Response:
    dispatcher = find_dispatcher(work.session, who.subject_id)
    territory = get_territory(work.session, dispatcher.territory_id) if dispatcher else None
    name = f"{dispatcher.name}, {territory.name}" if dispatcher and territory else "the office"
    return render_page(
        request,
        "enter.html",
        title="Open the dispatch board",
        sentence=f"This browser will act for {name}.",
        button="Open the board",
    )


@routes.post("/setup/{token}", responses=refused(404, 410))
def become_dispatcher(token: str, work: WorkDep, who: SetupDep, runtime: RuntimeDep) -> Response:
    return _let_in(work, runtime, token, Scope.SETUP, "/board")


@routes.get("/enrol/{token}", responses=refused(404, 410))
def ask_technician(token: str, request: Request, work: ReadDep, who: EnrolDep) -> Response:
    technician = get_technician(work.session, who.subject_id)
    return render_page(
        request,
        "enter.html",
        title=f"Hello {technician.first_name}",
        sentence="This phone will show your day. Your place is known to the office only while you are on shift.",
        button="This is my phone",
    )


@routes.post("/enrol/{token}", responses=refused(404, 410))
def become_technician(token: str, work: WorkDep, who: EnrolDep, runtime: RuntimeDep) -> Response:
    return _let_in(work, runtime, token, Scope.ENROL, "/day")


@routes.post("/sign-out")
def sign_out(request: Request, work: WorkDep, who: PrincipalDep, runtime: RuntimeDep) -> Response:
    secret = read_cookie(request, runtime.settings.base_url)
    if secret:
        leave(work, secret)
    response = RedirectResponse("/", 303)
    clear_cookie(response, runtime.settings.base_url)
    return response


def _let_in(work: Work, runtime: Runtime, token: str, scope: Scope, then: str) -> Response:
    lifetime: timedelta = DEV_LIFETIME if runtime.settings.dev else LIFETIME[ROLE[scope]]
    secret = enter(work, token, scope, lifetime=lifetime)
    response = RedirectResponse(then, 303)
    set_cookie(response, runtime.settings.base_url, secret, seconds=int(lifetime.total_seconds()))
    return response
