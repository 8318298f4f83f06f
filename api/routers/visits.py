"""Visits: booked, found, followed, changed, and made to happen."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import JSONResponse, Response

from api.auth.devices import address_of
from api.calendar import CalendarFile, calendar_file
from api.deps import BookerDep, KnownDep, ReadDep, RuntimeDep, StaffDep, TechnicianDep, TrackDep, WorkDep
from api.idempotency import OnceDep
from api.principal import Principal
from api.runtime.runtime import Runtime
from api.schemas.visits import (
    EntryOut,
    HistoryOut,
    NobodyCameIn,
    RatingIn,
    RescheduleIn,
    StepIn,
    VisitIn,
    VisitOut,
    VisitsOut,
)
from api.strict import router
from api.tracking import tracking_url
from dispatch.access.tables import Invitation
from dispatch.access.turns import bookings_from, take_turn
from dispatch.board.card import Card, card_of, cards_of
from dispatch.board.seen import REACHABLE_AFTER_DONE, for_link, for_technician
from dispatch.bookings.actions import book
from dispatch.bookings.changes import cancel, reschedule, undo_cancel, undo_reschedule
from dispatch.customers.actions import place_at
from dispatch.customers.queries import get_customer
from dispatch.errors import NotFound, StateConflict
from dispatch.failures.actions import contest
from dispatch.failures.queries import list_for_visit
from dispatch.failures.reports import report_nobody_came
from dispatch.field.actions import Hindrance, arrive, cannot_finish, finish, leave, nobody_home
from dispatch.field.declining import decline
from dispatch.field.evidence import require_same_day
from dispatch.holds.queries import get_hold
from dispatch.holds.tables import Hold, HoldPurpose
from dispatch.ledger import history
from dispatch.local_time import local_day
from dispatch.plans.queries import find_assignment
from dispatch.plans.tables import Assignment
from dispatch.plans.turns import take_visit
from dispatch.promises.states import Agreed
from dispatch.recoveries.decisions import give_up
from dispatch.recoveries.queries import find_open
from dispatch.technicians.queries import get_technician
from dispatch.territories.queries import get_territory
from dispatch.visits.actions import rate
from dispatch.visits.queries import get_visit, search
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.words import phone_number
from dispatch.work import Work
from notifications.consent import CURRENT_WORDS, give_consent

routes = router("/api/v1/visits", "visits")


@routes.post("", status_code=201, response_model=VisitOut)
def book_one(
    body: VisitIn, request: Request, work: WorkDep, who: BookerDep, once: OnceDep, runtime: RuntimeDep
) -> JSONResponse:
    """A visit with a promise, in the plan, with its confirmation text: all of it, or nothing."""
    return once.answer(work, lambda: book_visit(work, who, body, runtime, address=address_of(request)))


@routes.get("")
def find(work: ReadDep, who: StaffDep, q: Annotated[str, Query(min_length=2, max_length=120)]) -> VisitsOut:
    """By reference (also a misheard one), phone, name or address. 'We have no record' cannot be said."""
    found = [visit.id for visit in search(work.session, q) if visit.territory_id == who.territory_id]
    return VisitsOut(visits=[VisitOut.of(card, who.role) for card in cards_of(work, found)])


@routes.get("/mine")
def show_mine(work: ReadDep, who: TrackDep) -> VisitOut:
    """The visit that the link of a text is about."""
    return VisitOut.of(seen_by(work, who, who.visit_id or ""), who.role)


@routes.get("/{visit_id}")
def show(visit_id: str, work: ReadDep, who: KnownDep) -> VisitOut:
    return VisitOut.of(seen_by(work, who, theirs(work, who, visit_id).id), who.role)


@routes.get("/{visit_id}/history")
def show_history(visit_id: str, work: ReadDep, who: KnownDep) -> HistoryOut:
    """The whole record: the same facts for the customer and the office."""
    visit = theirs(work, who, visit_id)
    entries = [EntryOut.of(entry) for entry in history(work.session, visit.id)]
    return HistoryOut(reference=visit.reference, entries=entries)


@routes.get("/{visit_id}/calendar", response_class=CalendarFile)
def show_calendar(visit_id: str, work: ReadDep, who: KnownDep, runtime: RuntimeDep) -> Response:
    visit = theirs(work, who, visit_id)
    body = calendar_file(seen_by(work, who, visit.id), work.now, company=runtime.settings.company)
    return CalendarFile(body)


@routes.post("/{visit_id}/status")
def step(visit_id: str, body: StepIn, work: WorkDep, who: TechnicianDep) -> VisitOut:
    """The technician's next step."""
    take_step(work, who, visit_id, body)
    work.session.flush()
    return VisitOut.of(seen_by(work, who, visit_id), who.role)


