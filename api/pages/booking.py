"""Booking in three steps: what and where, when, who. For a customer with a link, and for the office with a caller."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from api.auth.devices import address_of
from api.errors import status_of
from api.pages.again import Sent, shown_again
from api.pages.agreeing import LANGUAGES, scripts, seen_from
from api.pages.changing import SHOWN_DAYS, by_day
from api.pages.finding_houses import Look, Looked, may_search, may_suggest
from api.pages.render import render_page
from api.pages.speaking import tongue_for
from api.pages.staff import staff_page
from api.pages.tongue import ENGLISH, Tongue, term
from api.principal import Principal
from api.routers import visits
from api.routers.slots import request_for
from api.runtime.runtime import Runtime
from api.schemas.base import DayIn, InstantIn
from api.schemas.visits import VisitIn
from api.tracking import tracking_url
from dispatch.access.booking_codes import code_for, enter_booking_code, take_code
from dispatch.access.codes import Entered
from dispatch.access.links import LinkKey
from dispatch.access.tables import Invitation
from dispatch.bookings.actions import hold_window
from dispatch.bookings.slots import list_slots
from dispatch.errors import DispatchError
from dispatch.holds.actions import release
from dispatch.holds.queries import list_kept_for
from dispatch.holds.tables import Hold
from dispatch.local_time import local_day
from dispatch.services.queries import list_services
from dispatch.territories.queries import get_territory
from dispatch.visits.queries import get_visit
from dispatch.wishes.actions import wish_sooner
from dispatch.words import phone_number
from dispatch.work import Work
from notifications import messages
from notifications.consent import CONSENT_WORDS, CURRENT_WORDS, say_words, words_in
from notifications.outbox.queueing import queue, to_stranger

WRONG = {
    Entered.WRONG: term("That is not the code. Please look at the newest text from us and try again."),
    Entered.BURNT: term("That was one try too many. Please choose a time again, or ring us."),
}


class Wish(Sent):
    """Step 1: what, and where."""

    service: str = Field(min_length=1, max_length=40)
    address: str = Field(min_length=1, max_length=240)
    lat: float = Field(ge=-90, le=90)
    lng: float = Field(ge=-180, le=180)


class WishOn(Wish):
    """The same with the first day to look at."""

    from_day: Annotated[DayIn | None, Field(alias="from")] = None


class WishAt(Wish):
    """Step 2: the window."""

    start_at: InstantIn


class Person(Sent):
    """Step 3: who. The box of consent is sent only when it is ticked."""

    hold: str = Field(pattern=r"^[0-9a-z]{26}$")
    address: str = Field(min_length=1, max_length=240)
    name: str = Field(min_length=1, max_length=120)
    phone: str = Field(min_length=3, max_length=40)
    note: str = Field(default="", max_length=2000)
    language: str = Field(default="", pattern=r"^([a-z]{2})?$")
    sooner: bool = False
    consent: bool = False
    consent_words: str = Field(default=CURRENT_WORDS, pattern=f"^({'|'.join(CONSENT_WORDS)})$")
    digits: str = Field(default="", max_length=20)


@dataclass(frozen=True, slots=True)
class Counter:
    """Where somebody books: `base` is the path of its pages, `office` whether somebody books for a caller."""

    request: Request
    who: Principal
    base: str

    @property
    def office(self) -> bool:
        return self.who.role == "dispatcher"

    @property
    def tongue(self) -> Tongue:
        """The one that the customer's browser asks for; nothing is known of a caller's."""
        return ENGLISH if self.office else tongue_for(self.request)

    @property
    def language(self) -> str:
        return "" if self.office else self.tongue.language

    def page(
        self,
        name: str,
        work: Work,
        error: DispatchError | None = None,
        *,
        refused_with: int = 200,
        **values: Any,
    ) -> Response:
        values |= {"base": self.base, "office": self.office, "error": error}
        looked: Looked | None = values.get("looked")
        refused = error or (looked and looked.error)
        status = status_of(refused) if refused else refused_with
        if self.office:
            return staff_page(self.request, work, self.who, name, status=status, **values)
        territory = get_territory(work.session, self.who.territory_id or "")
        values |= {"territory": territory, "zone": territory.time_zone}
        return render_page(self.request, name, status=status, tongue=self.tongue, **values)


def show_wish(
    counter: Counter,
    work: Work,
    wish: Wish | Look | None = None,
    error: DispatchError | None = None,
    looked: Looked | None = None,
) -> Response:
    return counter.page(
        "book_what.html",
        work,
        error,
        services=list_services(work.session),
        wish=wish,
        looked=looked,
        searches=may_search(counter.request),
        suggests=may_suggest(counter.request),
    )


def show_times(
    counter: Counter,
    work: Work,
    wish: Wish,
    *,
    from_day: dt.date | None = None,
    error: DispatchError | None = None,
) -> Response:
    """Step 2, soonest first; an address that we cannot serve leads back to step 1 with the reason."""
    try:
        request = request_for(work, counter.who, wish.service, wish.lat, wish.lng)
        first = max(from_day or dt.date.min, local_day(work.now, request.territory.zone))
        slots = list_slots(work, request, from_day=first, days=SHOWN_DAYS)
    except DispatchError as refused:
        return show_wish(counter, work, wish, refused)
    return counter.page(
        "book_when.html",
        work,
        error,
        wish=wish,
        service=request.service,
        days=by_day(slots),
        later=first + dt.timedelta(days=SHOWN_DAYS),
    )


def keep_time(counter: Counter, work: Work, wish: WishAt) -> Response:
    """Hold the window while the last form is filled. A customer keeps one place at a time."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return show_times(counter, fresh, _without_time(wish), error=error)

    with shown_again(again):
        request = request_for(work, counter.who, wish.service, wish.lat, wish.lng)
        if not counter.office:
            for kept in list_kept_for(work.session, str(counter.who.actor), work.now):
                release(work, kept)
            work.session.flush()
        hold = hold_window(work, request, wish.start_at)
    there = counter.request.url.replace(path=f"{counter.base}/details", query="")
    there = there.include_query_params(hold=hold.id, address=wish.address)
    return RedirectResponse(f"{there.path}?{there.query}", 303)


