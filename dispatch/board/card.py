"""One visit as its customer, its technician and the office see it: the same facts for everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from dispatch.board.card_rows import CardRows, RecoveryRows, read_cards, read_recoveries
from dispatch.callbacks.tables import Callback
from dispatch.local_time import say_time, say_window
from dispatch.plans.expected import arrival_by
from dispatch.recoveries.states import OfferState, RecoveryState
from dispatch.recoveries.tables import Offer, Recovery
from dispatch.technicians.tables import Technician
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.visits.references import spoken
from dispatch.visits.states import UNSTARTED, VisitState
from dispatch.visits.tables import Visit
from dispatch.words import is_landline
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
class Withheld:
    """What waits for a person's word: the time that was found, if one was looked for, and whose visits it touches
    (id, reference)."""

    technician: str | None
    start_at: dt.datetime | None
    touches: tuple[tuple[str, str], ...]


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
    withheld: Withheld | None
    offers: tuple[OfferCard, ...]


@dataclass(frozen=True, slots=True)
class CallbackCard:
    """Who rings, by when; `overdue` is said openly to both sides."""

    id: str
    person_id: str | None
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
    done_at: dt.datetime | None

    @property
    def is_landline(self) -> bool:
        """Whether whoever wants to tell the customer something must ring."""
        return is_landline(self.phone)


def card_of(work: Work, visit: Visit) -> Card:
    """The visit's card as of now."""
    return cards_of(work, [visit])[0]


def cards_of(work: Work, visits: Sequence[Visit]) -> list[Card]:
    """Each visit's card as of now, in the order given: one question a kind of row, none a visit."""
    if not visits:
        return []
    rows = read_cards(work.session, visits)
    return [card_from(rows, visit, work.now) for visit in visits]


def recovery_card(session: Session, recovery: Recovery) -> RecoveryCard:
    """A recovery with its open offers."""
    return recovery_cards(session, [recovery])[0]


def recovery_cards(session: Session, recoveries: Sequence[Recovery]) -> list[RecoveryCard]:
    """Each recovery with its open offers, in the order given."""
    rows = read_recoveries(session, recoveries)
    return [_recovery_card(one, rows) for one in recoveries]


def callback_card(
    callback: Callback, territory: Territory, person: Dispatcher | None, now: dt.datetime
) -> CallbackCard:
    """A call as of now; `person` is who rings."""
    return CallbackCard(
        id=callback.id,
        person_id=person.id if person else None,
        person=person.name if person else None,
        due_at=callback.due_at,
        due_text=say_time(callback.due_at, territory.zone),
        about=callback.about,
        overdue=callback.due_at <= now or callback.escalations > 0,
    )


def card_from(rows: CardRows, visit: Visit, now: dt.datetime) -> Card:
    """The card of a visit whose rows were read."""
    territory, promise = rows.territories[visit.territory_id], rows.promises[visit.id]
    customer, address = rows.customers[visit.customer_id], rows.addresses[visit.address_id]
    technician, rating = rows.technician_of(visit), rows.ratings.get(visit.id)
    expected = _expected(visit, rows, now)
    return Card(
        visit_id=visit.id,
        reference=spoken(visit.reference),
        state=visit.state,
        service=rows.services[visit.service_id].name,
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
        undo_until_at=visit.undo_until_at if visit.undo_until_at and visit.undo_until_at > now else None,
        recovery=_newest_recovery(visit, rows),
        callback=_open_callback(visit, rows, now),
        rating=rating.score if rating else None,
        failures=visit.failures,
        done_at=visit.done_at,
    )


def _expected(visit: Visit, rows: CardRows, now: dt.datetime) -> tuple[dt.datetime, dt.datetime] | None:
    if visit.state not in UNSTARTED:
        return None
    arrival = arrival_by(rows.placed.get(visit.id), visit, rows.promises[visit.id], now)
    return (arrival.from_at, arrival.until_at) if arrival else None


def _say_range(expected: tuple[dt.datetime, dt.datetime] | None, territory: Territory) -> str | None:
    if expected is None:
        return None
    return f"{say_time(expected[0], territory.zone)}–{say_time(expected[1], territory.zone)}"


def _newest_recovery(visit: Visit, rows: CardRows) -> RecoveryCard | None:
    found = rows.recoveries.get(visit.id)
    return _recovery_card(found, rows.told) if found else None


def _open_callback(visit: Visit, rows: CardRows, now: dt.datetime) -> CallbackCard | None:
    found = rows.callbacks.get(visit.id)
    if found is None:
        return None
    person = rows.callers.get(found.dispatcher_id or "")
    return callback_card(found, rows.territories[visit.territory_id], person, now)


def _recovery_card(recovery: Recovery, rows: RecoveryRows) -> RecoveryCard:
    owner, failure = rows.owners.get(recovery.owner_id or ""), rows.failures[recovery.failure_id]
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
        withheld=_withheld(recovery),
        offers=tuple(
            _offer(
                one, rows.technicians.get(one.technician_id or ""), rows.territories[recovery.territory_id]
            )
            for one in rows.offers.get(recovery.id, ())
            if one.state is OfferState.OPEN
        ),
    )


def _offer(offer: Offer, technician: Technician | None, territory: Territory) -> OfferCard:
    return OfferCard(
        choice=str(offer.rank),
        text=say_window(offer.start_at, offer.end_at, territory.zone),
        start_at=offer.start_at,
        end_at=offer.end_at,
        technician=technician.first_name if technician else None,
        held=offer.hold_id is not None,
        expires_at=offer.expires_at,
    )


def _withheld(recovery: Recovery) -> Withheld | None:
    if recovery.proof is None or not recovery.is_withheld:
        return None
    option = recovery.proof["option"]
    if option is None:
        return Withheld(None, None, ())
    touches = tuple((one["visit_id"], spoken(one["reference"])) for one in option["touches"])
    return Withheld(option["technician"], dt.datetime.fromisoformat(option["start_at"]), touches)
