"""One visit as its customer, its technician and the office see it: the same facts for everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from dispatch.callbacks.queries import list_for_visit as callbacks_of
from dispatch.callbacks.tables import Callback
from dispatch.customers.queries import get_address, get_customer
from dispatch.failures.queries import get_failure
from dispatch.local_time import say_time, say_window
from dispatch.plans.expected import expect_arrival
from dispatch.plans.queries import find_assignment
from dispatch.promises.queries import current_promise
from dispatch.recoveries.queries import list_for_visit as recoveries_of
from dispatch.recoveries.queries import list_offers
from dispatch.recoveries.states import OfferState, RecoveryState
from dispatch.recoveries.tables import Recovery
from dispatch.services.queries import get_service
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import find_dispatcher, get_territory
from dispatch.territories.tables import Territory
from dispatch.visits.queries import find_rating
from dispatch.visits.references import spoken
from dispatch.visits.states import UNSTARTED, VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class OfferCard:
    """One option: `choice` is what to answer, `held` that nobody else can take it until `expires_at`."""

    choice: str
    text: str
    start_at: dt.datetime
    end_at: dt.datetime
    technician: str | None
    held: bool
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class RecoveryCard:
    """What is done about the broken promise, and the seconds that each step took from when it was certain."""

    id: str
    state: RecoveryState
    kind: str
    fault: str
    contested: bool
    contestable: bool
    owner: str | None
    certain_at: dt.datetime
    noticed_at: dt.datetime
    told_at: dt.datetime | None
    chosen_at: dt.datetime | None
    arranged_at: dt.datetime | None
    arranged_by: str | None
    answer_by_at: dt.datetime | None
    outcome: str | None
    credit_cents: int
    credit_state: str
    offers: tuple[OfferCard, ...]


@dataclass(frozen=True, slots=True)
class CallbackCard:
    """Who rings, by when; `overdue` is said openly to both sides."""

    id: str
    person: str | None
    due_at: dt.datetime
    due_text: str
    about: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class Card:
    """`expected` is the range in which somebody is expected now; None when nobody is on the way or planned."""

    visit_id: str
    reference: str
    state: VisitState
    service: str
    customer: str
    phone: str
    address: str
    lat: float
    lng: float
    time_zone: str
    window_text: str
    start_at: dt.datetime
    end_at: dt.datetime
    promise_version: int
    promise_state: str
    agreed_by: str
    expected: tuple[dt.datetime, dt.datetime] | None
    expected_text: str | None
    technician_id: str | None
    technician: str | None
    at_risk: bool
    undo_until_at: dt.datetime | None
    recovery: RecoveryCard | None
    callback: CallbackCard | None
    rating: int | None
    failures: int


def card_of(work: Work, visit: Visit) -> Card:
    """The visit's card as of now."""
    session = work.session
    territory = get_territory(session, visit.territory_id)
    customer, address = get_customer(session, visit.customer_id), get_address(session, visit.address_id)
    promise = current_promise(session, visit)
    technician = _technician(session, visit)
    arrival = expect_arrival(session, visit, promise, work.now) if visit.state in UNSTARTED else None
    expected = (arrival.from_at, arrival.until_at) if arrival else None
    rating = find_rating(session, visit.id)
    return Card(
        visit_id=visit.id,
        reference=spoken(visit.reference),
        state=visit.state,
        service=get_service(session, visit.service_id).name,
        customer=customer.name,
        phone=customer.phone,
        address=address.line,
        lat=address.lat,
        lng=address.lng,
        time_zone=territory.time_zone,
        window_text=promise.local_text,
        start_at=promise.start_at,
        end_at=promise.end_at,
        promise_version=promise.version,
        promise_state=promise.state.value,
        agreed_by=promise.agreed_by.value,
        expected=expected,
        expected_text=_say_range(expected, territory),
        technician_id=technician.id if technician else None,
        technician=technician.first_name if technician else None,
        at_risk=visit.at_risk_at is not None,
        undo_until_at=visit.undo_until_at if visit.undo_until_at and visit.undo_until_at > work.now else None,
        recovery=_newest_recovery(session, visit, territory),
        callback=_open_callback(work, visit, territory),
        rating=rating.score if rating else None,
        failures=visit.failures,
    )


def _technician(session: Session, visit: Visit) -> Technician | None:
    placed = find_assignment(session, visit.id)
    standing = placed.technician_id if placed and placed.active else None
    return (
        session.get(Technician, visit.technician_id or standing) if visit.technician_id or standing else None
    )


def _say_range(expected: tuple[dt.datetime, dt.datetime] | None, territory: Territory) -> str | None:
    if expected is None:
        return None
    return f"{say_time(expected[0], territory.zone)}–{say_time(expected[1], territory.zone)}"


def _newest_recovery(session: Session, visit: Visit, territory: Territory) -> RecoveryCard | None:
    found = recoveries_of(session, visit.id)
    return recovery_card(session, found[-1], territory) if found else None


def recovery_card(session: Session, recovery: Recovery, territory: Territory) -> RecoveryCard:
    """A recovery with its open offers."""
    owner = find_dispatcher(session, recovery.owner_id)
    failure = get_failure(session, recovery.failure_id)
    return RecoveryCard(
        id=recovery.id,
        state=recovery.state,
        kind=failure.kind.value,
        fault=failure.fault.value,
        contested=failure.contested_at is not None,
        contestable=failure.kind == "customer_absent" and failure.contested_at is None,
        owner=owner.name if owner else None,
        certain_at=recovery.certain_at,
        noticed_at=recovery.noticed_at,
        told_at=recovery.told_at,
        chosen_at=recovery.chosen_at,
        arranged_at=recovery.arranged_at,
        arranged_by=recovery.arranged_by,
        answer_by_at=recovery.answer_by_at,
        outcome=recovery.outcome,
        credit_cents=recovery.credit_cents,
        credit_state=recovery.credit_state,
        offers=_offers(session, recovery, territory),
    )


def _offers(session: Session, recovery: Recovery, territory: Territory) -> tuple[OfferCard, ...]:
    cards = []
    for offer in list_offers(session, recovery.id, recovery.round):
        technician = session.get(Technician, offer.technician_id) if offer.technician_id else None
        if offer.state is OfferState.OPEN:
            cards.append(
                OfferCard(
                    choice=str(offer.rank),
                    text=say_window(offer.start_at, offer.end_at, territory.zone),
                    start_at=offer.start_at,
                    end_at=offer.end_at,
                    technician=technician.first_name if technician else None,
                    held=offer.hold_id is not None,
                    expires_at=offer.expires_at,
                )
            )
    return tuple(cards)


def _open_callback(work: Work, visit: Visit, territory: Territory) -> CallbackCard | None:
    waiting = [one for one in callbacks_of(work.session, visit.id) if one.done_at is None]
    if not waiting:
        return None
    first: Callback = min(waiting, key=lambda one: one.due_at)
    person = find_dispatcher(work.session, first.dispatcher_id)
    return CallbackCard(
        id=first.id,
        person=person.name if person else None,
        due_at=first.due_at,
        due_text=say_time(first.due_at, territory.zone),
        about=first.about,
        overdue=first.due_at <= work.now or first.escalations > 0,
    )


def cards_of(work: Work, visits: Sequence[Visit]) -> list[Card]:
    return [card_of(work, visit) for visit in visits]
