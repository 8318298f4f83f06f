"""Signing in at the office: a password, then the second factor. Whoever has none sets it up before the board opens."""

from __future__ import annotations

from typing import Annotated, Any

import segno
from fastapi import Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.auth.devices import address_of
from api.auth.entering import begin, let_in
from api.deps import EnteringDep, PrincipalDep, ReadDep, RuntimeDep, WorkDep
from api.errors import status_of
from api.pages.again import Sent, shown_again
from api.pages.render import render_page
from api.principal import Principal
from api.runtime.runtime import Runtime
from api.strict import router
from dispatch.access.factors import app_uri
from dispatch.access.passwords import matches
from dispatch.access.sessions import ENTERING
from dispatch.access.signing_in import (
    Passed,
    accept,
    claim,
    confirm_factor,
    find_credential,
    note_sign_in,
    pass_factor,
    secret_of,
)
from dispatch.access.staff import email_key
from dispatch.access.tables import Credential
from dispatch.errors import DispatchError, Unauthenticated
from dispatch.territories.queries import get_dispatcher
from dispatch.work import Work

WRONG = "That e-mail address and password do not belong together here."
WRONG_CODE = "That is not the code of this moment, or it was used already. Please type the next one that the app shows."

routes = router("/sign-in", "sign-in", include_in_schema=False, default_response_class=HTMLResponse)


class SignInForm(Sent):
    email: str = Field(default="", max_length=500)
    password: str = Field(default="", max_length=2000)


class CodeForm(Sent):
    code: str = Field(default="", max_length=60)


@routes.get("")
def ask(request: Request, who: PrincipalDep, runtime: RuntimeDep) -> Response:
    if who.role == "dispatcher":
        return RedirectResponse("/board", 303)
    return sign_in_page(request, runtime)


@routes.post("")
def sign_in(form: Annotated[SignInForm, Form()], request: Request, runtime: RuntimeDep) -> Response:
    """The same steps and the same answer for an address that we know and for one that we do not."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return sign_in_page(request, runtime, email=form.email, error=error)

    with shown_again(again):
        visitor, cause = Principal().actor, "POST /sign-in"
        with runtime.work(visitor, cause) as work:
            claimed = claim(work, email_key(form.email), address_of(request))
        if not matches(claimed.password_hash, form.password):
            raise Unauthenticated(WRONG)
        with runtime.work(visitor, cause) as work:
            credential = accept(work, claimed)
            secret = begin(work, runtime, request, ENTERING, credential.dispatcher_id)
    then = "/sign-in/code" if credential.factor_at else "/sign-in/app"
    return let_in(RedirectResponse(then, 303), runtime, ENTERING, secret)


@routes.get("/code")
def ask_code(request: Request, work: ReadDep, who: EnteringDep) -> Response:
    if _credential(work, who).factor_at is None:
        return RedirectResponse("/sign-in/app", 303)
    return _code_page(request)


@routes.post("/code")
def check_code(
    form: Annotated[CodeForm, Form()], request: Request, work: WorkDep, who: EnteringDep, runtime: RuntimeDep
) -> Response:
    """A wrong code is answered, not raised: that it was tried must be kept."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return _code_page(request, error=error)

    with shown_again(again):
        credential = _credential(work, who)
        passed = pass_factor(work, runtime.key, credential, form.code)
    if passed is None:
        return _code_page(request, error=Unauthenticated(WRONG_CODE))
    secret = _open_board(work, runtime, request, who, by=passed.value)
    then = "/board" if passed is Passed.APP else "/office/me"
    return let_in(RedirectResponse(then, 303), runtime, "dispatcher", secret)


@routes.get("/app")
def ask_app(request: Request, work: ReadDep, who: EnteringDep, runtime: RuntimeDep) -> Response:
    if _credential(work, who).factor_at is not None:
        return RedirectResponse("/sign-in/code", 303)
    return _app_page(request, work, who, runtime)


@routes.post("/app")
def confirm_app(
    form: Annotated[CodeForm, Form()], request: Request, work: WorkDep, who: EnteringDep, runtime: RuntimeDep
) -> Response:
    """The recovery codes are shown once, here: only their hashes are kept."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return _app_page(request, fresh, who, runtime, error=error)

    with shown_again(again):
        codes = confirm_factor(work, runtime.key, _credential(work, who), form.code)
    if codes is None:
        return _app_page(request, work, who, runtime, error=Unauthenticated(WRONG_CODE))
    secret = _open_board(work, runtime, request, who, by="app")
    page = render_page(request, "recovery_codes.html", codes=codes, then="/board")
    return let_in(page, runtime, "dispatcher", secret)


def _credential(work: Work, who: Principal) -> Credential:
    found = find_credential(work.session, who.subject_id)
    if found is None:
        raise Unauthenticated("Please sign in with your e-mail address and password first.")
    return found


def _open_board(work: Work, runtime: Runtime, request: Request, who: Principal, *, by: str) -> str:
    note_sign_in(work, get_dispatcher(work.session, who.subject_id), by)
    return begin(work, runtime, request, "dispatcher", who.subject_id)


def sign_in_page(
    request: Request, runtime: Runtime, *, email: str = "", error: DispatchError | None = None
) -> Response:
    return _refused_or_not(
        request, "sign_in.html", error, email=email, by_company=runtime.company is not None
    )


def _code_page(request: Request, *, error: DispatchError | None = None) -> Response:
    return _refused_or_not(request, "sign_in_code.html", error)


def _app_page(
    request: Request, work: Work, who: Principal, runtime: Runtime, *, error: DispatchError | None = None
) -> Response:
    person, secret = (
        get_dispatcher(work.session, who.subject_id),
        secret_of(runtime.key, _credential(work, who)),
    )
    uri = app_uri(secret, name=person.email or person.name, company=runtime.settings.company)
    return _refused_or_not(
        request,
        "sign_in_app.html",
        error,
        picture=segno.make(uri, error="m").svg_inline(scale=5, border=4, light="#fff", omitsize=True),
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        uri=uri,
    )


def _refused_or_not(request: Request, name: str, error: DispatchError | None, **values: Any) -> Response:
    """The page, or the page once more with what was wrong, and in what time to try again."""
    wait = error.details.get("retry_after_seconds") if error else None
    headers = {"Retry-After": str(wait)} if wait else {}
    status = status_of(error) if error else 200
    return render_page(request, name, status=status, headers=headers, error=error, **values)
