"""What is said back to a text, and who looks after what a machine does not understand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import col, select

from dispatch.callbacks.actions import promise_callback
from dispatch.callbacks.tables import Callback
from dispatch.recoveries.queries import find_open
from dispatch.territories.queries import get_territory
from dispatch.work import Work
from notifications import messages
from notifications.hours import next_opening, urgent_hours
from notifications.inbox.parse import Reply
from notifications.inbox.tables import InboundText
from notifications.inbox.who import Person
from notifications.messages import Kind
from notifications.outbox.queueing import Recipient, queue
from notifications.outbox.tables import Message

ONE_ANSWER_IN = timedelta(minutes=10)
GUARDED = (
    messages.HELP,
    messages.STRANGER,
    messages.INBOX_ACK,
    messages.CHOOSE_CLARIFY,
    messages.BOOKING_LINK,
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A text, who wrote it, what it was understood as, and where an answer goes."""

    text: InboundText
    person: Person
    reply: Reply
    to: Recipient
    is_answered: bool = False


def to_inbox(work: Work, letter: Letter, kind: Kind = messages.INBOX_ACK) -> str:
    """For a person to read, by a time that the writer is told."""
    callback = call(work, letter, about="inbox")
    answer(work, letter, kind, callback_id=callback.id)
    return "to the inbox"


def call(work: Work, letter: Letter, *, about: str) -> Callback:
    """A named person looks after it by a named time; what comes at night, from the morning on."""
    text, visit = letter.text, letter.person.visit
    zone = get_territory(work.session, letter.to.territory_id).zone
    callback = promise_callback(
        work,
        territory_id=letter.to.territory_id,
        about=about,
        visit_id=visit.id if visit else None,
        inbound_id=text.id,
        phone=text.phone,
        not_before=next_opening(work.now, urgent_hours(zone)),
    )
    text.answer_by_at = callback.due_at
    return callback


def answer(work: Work, letter: Letter, kind: Kind, **params: object) -> Message | None:
    """A direct answer to this text. The loop guard: one of the general ones to a phone in ten minutes."""
    text, visit = letter.text, letter.person.visit
    if kind in GUARDED and said_lately(work, text.phone, kind):
        return None
    recovery = find_open(work.session, visit.id) if visit else None
    return queue(
        work,
        kind,
        letter.to,
        visit=visit,
        recovery_id=recovery.id if recovery else None,
        round=text.id,
        params=params,
        direct=True,
    )


def confirm(work: Work, letter: Letter, kind: Kind) -> None:
    """STOP, START and HELP are confirmed once: by the provider where it does so, else by us."""
    if not letter.is_answered:
        answer(work, letter, kind)


def said_lately(work: Work, phone: str, kind: Kind) -> bool:
    query = select(Message.id).where(
        Message.phone == phone,
        Message.purpose == kind.purpose,
        col(Message.queued_at) > work.now - ONE_ANSWER_IN,
    )
    return work.session.exec(query.limit(1)).first() is not None