@routes.post("/{visit_id}/reschedule")
def move_to(visit_id: str, body: RescheduleIn, work: WorkDep, who: KnownDep) -> VisitOut:
    """To the window of a hold, with the customer's recorded consent."""
    visit = _changeable(work, who, visit_id)
    hold = held_for(work, who, body.hold_id)
    reschedule(work, visit, hold, agreed_by=_agreed(who))
    return told(work, who, visit)


@routes.post("/{visit_id}/cancel")
def call_off(visit_id: str, work: WorkDep, who: KnownDep) -> VisitOut:
    """Cancelling twice gives the same answer; it can be undone until `undo_until_at`."""
    visit = _changeable(work, who, visit_id)
    call_off_visit(work, visit)
    return told(work, who, visit)


@routes.post("/{visit_id}/undo-cancel")
def call_back_on(visit_id: str, work: WorkDep, who: KnownDep) -> VisitOut:
    visit = _changeable(work, who, visit_id)
    undo_cancel(work, visit)
    return told(work, who, visit)


@routes.post("/{visit_id}/undo-reschedule")
def move_back(visit_id: str, work: WorkDep, who: KnownDep) -> VisitOut:
    """To the window that the visit was moved away from, for as long as its place is kept."""
    visit = _changeable(work, who, visit_id)
    undo_reschedule(work, visit, agreed_by=_agreed(who))
    return told(work, who, visit)


@routes.post("/{visit_id}/nobody-came")
def nobody_came(visit_id: str, body: NobodyCameIn, work: WorkDep, who: KnownDep) -> VisitOut:
    visit = _changeable(work, who, visit_id)
    report_nobody_came(work, visit.id, how="web" if who.role == "customer" else "phone")
    return told(work, who, visit)


@routes.post("/{visit_id}/contest")
def contest_absence(visit_id: str, work: WorkDep, who: KnownDep) -> VisitOut:
    """'I was at home.' One tap."""
    visit = _changeable(work, who, visit_id)
    contest_newest(work, visit)
    return told(work, who, visit)


@routes.post("/{visit_id}/rating")
def rate_visit(visit_id: str, body: RatingIn, work: WorkDep, who: KnownDep) -> VisitOut:
    visit = _changeable(work, who, visit_id)
    rate(work, visit, body.score)
    return told(work, who, visit)


def book_visit(
    work: Work,
    who: Principal,
    body: VisitIn,
    runtime: Runtime,
    *,
    address: str,
    words: str = CURRENT_WORDS,
    seen_from: str = "",
    is_proven: bool = False,
) -> VisitOut:
    """`address` is where the request comes from, `words` the version of what stood beside the box of consent,
    `seen_from` where the box was ticked.

    Raises StateConflict for a phone to which the customer's link was not sent, unless it `is_proven` by a code.
    """
    if who.role == "customer":
        if not (is_proven or is_own_phone(work, who, body.phone)):
            raise StateConflict(
                "This link was not sent to that phone. Book on the page of the link: it texts a code there first.",
                current_state="phone_unproven",
            )
        take_turn(work, bookings_from(address))
    hold = held_for(work, who, body.hold_id)
    visit = book(
        work,
        hold,
        name=body.name,
        phone=body.phone,
        address=body.address,
        agreed_by=_agreed(who),
        agreed_how="web" if who.role == "customer" else "phone",
        language=body.language,
        note=body.note,
    )
    if body.consent:
        phone = get_customer(work.session, visit.customer_id).phone
        give_consent(work, phone, "web" if who.role == "customer" else "office", words, seen_from=seen_from)
    url = tracking_url(work, runtime, visit)
    return VisitOut.of(seen_by(work, who, visit.id), who.role, tracking_url=url)