def show_person(
    counter: Counter,
    work: Work,
    hold_id: str,
    address: str,
    *,
    person: Person | None = None,
    error: DispatchError | None = None,
) -> Response:
    hold = visits.held_for(work, counter.who, hold_id)
    version = words_in(counter.language)
    company = counter.request.app.state.runtime.settings.company
    return counter.page(
        "book_who.html",
        work,
        error,
        hold=hold,
        address=address,
        person=person,
        live=hold.is_live(work.now),
        consent_words=say_words(version, company),
        consent_version=version,
        scripts=scripts(company) if counter.office else {},
        consent_language=version.partition("-")[0],
        invited_phone=_invited_phone(work, counter),
        languages=LANGUAGES,
        language=person.language if person else counter.language,
    )


def _invited_phone(work: Work, counter: Counter) -> str:
    """The phone to which this link was sent: it need not be typed again."""
    invitation = None if counter.office else work.session.get(Invitation, counter.who.subject_id)
    return invitation.phone if invitation else ""


def finish(counter: Counter, work: Work, person: Person, runtime: Runtime) -> Response:
    """The visit, all of it or nothing. Whoever presses twice sees the visit that the first press booked.

    A phone to which the link was not sent is texted a code first: until its digits are entered nothing is booked.
    """

    def again(fresh: Work, error: DispatchError) -> Response:
        return show_person(counter, fresh, person.hold, person.address, person=person, error=error)

    hold = visits.held_for(work, counter.who, person.hold)
    if hold.consumed_by_visit_id is None:
        with shown_again(again):
            is_proven = not counter.office and not visits.is_own_phone(work, counter.who, person.phone)
            if is_proven and (asked := _ask_for_code(counter, work, hold, person, runtime.key)):
                return asked
            body = VisitIn(
                hold_id=hold.id,
                name=person.name,
                phone=person.phone,
                address=person.address,
                note=person.note,
                language=person.language or None,
                consent=person.consent,
            )
            visits.book_visit(
                work,
                counter.who,
                body,
                runtime,
                address=address_of(counter.request),
                words=words_in(person.language) if counter.office else person.consent_words,
                seen_from=seen_from(counter.request),
                is_proven=is_proven,
            )
            if person.sooner:
                wish_sooner(work, get_visit(work.session, hold.consumed_by_visit_id or ""))
    return RedirectResponse(_booked_page(counter, work, hold, runtime), 303)


def _ask_for_code(counter: Counter, work: Work, hold: Hold, person: Person, key: LinkKey) -> Response | None:
    """None once the digits are right. Wrong ones are counted: nothing is raised that would undo the counting."""
    if not hold.is_live(work.now):
        return show_person(counter, work, hold.id, person.address, person=person)
    country = get_territory(work.session, hold.territory_id).country
    phone, wrong = phone_number(person.phone, country, ours=work.own_numbers), ""
    if person.digits:
        digits = "".join(sign for sign in person.digits if sign.isascii() and sign.isdecimal())
        entered = enter_booking_code(work, key, hold.id, phone, digits)
        if entered is Entered.RIGHT:
            return None
        wrong = WRONG[entered]
    else:
        take_code(work, counter.who.subject_id, phone)
        to = replace(to_stranger(phone, hold.territory_id), language=person.language or counter.language)
        params = {"code_id": code_for(hold.id, phone)}
        queue(work, messages.BOOKING_CODE, to, round=work.new_id(), params=params, direct=True)
    return counter.page(
        "book_code.html",
        work,
        refused_with=422 if wrong else 200,
        hold=hold,
        person=person,
        ends=phone[-2:],
        wrong=wrong,
    )


def _booked_page(counter: Counter, work: Work, hold: Hold, runtime: Runtime) -> str:
    visit = get_visit(work.session, hold.consumed_by_visit_id or "")
    if counter.office:
        return f"/board/visits/{visit.id}"
    return tracking_url(work, runtime, visit).removeprefix(runtime.settings.base_url)


def _without_time(wish: WishAt) -> Wish:
    return Wish(**wish.model_dump(exclude={"start_at"}))
