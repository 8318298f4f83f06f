"""Signing in with a company's own account, where there is one: `/sign-in/company`. It lets in only whom we know."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Annotated

from fastapi import Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.auth.entering import begin, let_in
from api.auth.sign_in import sign_in_page
from api.deps import RuntimeDep
from api.pages.again import Sent, shown_again
from api.pages.render import render_page
from api.principal import Principal
from api.runtime.runtime import Runtime
from api.strict import router
from dispatch.access.identity_provider import Errand, IdentityProvider, NotVouched
from dispatch.access.sessions import ENTERING
from dispatch.access.signing_in import begin_factor, note_sign_in
from dispatch.access.staff import email_key, find_by_email
from dispatch.errors import DispatchError, NotFound
from dispatch.work import Work

COOKIE, COOKIE_SECONDS = "mg-company", 600
AGAIN = "That took too long, or began in another browser. Please begin again."
UNKNOWN = (
    "Nobody here signs in with the address that your company gave. Ask an admin of your office to invite you."
)
UNVERIFIED = "Your company's sign-in does not say that your e-mail address is yours. Please sign in with your password."

routes = router("/sign-in/company", "sign-in", include_in_schema=False, default_response_class=HTMLResponse)

Told = Annotated[str, Query(max_length=4000)]


class BackForm(Sent):
    code: str = Field(default="", max_length=4000)
    state: str = Field(default="", max_length=200)


@routes.get("")
def leave_for_company(runtime: RuntimeDep) -> Response:
    """Off to the provider. What must come back with the browser is derived from a cookie that only it has."""
    secret = secrets.token_urlsafe(32)
    response = RedirectResponse(_provider(runtime).door(_errand(secret)), 303)
    secure = runtime.settings.base_url.startswith("https:")
    response.set_cookie(
        COOKIE, secret, max_age=COOKIE_SECONDS, path="/sign-in", secure=secure, httponly=True, samesite="lax"
    )
    return response


@routes.get("/back")
def come_back(request: Request, runtime: RuntimeDep, code: Told = "", state: Told = "") -> Response:
    """A page with one button, because opening an address changes nothing here. The provider may add what it likes."""
    _provider(runtime)
    return render_page(request, "company_back.html", code=code, state=state)


@routes.post("")
def enter(form: Annotated[BackForm, Form()], request: Request, runtime: RuntimeDep) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return sign_in_page(request, runtime, error=error)

    provider, secret = _provider(runtime), request.cookies.get(COOKIE, "")
    with shown_again(again):
        errand = _errand(secret)
        if not secret or not hmac.compare_digest(errand.state.encode(), form.state.encode()):
            raise NotVouched(AGAIN)
        with runtime.read() as look:
            now = look.now
        vouched = provider.redeem(form.code, errand, now)
        if not vouched.email_is_verified:
            raise NotVouched(UNVERIFIED)
        with runtime.work(Principal().actor, "POST /sign-in/company") as work:
            person = find_by_email(work, email_key(vouched.email))
            if person is None:
                raise NotVouched(UNKNOWN)
            role, then = "dispatcher", "/board"
            if not vouched.by_two_factors:
                role = ENTERING
                then = "/sign-in/code" if begin_factor(work, person).factor_at else "/sign-in/app"
            else:
                note_sign_in(work, person, "company")
            session = begin(work, runtime, request, role, person.id)
    response = let_in(RedirectResponse(then, 303), runtime, role, session)
    response.delete_cookie(COOKIE, path="/sign-in")
    return response


def _provider(runtime: Runtime) -> IdentityProvider:
    if runtime.company is None:
        raise NotFound()
    return runtime.company


def _errand(secret: str) -> Errand:
    state, nonce, verifier = (
        hashlib.sha256(f"{part}|{secret}".encode()).hexdigest() for part in ("state", "nonce", "verifier")
    )
    return Errand(state, nonce, verifier)
