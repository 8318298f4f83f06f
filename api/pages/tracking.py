"""A customer's own page: what is happening, what they can do, and the whole record. `/v/{token}`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import Field
from sqlmodel import Session

from api.calendar import CalendarFile, calendar_file
from api.deps import ReadDep, RuntimeDep, TrackDep, WorkDep
from api.errors import status_of
from api.live import After, event_stream, of_visit
from api.pages.again import Sent, shown_again
from api.pages.agreeing import TextsForm, seen_from, settle_texts
from api.pages.headline import can_do, headline, refresh_seconds, reported_at, says_when, window
from api.pages.proving import may_see_all
from api.pages.render import render_page
from api.pages.speaking import tongue_about
from api.pages.words import record
from api.principal import Principal
from api.routers import recoveries, visits
from api.runtime.runtime import Runtime
from api.schemas.recoveries import ChoiceIn
from api.schemas.visits import NobodyCameIn, RatingIn
from api.strict import router
from dispatch.board.card import Card, RecoveryCard, card_of
from dispatch.board.seen import for_link, may_see_portrait
from dispatch.callbacks.actions import promise_callback
from dispatch.callbacks.briefs import briefs_of
from dispatch.customers.queries import get_customer
from dispatch.customers.tables import Customer
from dispatch.errors import DispatchError, NotFound
from dispatch.ledger import history
from dispatch.plans.expected import Arrival
from dispatch.plans.ranges import ON_PAGE
from dispatch.plans.ranges import told as told_range
from dispatch.plans.turns import take_visit
from dispatch.portraits import find_portrait
from dispatch.recoveries.queries import find_open, list_offers
from dispatch.recoveries.states import OfferState
from dispatch.technicians.queries import get_technician
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_territory
from dispatch.territories.tables import Dispatcher
from dispatch.visits.actions import keep_note
from dispatch.visits.queries import get_visit, list_notes
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.wishes.queries import find_open as find_sooner
from dispatch.wishes.queries import find_wish
from dispatch.wishes.tables import SoonerOffer
from dispatch.work import Work
from notifications.consent import consent_state, say_words, words_in
from notifications.people.export import export_person
from notifications.people.whose import one_customer
from notifications.record.own_page import told_about

routes = router("/v/{token}", "tracking", include_in_schema=False, default_response_class=HTMLResponse)


class ChoiceForm(Sent):
    choice: Literal["1", "2", "another_day", "person"]


class NoteForm(Sent):
    """Who presses the button may say something with it, for the office to read."""

    note: str = Field(default="", max_length=500)


class RatingForm(Sent):
    score: int = Field(ge=1, le=5)


@routes.get("")
def show(token: str, request: Request, work: ReadDep, who: TrackDep, runtime: RuntimeDep) -> Response:
    visit = theirs(work, who)
    tongue = tongue_about(request, work, visit)
    sees_all = may_see_all(request, work, who)
    card, territory = card_of(work, visit.id), get_territory(work.session, visit.territory_id)
    card = card if sees_all else for_link(card)
    _note_range(runtime, visit, card, work.now)
    entries = history(work.session, visit.id)
    told = reported_at(card, entries)
    kept = _kept_by_rule(work.session, card.recovery)
    phone = get_customer(work.session, visit.customer_id).phone
    return render_page(
        request,
        "tracking.html",
        tongue=tongue,
        portrait=find_portrait(work, Technician, card.technician_id) if may_see_portrait(card) else None,
        caller=find_portrait(work, Dispatcher, card.callback.person_id) if card.callback else None,
        briefed=card.callback is not None and card.callback.id in briefs_of(work.session, [card.callback.id]),
        window=window(card, tongue),
        consent=consent_state(work, phone),
        phone=phone[-3:],
        base=base_of(token),
        card=card,
        sees_all=sees_all,
        territory=territory,
        now=work.now,
        headline=headline(card, work.now, told, tongue),
        can=can_do(card, work.now, told, kept_by_rule=kept is not None),
        kept=kept,
        lines=record(work.session, entries, territory, tongue),
        texts=told_about(work, visit, entries, tongue),
        said=_has_said(work, visit),
        sooner=sooner_of(work, visit, card),
        refresh=refresh_seconds(card, work.now),
        news=f"{base_of(token)}/live",
    )


def _note_range(runtime: Runtime, visit: Visit, card: Card, now: datetime) -> None:
    """What the page says about when somebody arrives is kept, to be held against the arrival."""
    if card.expected and card.technician_id and says_when(card, now):
        shown = Arrival(card.technician_id, *card.expected)
        runtime.ranges.note(told_range(visit, shown, now, ON_PAGE))


@routes.get("/live")
async def live(request: Request, token: str, who: TrackDep, after: After = None) -> Response:
    """News of this visit, for an open page."""
    return event_stream(request, after, of_visit(who))


@routes.get("/calendar.ics")
def calendar(token: str, work: ReadDep, who: TrackDep, runtime: RuntimeDep) -> Response:
    body = calendar_file(
        for_link(card_of(work, who.visit_id or "")), work.now, company=runtime.settings.company
    )
    named = {"Content-Disposition": 'inline; filename="visit.ics"'}
    return CalendarFile(body, headers=named)


@routes.post("/choice")
def choice(token: str, form: Annotated[ChoiceForm, Form()], work: WorkDep, who: TrackDep) -> Response:
    recovery = find_open(work.session, who.visit_id or "")
    if recovery is None:
        raise NotFound("There is nothing to choose any more.")
    recoveries.answer(recovery.id, ChoiceIn(choice=form.choice), work, who)
    return back_to(token)


@routes.post("/person")
def person(token: str, form: Annotated[NoteForm, Form()], work: WorkDep, who: TrackDep) -> Response:
    """A person rings, and knows what it is about: in an open recovery that is the customer's choice."""
    visit = take_visit(work, who.visit_id or "")
    _keep_words(work, visit, form)
    recovery = find_open(work.session, visit.id)
    if recovery:
        recoveries.answer(recovery.id, ChoiceIn(choice="person"), work, who)
    else:
        promise_callback(work, territory_id=visit.territory_id, about="customer_asked", visit_id=visit.id)
    return back_to(token)