def is_own_phone(work: Work, who: Principal, phone: str) -> bool:
    """Whether it is the one to which the customer's link was sent. Raises Invalid for one that cannot be texted."""
    country = get_territory(work.session, who.territory_id or "").country
    number = phone_number(phone, country, ours=work.own_numbers)
    if who.visit_id:
        return number == get_customer(work.session, who.subject_id).phone
    invitation = work.session.get(Invitation, who.subject_id)
    return invitation is not None and number == invitation.phone


def take_step(
    work: Work, who: Principal, visit_id: str, body: StepIn, *, promise_version: int | None = None
) -> None:
    """`promise_version` is the promise that the technician saw."""
    technician = get_technician(work.session, who.subject_id)
    if promise_version is not None:
        require_same_day(work, visit_id, promise_version)
    place = place_at(body.place.lat, body.place.lng) if body.place else None
    if body.step == "leave":
        leave(work, technician, visit_id, occurred_at=body.occurred_at)
    elif body.step == "arrive":
        arrive(work, technician, visit_id, place=place, occurred_at=body.occurred_at)
    elif body.step == "finish":
        finish(work, technician, visit_id, note=body.note, occurred_at=body.occurred_at)
    elif body.step == "nobody_home":
        nobody_home(
            work,
            technician,
            visit_id,
            contacted=body.contacted,
            place=place,
            occurred_at=body.occurred_at,
        )
    elif body.step == "decline":
        decline(work, technician, visit_id, body.note)
    else:
        hindrance = Hindrance(body.hindrance or "needs_more_time")
        cannot_finish(work, technician, visit_id, hindrance=hindrance, note=body.note)


def call_off_visit(work: Work, visit: Visit) -> None:
    """A cancelled visit may be one whose promise broke: then its recovery ends with it."""
    recovery = find_open(work.session, visit.id)
    if recovery and visit.state is VisitState.FAILED:
        give_up(work, recovery, visit)
    else:
        cancel(work, visit)


def contest_newest(work: Work, visit: Visit) -> None:
    """Raises NotFound where no failure was ever noted."""
    failures = list_for_visit(work.session, visit.id)
    if not failures:
        raise NotFound("Nothing has gone wrong with this visit.")
    contest(work, failures[-1])


def theirs(work: Work, who: Principal, visit_id: str) -> Visit:
    """The visit, if this reader may see it; not theirs and not there give the same answer."""
    visit = get_visit(work.session, visit_id)
    if not may_see(work, who, visit):
        raise NotFound("There is no such visit.")
    return visit


def may_see(work: Work, who: Principal, visit: Visit) -> bool:
    if who.role == "customer":
        return who.visit_id == visit.id
    if who.role == "technician":
        placed = find_assignment(work.session, visit.id)
        standing = (
            placed.technician_id if placed and placed.active and _is_today(work, visit, placed) else None
        )
        underway = visit.technician_id if _is_fresh(work, visit) else None
        return who.subject_id in (underway, standing)
    return who.role == "dispatcher" and who.territory_id == visit.territory_id


def seen_by(work: Work, who: Principal, visit_id: str) -> Card:
    """The card as this reader may see it."""
    card = card_of(work, visit_id)
    if who.role == "technician":
        return for_technician(work, who.subject_id, card)
    return for_link(card) if who.role == "customer" else card


def _is_today(work: Work, visit: Visit, placed: Assignment) -> bool:
    return placed.day == local_day(work.now, get_territory(work.session, visit.territory_id).zone)


def _is_fresh(work: Work, visit: Visit) -> bool:
    """Under way, or done less than a day ago."""
    return visit.done_at is None or work.now < visit.done_at + REACHABLE_AFTER_DONE


def _changeable(work: Work, who: Principal, visit_id: str) -> Visit:
    """The visit locked, for its customer or the office on the customer's behalf."""
    visit = take_visit(work, visit_id)
    if who.role == "technician" or not may_see(work, who, visit):
        raise NotFound("There is no such visit.")
    return visit


def held_for(work: Work, who: Principal, hold_id: str) -> Hold:
    hold = get_hold(work.session, hold_id)
    if hold.held_for != str(who.actor) or hold.purpose is not HoldPurpose.BOOKING:
        raise NotFound("There is no such hold.")
    return hold


def _agreed(who: Principal) -> Agreed:
    return Agreed.CUSTOMER if who.role == "customer" else Agreed.OFFICE


def told(work: Work, who: Principal, visit: Visit) -> VisitOut:
    work.session.flush()
    return VisitOut.of(seen_by(work, who, visit.id), who.role)
