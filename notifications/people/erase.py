"""Erasing a customer: whom the record is about goes, what was promised and done stays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel import select as pick

from dispatch.callbacks.actions import finish_callback
from dispatch.callbacks.tables import Callback
from dispatch.customers.tables import Address, Customer
from dispatch.errors import Invalid, StateConflict
from dispatch.events import CustomerErased
from dispatch.recoveries.states import RecoveryState
from dispatch.recoveries.tables import Recovery
from dispatch.technicians.tables import Position
from dispatch.visits.queries import list_visits
from dispatch.visits.references import spoken, tidy
from dispatch.visits.states import LIVE
from dispatch.words import mark_of
from dispatch.work import Work
from notifications.calls.ending import move
from notifications.calls.states import CallState, Signal
from notifications.calls.tables import Call
from notifications.consent import OUT, consent_state
from notifications.inbox.tables import InboundText
from notifications.outbox.queueing import ERASED, suppress
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Message, SendAttempt
from notifications.people.blanks import blank, coarsen, keep_only_ids
from notifications.people.whose import TABLES, Conditions, Subject, rows_of

LEAVE = ("consents", "send_attempts")  # of these, what is written below


def require_meant(work: Work, who: Subject, typed: str) -> None:
    """The second step: one of their references, typed; or the phone of somebody who never had a visit.

    Raises Invalid for anything else.
    """
    known = {visit.reference for visit in list_visits(work.session, who.visit_ids)} or set(who.phones)
    if typed.strip() not in known and tidy(typed) not in known:
        what = "the reference of one of their visits" if who.visit_ids else "their phone, as it stands here"
        raise Invalid.field("reference", "not_theirs", f"Please type {what}. Nothing was erased.")


def why_not_yet(work: Work, who: Subject) -> str | None:
    """What is still open and must be brought to its end first, with what to do about it."""
    for visit in list_visits(work.session, who.visit_ids):
        name = spoken(visit.reference)
        if visit.state in LIVE or (visit.undo_until_at and visit.undo_until_at > work.now):
            return f"Visit {name} is not over: cancel it, or wait until it is done, then erase."
    query = pick(Recovery).where(
        col(Recovery.visit_id).in_(who.visit_ids), Recovery.state != RecoveryState.CLOSED
    )
    if work.session.exec(query.limit(1)).first():
        return "A broken promise of theirs is still being made good: close it on the board, then erase."
    return None


def erase(work: Work, who: Subject, *, erased_at: datetime | None = None) -> None:
    """Whom it is about goes out of every row, for good. Raises StateConflict while something is open.

    The visits, promises, failures and credits stay, under the customer's id; the ledger holds nothing to erase.
    `erased_at` is given where it was done before, and a backup has brought them back.
    """
    if who.kind != "customer":
        raise StateConflict("Only customers are erased: of a technician the record of their work stays.")
    work.session.exec(pick(Customer).where(col(Customer.id).in_(who.customer_ids)).with_for_update()).all()
    if work.session.get_one(Customer, who.id).erased_at is not None:
        raise StateConflict("That was already done.", current_state="erased")
    reason = why_not_yet(work, who)
    if reason:
        raise StateConflict(reason, current_state="open")
    _end_what_waits(work, who)
    work.session.flush()
    conditions = rows_of(work.session, who)
    _consents(work, who)
    _attempts(work, conditions)
    keep_only_ids(work.session, conditions["outbox"])
    _answers(work, conditions)
    _places(work, conditions, who)
    blank(work.session, conditions, leave=LEAVE)
    work.session.expire_all()
    for customer_id in who.customer_ids:
        work.session.get_one(Customer, customer_id).erased_at = erased_at or work.now
        work.record(CustomerErased(customer_id=customer_id))


def _end_what_waits(work: Work, who: Subject) -> None:
    """No text, no call and no person reaches them any more. A text that is on its way still gets its outcome."""
    theirs = col(Message.customer_id).in_(who.customer_ids) | col(Message.phone).in_(who.phones)
    for message in work.session.exec(pick(Message).where(theirs, Message.state == MessageState.PENDING)):
        suppress(work, message, ERASED)
    waiting = pick(Call).where(col(Call.visit_id).in_(who.visit_ids), Call.state == CallState.WAITING)
    for call in work.session.exec(waiting):
        move(work, call, Signal.WITHDRAW)
    about = col(Callback.visit_id).in_(who.visit_ids) | col(Callback.phone).in_(who.phones)
    for callback in work.session.exec(pick(Callback).where(about, col(Callback.done_at).is_(None))):
        finish_callback(work, callback, "erased")
    wrote = col(InboundText.visit_id).in_(who.visit_ids) | col(InboundText.phone).in_(who.phones)
    for text in work.session.exec(pick(InboundText).where(wrote, col(InboundText.handled_at).is_(None))):
        text.handled_at, text.handled_by = work.now, str(work.actor)
        text.effect = text.effect or "erased"
        work.session.add(text)


def _consents(work: Work, who: Subject) -> None:
    """Whoever had said stop has said stop for good: their phone is known again by a mark, and texted no more."""
    consents = TABLES["consents"]
    for phone in who.phones:
        newest = (
            select(consents.c.id).where(consents.c.phone == phone).order_by(consents.c.at.desc()).limit(1)
        )
        stopped = consent_state(work, phone) == OUT
        keep_id = work.session.connection().execute(newest).scalar_one_or_none()
        for id, source in (
            work.session.connection()
            .execute(select(consents.c.id, consents.c.source).where(consents.c.phone == phone))
            .all()
        ):
            values = {"phone": "", "seen_from": ""}
            if stopped and id == keep_id:
                values["phone"] = mark_of(phone, work.phone_keys[0])
            if source.startswith("sms"):
                values["words"] = ""  # these are their own
            work.session.connection().execute(update(consents).where(consents.c.id == id).values(values))


def _attempts(work: Work, conditions: Conditions) -> None:
    """What is in flight, or in doubt, keeps its fence: by it the outcome is known."""
    attempts = TABLES["send_attempts"]
    open_ones = (
        pick(SendAttempt.id)
        .join(Message)
        .where(col(Message.state).in_((MessageState.SENDING, MessageState.UNKNOWN)))
    )
    work.session.connection().execute(
        update(attempts)
        .where(conditions["send_attempts"], attempts.c.id.not_in(open_ones))
        .values(fence="", detail="")
    )


def _answers(work: Work, conditions: Conditions) -> None:
    """Answers to requests that may come again: the reference stays. The key of an imported row was somebody's own."""
    answers, visits = TABLES["idempotent_answers"], TABLES["visits"]
    rows = work.session.connection().execute(
        select(answers.c.principal, answers.c.route, answers.c.key, visits.c.reference)
        .outerjoin(visits, visits.c.id == answers.c.visit_id)
        .where(conditions["idempotent_answers"])
    )
    for principal, route, key, reference in rows.all():
        this = (answers.c.principal == principal) & (answers.c.route == route) & (answers.c.key == key)
        values = {"body": {"reference": reference} if reference else {}, "fingerprint": "0" * 64}
        if principal == "import":
            values["key"] = work.new_id()
        work.session.connection().execute(update(answers).where(this).values(values))


def _places(work: Work, conditions: Conditions, who: Subject) -> None:
    """Their door to about a kilometre; where somebody's day was noted at that very door, the note goes."""
    positions = TABLES["positions"]
    for door in work.session.exec(pick(Address).where(col(Address.customer_id).in_(who.customer_ids))):
        at_the_door = (col(Position.lat) == door.lat) & (col(Position.lng) == door.lng)
        work.session.connection().execute(positions.delete().where(at_the_door))
    coarsen(work.session, TABLES["holds"], conditions["holds"])
    coarsen(work.session, TABLES["addresses"], conditions["addresses"])