@routes.post("/nobody-came")
def nobody_came(token: str, work: WorkDep, who: TrackDep) -> Response:
    visits.nobody_came(who.visit_id or "", NobodyCameIn(), work, who)
    return back_to(token)


@routes.post("/at-home")
def at_home(token: str, form: Annotated[NoteForm, Form()], work: WorkDep, who: TrackDep) -> Response:
    """'I was at home.' One tap, and a line about it for whoever has one."""
    visits.contest_absence(who.visit_id or "", work, who)
    _keep_words(work, theirs(work, who), form)
    return back_to(token)


@routes.post("/my-data")
def my_data(token: str, work: WorkDep, who: TrackDep, runtime: RuntimeDep) -> Response:
    """All that we hold about the customer of this link, as a file for them."""
    customer = get_customer(work.session, theirs(work, who).customer_id)
    body = export_person(work, runtime.writer, one_customer(work.session, customer), scope="one customer")
    return JSONResponse(body, headers={"Content-Disposition": 'attachment; filename="my-data.json"'})


@routes.post("/rating")
def rating(token: str, form: Annotated[RatingForm, Form()], work: WorkDep, who: TrackDep) -> Response:
    visits.rate_visit(who.visit_id or "", RatingIn(score=form.score), work, who)
    return back_to(token)


@routes.get("/texts")
def ask_texts(token: str, request: Request, work: ReadDep, who: TrackDep) -> Response:
    """The words beside an unticked box, for whoever gets no texts and would like some."""
    return _asked(request, token, work, who)


@routes.post("/texts")
def texts(
    token: str, request: Request, form: Annotated[TextsForm, Form()], work: WorkDep, who: TrackDep
) -> Response:
    """'No more texts', and 'text me again'. The visit stays; a person rings about it."""
    with shown_again(lambda fresh, error: _asked(request, token, fresh, who, error)):
        settle_texts(work, _customer(work, who).phone, form, source="page", seen_from=seen_from(request))
    return RedirectResponse(f"{base_of(token)}#texts", 303)


def _asked(
    request: Request, token: str, work: Work, who: Principal, error: DispatchError | None = None
) -> Response:
    customer = _customer(work, who)
    words = words_in(customer.language)
    return render_page(
        request,
        "texts_wanted.html",
        tongue=tongue_about(request, work, theirs(work, who)),
        status=status_of(error) if error else 200,
        base=base_of(token),
        error=error,
        consent=consent_state(work, customer.phone),
        phone=customer.phone[-3:],
        words=words,
        consent_words=say_words(words, request.app.state.runtime.settings.company),
    )


@dataclass(frozen=True, slots=True)
class Sooner:
    """Whether the customer may wish for an earlier time, waits for one, and what is kept for them."""

    may_wish: bool
    waits: bool
    offer: SoonerOffer | None
    who: str | None


def sooner_of(work: Work, visit: Visit, card: Card) -> Sooner:
    is_open = visit.state is VisitState.BOOKED and card.start_at > work.now
    waits = is_open and find_wish(work.session, visit.id) is not None
    offer = find_sooner(work.session, visit.id) if waits else None
    offer = offer if offer and offer.expires_at > work.now else None
    who = (
        get_technician(work.session, offer.technician_id).first_name
        if offer and offer.technician_id
        else None
    )
    return Sooner(is_open and not waits, waits, offer, who)


def theirs(work: Work, who: Principal) -> Visit:
    return get_visit(work.session, who.visit_id or "")


def _keep_words(work: Work, visit: Visit, form: NoteForm) -> None:
    if form.note.strip():
        keep_note(work, visit, form.note)


def _has_said(work: Work, visit: Visit) -> bool:
    """Whether the customer wrote something that whoever rings can read."""
    return any(note.written_by.startswith("customer") for note in list_notes(work.session, visit.id))


def _customer(work: Work, who: Principal) -> Customer:
    return get_customer(work.session, theirs(work, who).customer_id)


def base_of(token: str) -> str:
    """The page's own path, without the punctuation that a phone glued to the link."""
    return f"/v/{token.rstrip('.,)>')}"


def back_to(token: str) -> Response:
    return RedirectResponse(base_of(token), 303)


def _kept_by_rule(session: Session, recovery: RecoveryCard | None) -> int | None:
    """The number of the option that the policy took for a customer who has not answered yet."""
    if recovery is None or recovery.chosen_at or not (recovery.arranged_by or "").startswith("policy"):
        return None
    taken = [offer for offer in list_offers(session, recovery.id) if offer.state is OfferState.TAKEN]
    return taken[-1].rank if taken else None
