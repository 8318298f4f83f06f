"""All that the record of a phone and a day is made of, gathered from the rows of one territory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select

from dispatch.callbacks.tables import Callback
from dispatch.customers.tables import Address, Customer
from dispatch.ledger import LedgerEntry
from dispatch.local_time import local_day, midnight
from dispatch.technicians.queries import find_by_phone
from dispatch.territories.queries import dispatchers_of
from dispatch.territories.tables import Territory
from dispatch.visits.queries import list_visits
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications.calls.tables import Call
from notifications.inbox import queries as inbox
from notifications.inbox.receive import A_PHONE
from notifications.inbox.tables import Consent, InboundText
from notifications.outbox.queries import list_for_phone
from notifications.outbox.tables import Message, SendAttempt
from notifications.record.lines import Called, Day, Line, Rows, Sent, lines_of, say_shown, standing
from notifications.record.recall import recall
from notifications.render import Writer


class About(NamedTuple):
    """Facts that name in `key` what they are about."""

    kinds: tuple[str, ...]
    key: str


ABOUT_TEXTS = About(("message_settled",), "message_id")
ABOUT_CALLS = About(("callback_promised", "callback_handed_over", "callback_made"), "callback_id")
CLOCKS_APART = timedelta(hours=1)  # of two machines at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One phone on one day. `consent` is what stood when it began, `shown` what was read before it was given;
    `elsewhere` counts the texts of that day which are another office's."""

    phone: str
    day: Day
    on: date
    owners: tuple[str, ...]
    consent: Consent | None
    shown: str
    lines: tuple[Line, ...]
    elsewhere: int
    earlier_on: date | None
    later_on: date | None


def record_of(work: Work, writer: Writer, territory: Territory, phone: str, on: date) -> Record:
    """What this office said to that phone on that day, and what was said back."""
    session, day = work.session, day_of(territory, on)
    consents = session.exec(select(Consent).where(Consent.phone == phone)).all()
    messages = list_for_phone(session, phone)
    ours = [one for one in messages if is_ours(one, territory)]
    replies = _replies(session, phone, territory)
    texted_on = sorted(_days_of(ours, replies, territory))
    callbacks = _callbacks(session, phone, territory)
    facts = _facts_about(session, ours, callbacks)
    of_the_day = [sent for sent in trails_of(session, ours, facts) if sent.first_in(day)]
    calls = calls_of(callbacks, facts)
    rows = Rows(
        consents=consents,
        texts=[_with_words(work, writer, sent) for sent in of_the_day],
        replies=replies,
        calls=calls,
        names=names_of(session, calls, replies),
        company=writer.company,
        references=_references(session, [*ours, *replies, *(one.callback for one in calls)]),
    )
    theirs = [one for one in messages if not is_ours(one, territory)]
    consent = standing(consents, day.since)
    return Record(
        phone=phone,
        day=day,
        on=on,
        owners=_owners(session, phone, territory),
        consent=consent,
        shown=say_shown(consent, writer.company) if consent else "",
        lines=tuple(lines_of(rows, day)),
        elsewhere=sum(1 for one in theirs if on in _days_of([one], (), territory)),
        earlier_on=max((found for found in texted_on if found < on), default=None),
        later_on=min((found for found in texted_on if found > on), default=None),
    )


def day_of(territory: Territory, on: date) -> Day:
    return Day(midnight(on, territory.zone), midnight(on + timedelta(days=1), territory.zone), territory.zone)


def newest_day(session: Session, phone: str, territory: Territory, today: date) -> date:
    """The newest day with a text to or from that phone; today where there is none."""
    ours = [one for one in list_for_phone(session, phone) if is_ours(one, territory)]
    return max(_days_of(ours, _replies(session, phone, territory), territory), default=today)


def is_ours(message: Message, territory: Territory) -> bool:
    return bool(message.params.get("territory_id") == territory.id)


def trails_of(session: Session, messages: Sequence[Message], facts: Iterable[LedgerEntry]) -> list[Sent]:
    """Each text with its attempts, and what became of it by those of the `facts` that are about it."""
    ids = [one.id for one in messages]
    if not ids:
        return []
    attempts, rung = defaultdict(list), defaultdict(list)
    tried = select(SendAttempt).where(col(SendAttempt.message_id).in_(ids))
    for attempt in session.exec(tried.order_by(col(SendAttempt.number))):
        attempts[attempt.message_id].append(attempt)
    calls = select(Call).where(col(Call.message_id).in_(ids))
    for call in session.exec(calls.order_by(col(Call.number))):
        rung[call.message_id].append(call)
    settled = _by(ABOUT_TEXTS, facts)
    return [Sent(one, attempts[one.id], settled[one.id], rung[one.id]) for one in messages]


