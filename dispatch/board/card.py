"""One visit as its customer, its technician and the office see it: the same facts for everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlmodel import Session

from dispatch.board.card_rows import CardRow, CardRows, RecoveryRows, read_cards, read_recoveries
from dispatch.callbacks.tables import Callback
from dispatch.local_time import say_time, say_window
from dispatch.plans.expected import arrival_by
from dispatch.recoveries.states import OfferState, RecoveryState
from dispatch.recoveries.tables import Offer, Recovery
from dispatch.technicians.tables import Technician, first_name
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.visits.references import spoken
from dispatch.visits.states import UNSTARTED, VisitState
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


def card_of(work: Work, visit_id: str) -> Card:
    """The visit's card as of now. Raises NotFound."""
    return cards_of(work, [visit_id])[0]


def cards_of(work: Work, visit_ids: Collection[str]) -> list[Card]:
    """Each visit's card as of now, in the order given: one question a kind of row, none a visit. Raises NotFound."""
    if not visit_ids:
        return []
    rows = read_cards(work.session, visit_ids)
    return [card_from(rows, id, work.now) for id in visit_ids]


def recovery_card(session: Session, recovery: Recovery) -> RecoveryCard:
    """A recovery with its open offers."""
    return recovery_cards(session, [recovery])[0]


def recovery_cards(session: Session, recoveries: Sequence[Recovery]) -> list[RecoveryCard]:
    """Each recovery with its open offers, in the order given."""
    rows = read_recoveries(session, recoveries)
    return [_recovery_card(one, rows) for one in recoveries]


def callback_card(
    callback: Callback, zone: ZoneInfo, person: Dispatcher | None, now: dt.datetime
) -> CallbackCard:
    """A call as of now; `person` is who rings."""
    return CallbackCard(
        id=callback.id,
        person_id=person.id if person else None,
        person=person.name if person else None,
        due_at=callback.due_at,
        due_text=say_time(callback.due_at, zone),
        about=callback.about,
        overdue=callback.due_at <= now or callback.escalations > 0,
    )


def card_from(rows: CardRows, visit_id: str, now: dt.datetime) -> Card:
    """The card of a visit whose rows were read."""
    row = rows.visits[visit_id]
    expected = _expected(row, now)
    return Card(
        visit_id=visit_id,
        reference=spoken(row.reference),
        state=row.state,
        service=row.service,
        customer=row.customer,
        phone=row.phone,
        address=row.address,
        lat=row.lat,
        lng=row.lng,
        time_zone=row.time_zone,
        window_text=row.promised_text,
        start_at=row.promised_start_at,
        end_at=row.promised_end_at,
        promise_version=row.promise_version,
        promise_state=row.promise_state.value,
        agreed_by=row.agreed_by.value,
        expected=expected,
        expected_text=_say_range(expected, row.zone),
        technician_id=row.technician_id,
        technician=first_name(row.technician) if row.technician else None,
        at_risk=row.at_risk_at is not None,
        undo_until_at=row.undo_until_at if row.undo_until_at and row.undo_until_at > now else None,
        recovery=_recovery_card(rows.recoveries[row.recovery_id], rows.told) if row.recovery_id else None,
        callback=_open_callback(row, rows, now),
        rating=row.rating if row.state is VisitState.DONE else None,
        failures=row.failures,
        done_at=row.done_at,
    )


def _expected(row: CardRow, now: dt.datetime) -> tuple[dt.datetime, dt.datetime] | None:
    if row.state not in UNSTARTED:
        return None
    arrival = arrival_by(
        row.planned,
        left_at=row.left_at if row.state is VisitState.EN_ROUTE else None,
        promised_at=row.promised_start_at,
        spread_seconds=row.spread_seconds,
        now=now,
    )
    return (arrival.from_at, arrival.until_at) if arrival else None


def _say_range(expected: tuple[dt.datetime, dt.datetime] | None, zone: ZoneInfo) -> str | None:
    if expected is None:
        return None
    return f"{say_time(expected[0], zone)}–{say_time(expected[1], zone)}"


def _open_callback(row: CardRow, rows: CardRows, now: dt.datetime) -> CallbackCard | None:
    found = rows.callbacks.get(row.callback_id or "")
    if found is None:
        return None
    return callback_card(found, row.zone, rows.callers.get(found.dispatcher_id or ""), now)


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
