"""What somebody of the office signs in with, and where they are signed in: their own, for everybody. `/office/me`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.auth.devices import address_of
from api.auth.entering import begin, let_in
from api.auth.pages import good_password
from api.deps import ReadDep, RuntimeDep, StaffDep, WorkDep
from api.errors import status_of
from api.pages.again import Sent, shown_again
from api.pages.staff import staff_page
from api.principal import Principal
from api.runtime.runtime import Runtime
from api.strict import router
from dispatch.access.factors import count_recovery_codes
from dispatch.access.passwords import hash_password, matches
from dispatch.access.sessions import ENTERING, end_session, end_sessions, list_sessions
from dispatch.access.signing_in import Claim, accept, change_password, claim, find_credential, renew_factor
from dispatch.errors import DispatchError, Invalid
from dispatch.portraits import find_portrait
from dispatch.territories.queries import get_dispatcher
from dispatch.territories.tables import Dispatcher
from dispatch.work import Work

routes = router("/office/me", "office", include_in_schema=False, default_response_class=HTMLResponse)


class AgainForm(Sent):
    """`email` is there for password managers; whose password it is says the session."""

    email: str = Field(default="", max_length=500)
    password: str = Field(default="", max_length=2000)


class PasswordForm(AgainForm):
    new_password: str = Field(default="", max_length=2000)


@routes.get("")
def show(request: Request, work: ReadDep, who: StaffDep, saved: bool = False) -> Response:
    return own_page(request, work, who, saved=saved)


@routes.post("/password")
def change(
    form: Annotated[PasswordForm, Form()], request: Request, who: StaffDep, runtime: RuntimeDep
) -> Response:
    """The password once more, because whoever sits at an open browser need not be its owner."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return own_page(request, fresh, who, error=error)

    with shown_again(again):
        claimed = _prove(runtime, request, who, form.password)
        password_hash = hash_password(good_password(runtime, form.new_password, email=claimed.email))
        with runtime.work(who.actor, "POST /office/me/password") as work:
            accept(work, claimed)
            person = get_dispatcher(work.session, who.subject_id)
            change_password(work, person, password_hash, keep_session_id=who.session_id)
    return RedirectResponse("/office/me?saved=1", 303)


@routes.post("/app")
def renew(
    form: Annotated[AgainForm, Form()], request: Request, who: StaffDep, runtime: RuntimeDep
) -> Response:
    """Another phone, or ten new codes: the second key is set up anew, in every browser."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return own_page(request, fresh, who, error=error)

    with shown_again(again):
        claimed = _prove(runtime, request, who, form.password)
        with runtime.work(who.actor, "POST /office/me/app") as work:
            accept(work, claimed)
            renew_factor(work, get_dispatcher(work.session, who.subject_id))
            secret = begin(work, runtime, request, ENTERING, who.subject_id)
    return let_in(RedirectResponse("/sign-in/app", 303), runtime, ENTERING, secret)


@routes.post("/sessions/end")
def end_others(work: WorkDep, who: StaffDep) -> Response:
    """Every other browser of theirs."""
    end_sessions(work, who.subject_id, but=who.session_id)
    return RedirectResponse("/office/me?saved=1", 303)


@routes.post("/sessions/{session_id}/end")
def end(session_id: str, work: WorkDep, who: StaffDep) -> Response:
    end_session(work, session_id, subject_ids=[who.subject_id])
    return RedirectResponse("/office/me?saved=1", 303)


def _prove(runtime: Runtime, request: Request, who: Principal, password: str) -> Claim:
    """That it is their password: counted like a try to sign in. Raises Invalid when it is not."""
    with runtime.work(who.actor, "password asked again") as work:
        person = get_dispatcher(work.session, who.subject_id)
        claimed = claim(work, person.email or "", address_of(request))
    if not matches(claimed.password_hash, password):
        raise Invalid.field("password", "password_wrong", "That is not the password that you have now.")
    return claimed


def own_page(
    request: Request, work: Work, who: Principal, *, error: DispatchError | None = None, saved: bool = False
) -> Response:
    """Theirs, with what was wrong with what they sent."""
    credential = find_credential(work.session, who.subject_id)
    return staff_page(
        request,
        work,
        who,
        "office_me.html",
        status=status_of(error) if error else 200,
        person=get_dispatcher(work.session, who.subject_id),
        credential=credential,
        codes_left=count_recovery_codes(work.session, credential) if credential else 0,
        sessions=list_sessions(work.session, [who.subject_id], work.now),
        own_id=who.session_id,
        portrait=find_portrait(work, Dispatcher, who.subject_id),
        error=error,
        saved=saved,
    )