def calls_of(callbacks: Sequence[Callback], facts: Iterable[LedgerEntry]) -> list[Called]:
    """Each call with those of the `facts` that are about it."""
    entries = _by(ABOUT_CALLS, facts)
    return [Called(one, entries[one.id]) for one in callbacks]


def _by(about: About, facts: Iterable[LedgerEntry]) -> dict[str, list[LedgerEntry]]:
    """Those facts, by the id of what they are about."""
    found = defaultdict(list)
    for fact in facts:
        if fact.kind in about.kinds:
            found[fact.data[about.key]].append(fact)
    return found


def _facts_about(
    session: Session, texts: Sequence[Message], callbacks: Sequence[Callback]
) -> list[LedgerEntry]:
    """What the records of their visits hold, and what was noted about those without a visit."""
    visit_ids = {one.visit_id for one in texts} | {one.visit_id for one in callbacks}
    asked: list[ColumnElement[bool]] = [col(LedgerEntry.visit_id).in_(visit_ids - {None})]
    asked += _without_visit(ABOUT_TEXTS, {one.id: one.queued_at for one in texts if not one.visit_id})
    asked += _without_visit(ABOUT_CALLS, {one.id: one.opened_at for one in callbacks if not one.visit_id})
    by_seq = select(LedgerEntry).order_by(col(LedgerEntry.seq))
    return [fact for which in asked for fact in session.exec(by_seq.where(which))]


def _without_visit(about: About, begun_at: Mapping[str, datetime]) -> list[ColumnElement[bool]]:
    if not begun_at:
        return []
    return [
        and_(
            col(LedgerEntry.kind).in_(about.kinds),
            col(LedgerEntry.at) >= min(begun_at.values()) - CLOCKS_APART,
            col(LedgerEntry.visit_id).is_(None),
            col(LedgerEntry.data)[about.key].as_string().in_(begun_at),
        )
    ]


def names_of(
    session: Session, calls: Iterable[Called], replies: Iterable[InboundText] = ()
) -> dict[str, str]:
    """The people of our office who rang, were to ring, or dealt with a text."""
    ids = {one.callback.dispatcher_id for one in calls}
    ids |= {entry.data.get("dispatcher_id") for one in calls for entry in one.entries}
    ids |= {(one.handled_by or "").partition(":")[2] for one in replies}
    return {id: person.name for id, person in dispatchers_of(session, {id for id in ids if id}).items()}


def _with_words(work: Work, writer: Writer, sent: Sent) -> Sent:
    """Of a phone that is no number any more, because its owner was erased, no words are made again."""
    if not A_PHONE.fullmatch(sent.message.phone):
        return sent
    return replace(sent, words=recall(work, writer, sent.message, sent.attempts))


def _days_of(messages: Iterable[Message], replies: Iterable[InboundText], territory: Territory) -> set[date]:
    """The days on which somebody there would say that a text came or went."""
    moments = [at for one in messages for at in (one.queued_at, one.sent_at) if at]
    moments += [one.received_at for one in replies]
    return {local_day(at, territory.zone) for at in moments}


def _replies(session: Session, phone: str, territory: Territory) -> list[InboundText]:
    """Without those about a visit, or with a call, of another office; one about nothing is everybody's."""
    texts = inbox.list_for_phone(session, phone)
    calls = select(Callback.inbound_id, Callback.territory_id).where(
        col(Callback.inbound_id).in_([one.id for one in texts])
    )
    whose = dict(session.exec(calls).all())
    visits = {one.id: one.territory_id for one in list_visits(session, {one.visit_id or "" for one in texts})}
    return [
        one
        for one in texts
        if visits.get(one.visit_id or "", whose.get(one.id, territory.id)) == territory.id
    ]


def _callbacks(session: Session, phone: str, territory: Territory) -> Sequence[Callback]:
    """Calls to that phone: promised to it by number, or about a visit whose customer has it."""
    visits = select(Visit.id).join(Customer).where(Customer.phone == phone)
    theirs = or_(Callback.phone == phone, (col(Callback.phone) == "") & col(Callback.visit_id).in_(visits))
    return session.exec(select(Callback).where(Callback.territory_id == territory.id, theirs)).all()


def _owners(session: Session, phone: str, territory: Territory) -> tuple[str, ...]:
    """Whose phone it is, as far as this office knows them."""
    technician = find_by_phone(session, phone)
    if technician and technician.territory_id == territory.id:
        return (f"{technician.name}, technician",)
    query = select(Customer.name).join(Address).where(Customer.phone == phone)
    names = session.exec(query.where(Address.territory_id == territory.id))
    return tuple(dict.fromkeys(names))


def _references(session: Session, rows: Iterable[Message | InboundText | Callback]) -> dict[str, str]:
    ids = {one.visit_id for one in rows if one.visit_id}
    return {visit.id: visit.reference for visit in list_visits(session, ids)}
