"""The doors that a link opens: a page with a button, or with a password to choose. Opening the page uses nothing up."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.auth.cookies import clear_cookie, read_cookie
from api.auth.entering import begin, let_in
from api.deps import EnrolDep, PrincipalDep, ReadDep, RuntimeDep, SetupDep, WorkDep
from api.errors import status_of
from api.pages.again import Sent, shown_again
from api.pages.render import render_page
from api.runtime.runtime import Runtime
from api.strict import router
from dispatch.access.breaches import BreachesSilent
from dispatch.access.passwords import hash_password, require_fit
from dispatch.access.sessions import ENTERING, leave, use_up
from dispatch.access.signing_in import choose_credentials
from dispatch.access.staff import email_address
from dispatch.access.tables import Scope
from dispatch.errors import DispatchError, Invalid
from dispatch.technicians.queries import get_technician
from dispatch.territories.queries import get_dispatcher, get_territory
from dispatch.work import Work

log = logging.getLogger("makegood.auth")
routes = router("", "doors", include_in_schema=False, default_response_class=HTMLResponse)


class CredentialsForm(Sent):
    email: str = Field(default="", max_length=500)
    password: str = Field(default="", max_length=2000)


@routes.get("/setup/{token}")
def ask_dispatcher(
    token: str, request: Request, work: ReadDep, who: SetupDep, runtime: RuntimeDep
) -> Response:
    if not runtime.settings.dev:
        return _choose_page(request, work, who.subject_id, token)
    dispatcher = get_dispatcher(work.session, who.subject_id)
    territory = get_territory(work.session, dispatcher.territory_id)
    return render_page(
        request,
        "enter.html",
        title="Open the dispatch board",
        sentence=f"This browser will act for {dispatcher.name}, {territory.name}.",
        button="Open the board",
    )


@routes.post("/setup/{token}")
def become_dispatcher(
    token: str, request: Request, work: WorkDep, who: SetupDep, runtime: RuntimeDep
) -> Response:
    """With MAKEGOOD_DEV=1 the link opens the board at once; everywhere else it leads to a password."""
    if not runtime.settings.dev:
        return RedirectResponse(f"/setup/{token}", 303)
    return _let_in(request, work, runtime, token, Scope.SETUP, "dispatcher", "/board")


@routes.post("/setup/{token}/credentials")
def choose(
    token: str,
    form: Annotated[CredentialsForm, Form()],
    request: Request,
    who: SetupDep,
    runtime: RuntimeDep,
) -> Response:
    """The link is used up with the password that it leads to; what is slow happens before the Work."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return _choose_page(request, fresh, who.subject_id, token, email=form.email, error=error)

    with shown_again(again):
        email = email_address(form.email)
        password_hash = hash_password(good_password(runtime, form.password, email=email))
        with runtime.work(who.actor, "POST /setup/{token}/credentials") as work:
            use_up(work, token, Scope.SETUP)
            person = get_dispatcher(work.session, who.subject_id)
            choose_credentials(work, person, email=email, password_hash=password_hash)
            secret = begin(work, runtime, request, ENTERING, person.id)
    return let_in(RedirectResponse("/sign-in/app", 303), runtime, ENTERING, secret)


@routes.get("/enrol/{token}")
def ask_technician(token: str, request: Request, work: ReadDep, who: EnrolDep) -> Response:
    technician = get_technician(work.session, who.subject_id)
    return render_page(
        request,
        "enter.html",
        title=f"Hello {technician.first_name}",
        sentence="This phone will show your day. Your place is known to the office only while you are on shift.",
        button="This is my phone",
    )


@routes.post("/enrol/{token}")
def become_technician(
    token: str, request: Request, work: WorkDep, who: EnrolDep, runtime: RuntimeDep
) -> Response:
    return _let_in(request, work, runtime, token, Scope.ENROL, "technician", "/day")


@routes.post("/sign-out")
def sign_out(request: Request, work: WorkDep, who: PrincipalDep, runtime: RuntimeDep) -> Response:
    secret = read_cookie(request, runtime.settings.base_url)
    if secret:
        leave(work, secret)
    response = RedirectResponse("/", 303)
    clear_cookie(response, runtime.settings.base_url)
    return response


def good_password(runtime: Runtime, password: str, *, email: str) -> str:
    """`password` as it is hashed. Raises Invalid as `require_fit` does, and for one that is known from a break-in.

    Whoever knows such passwords may be silent: nobody is kept out for that.
    """
    kept = require_fit(password, email=email, company=runtime.settings.company)
    try:
        if runtime.breaches.is_known(kept):
            raise Invalid.field(
                "password",
                "password_breached",
                "This password is known from a break-in somewhere else: please take another one.",
            )
    except BreachesSilent as silent:
        log.warning("a password was accepted without asking whether it is known from a break-in: %s", silent)
    return kept


def _choose_page(
    request: Request,
    work: Work,
    dispatcher_id: str,
    token: str,
    *,
    email: str = "",
    error: DispatchError | None = None,
) -> Response:
    person = get_dispatcher(work.session, dispatcher_id)
    territory = get_territory(work.session, person.territory_id)
    return render_page(
        request,
        "choose_password.html",
        status=status_of(error) if error else 200,
        person=person.name,
        territory=territory.name,
        email=email or person.email or "",
        action=f"/setup/{token}/credentials",
        error=error,
    )


def _let_in(
    request: Request, work: Work, runtime: Runtime, token: str, scope: Scope, role: str, then: str
) -> Response:
    link = use_up(work, token, scope)
    secret = begin(work, runtime, request, role, link.subject_id)
    return let_in(RedirectResponse(then, 303), runtime, role, secret)
