"""What a link alone does not open: the whole address, and another phone or address. `/v/{token}/code` and behind it.

First a code goes to the phone on file; the browser in which it is entered may do these for half an hour.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.auth.cookies import proof_name, set_proof
from api.deps import ReadDep, RuntimeDep, TrackDep, WorkDep, reading, the_runtime
from api.errors import status_of
from api.pages.again import Sent, shown_again
from api.pages.agreeing import seen_from
from api.pages.finding_houses import Look, Looked, look_for, may_search, may_suggest
from api.pages.headline import window
from api.pages.render import render_page
from api.pages.speaking import tongue_about
from api.pages.tongue import term
from api.principal import Principal
from api.strict import router
from dispatch.access.codes import BELIEVED_FOR, Entered, ask_code, enter_code, is_proven, waits_for_digits
from dispatch.board.card import card_of
from dispatch.bookings.changes import change_place
from dispatch.customers.actions import change_phone, place_at
from dispatch.customers.queries import get_address, get_customer
from dispatch.customers.tables import Customer
from dispatch.errors import DispatchError
from dispatch.plans.turns import take_visit
from dispatch.territories.queries import get_territory
from dispatch.territories.tables import Territory
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications.consent import CONSENT_WORDS, give_consent, words_in

To = Literal["", "phone", "address"]
WRONG = {
    Entered.WRONG: term("That is not the code. Please look at the newest text from us and try again."),
    Entered.BURNT: term("That was one try too many. Please ask for a new code."),
    Entered.GONE: term("This code has run out, or a newer one was sent. Please ask for a new code."),
}

routes = router("/v/{token}", "tracking", include_in_schema=False, default_response_class=HTMLResponse)


class ToForm(Sent):
    to: To = ""


class DigitsForm(ToForm):
    digits: str = Field(max_length=20)


class PhoneForm(Sent):
    phone: str = Field(default="", max_length=40)
    consent: bool = False
    consent_words: str = Field(default="", max_length=40)


class AddressForm(Sent):
    address: str = Field(default="", max_length=240)
    lat: float = Field(ge=-90, le=90)
    lng: float = Field(ge=-180, le=180)


def may_see_all(request: Request, work: Work, who: Principal) -> bool:
    """Whether this browser has entered a code that went to the phone on file."""
    visit, customer = _theirs(work, who)
    proof = request.cookies.get(proof_name(the_runtime(request).settings.base_url), "")
    return is_proven(work.session, visit.id, customer.phone, proof, work.now)


@routes.get("/code")
def ask(
    token: str, request: Request, work: ReadDep, who: TrackDep, to: Annotated[To, Query()] = ""
) -> Response:
    return _code_page(request, work, who, token, to)


@routes.post("/code/send")
def send(
    token: str, request: Request, form: Annotated[ToForm, Form()], work: WorkDep, who: TrackDep
) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return _code_page(request, fresh, who, token, form.to, error=error)

    with shown_again(again):
        visit = take_visit(work, who.visit_id or "")
        ask_code(work, visit.id, get_customer(work.session, visit.customer_id).phone)
    return RedirectResponse(f"{_base(token)}/code?to={form.to}", 303)


@routes.post("/code")
def enter(
    token: str,
    request: Request,
    form: Annotated[DigitsForm, Form()],
    work: WorkDep,
    who: TrackDep,
    runtime: RuntimeDep,
) -> Response:
    """A wrong code is counted: the page says so, and nothing is raised that would undo the counting."""
    visit, customer = _theirs(work, who)
    digits = "".join(sign for sign in form.digits if sign.isascii() and sign.isdecimal())
    entered, proof = enter_code(work, runtime.key, visit.id, customer.phone, digits)
    if entered is not Entered.RIGHT:
        return _code_page(request, work, who, token, form.to, wrong=WRONG[entered])
    response = RedirectResponse(f"{_base(token)}/{form.to}".rstrip("/"), 303)
    set_proof(response, runtime.settings.base_url, proof, seconds=int(BELIEVED_FOR.total_seconds()))
    return response


@routes.get("/phone")
def ask_phone(token: str, request: Request, work: ReadDep, who: TrackDep) -> Response:
    if not may_see_all(request, work, who):
        return _to_code(token, "phone")
    return _phone_page(request, work, who, token)


@routes.post("/phone")
def set_phone(
    token: str, request: Request, form: Annotated[PhoneForm, Form()], work: WorkDep, who: TrackDep
) -> Response:
    """Consent does not follow to another number: whoever wants texts there says so again."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return _phone_page(request, fresh, who, token, form=form, error=error)

    if not may_see_all(request, work, who):
        return _to_code(token, "phone")
    with shown_again(again):
        visit, customer = _theirs(work, who)
        country = get_territory(work.session, visit.territory_id).country
        phone = change_phone(work, customer, form.phone, country=country, visit_id=visit.id)
        if form.consent and form.consent_words in CONSENT_WORDS:
            give_consent(work, phone, "web", form.consent_words, seen_from=seen_from(request))
    return RedirectResponse(_base(token), 303)


@routes.get("/address")
def ask_address(token: str, request: Request, work: ReadDep, who: TrackDep) -> Response:
    if not may_see_all(request, work, who):
        return _to_code(token, "address")
    return _address_page(request, work, who, token)


@routes.get("/address/find")
async def find_address(
    token: str, request: Request, look: Annotated[Look, Query()], who: TrackDep, runtime: RuntimeDep
) -> Response:
    def where(work: Work) -> tuple[Territory, str] | None:
        if not may_see_all(request, work, who):
            return None
        visit, _ = _theirs(work, who)
        language = tongue_about(request, work, visit).language
        return get_territory(work.session, visit.territory_id), language

    known = await reading(runtime, where)
    if known is None:
        return _to_code(token, "address")
    looked = await look_for(request, look, *known)
    return await reading(
        runtime, lambda work: _address_page(request, work, who, token, form=look, looked=looked)
    )


@routes.post("/address")
def set_address(
    token: str, request: Request, form: Annotated[AddressForm, Form()], work: WorkDep, who: TrackDep
) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return _address_page(request, fresh, who, token, form=form, error=error)

    if not may_see_all(request, work, who):
        return _to_code(token, "address")
    with shown_again(again):
        visit = take_visit(work, who.visit_id or "")
        change_place(work, visit, line=form.address, place=place_at(form.lat, form.lng))
    return RedirectResponse(_base(token), 303)


def _code_page(
    request: Request,
    work: Work,
    who: Principal,
    token: str,
    to: To,
    *,
    wrong: str = "",
    error: DispatchError | None = None,
) -> Response:
    visit, customer = _theirs(work, who)
    return render_page(
        request,
        "code.html",
        tongue=tongue_about(request, work, visit),
        status=status_of(error) if error else 422 if wrong else 200,
        base=_base(token),
        to=to,
        ends=customer.phone[-2:],
        waits=waits_for_digits(work.session, visit.id, customer.phone, work.now),
        office_phone=get_territory(work.session, visit.territory_id).office_phone,
        wrong=wrong,
        error=error,
    )


def _phone_page(
    request: Request,
    work: Work,
    who: Principal,
    token: str,
    *,
    form: PhoneForm | None = None,
    error: DispatchError | None = None,
) -> Response:
    visit, customer = _theirs(work, who)
    version = words_in(customer.language)
    return render_page(
        request,
        "code_phone.html",
        tongue=tongue_about(request, work, visit),
        status=status_of(error) if error else 200,
        base=_base(token),
        form=form or PhoneForm(phone=customer.phone),
        consent_version=version,
        consent_language=version.partition("-")[0],
        consent_words=CONSENT_WORDS[version].format(company=the_runtime(request).settings.company),
        error=error,
    )


def _address_page(
    request: Request,
    work: Work,
    who: Principal,
    token: str,
    *,
    form: AddressForm | Look | None = None,
    error: DispatchError | None = None,
    looked: Looked | None = None,
) -> Response:
    visit, _ = _theirs(work, who)
    tongue = tongue_about(request, work, visit)
    address = get_address(work.session, visit.address_id)
    refused = error or (looked and looked.error)
    return render_page(
        request,
        "code_address.html",
        tongue=tongue,
        status=status_of(refused) if refused else 200,
        base=_base(token),
        form=form or AddressForm(address=address.line, lat=address.lat, lng=address.lng),
        centre=(address.lat, address.lng),
        looked=looked,
        searches=may_search(request),
        suggests=may_suggest(request),
        window=window(card_of(work, visit.id), tongue),
        error=error,
    )


def _theirs(work: Work, who: Principal) -> tuple[Visit, Customer]:
    visit = get_visit(work.session, who.visit_id or "")
    return visit, get_customer(work.session, visit.customer_id)


def _base(token: str) -> str:
    return f"/v/{token.rstrip('.,)>')}"


def _to_code(token: str, to: To) -> Response:
    return RedirectResponse(f"{_base(token)}/code?to={to}", 303)
