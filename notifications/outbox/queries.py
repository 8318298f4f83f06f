"""Finding messages: what is due, what a phone was asked, what waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, or_, select

from dispatch.errors import NotFound
from dispatch.recoveries.states import RecoveryState
from dispatch.recoveries.tables import Recovery
from dispatch.store import BUT_NOT_THE_KEY
from notifications.messages import UNCOUNTED, UPDATES
from notifications.outbox.states import FILTERED, MessageState, Outcome
from notifications.outbox.tables import Audience, Message, SendAttempt

QUESTION_HOURS = 24
FILTER_WATCH = timedelta(minutes=10)
ON_THE_PHONE = (
    MessageState.SENDING,
    MessageState.UNKNOWN,
    MessageState.SENT,
    MessageState.DELIVERED,
    MessageState.UNDELIVERED,
)
OPEN = (MessageState.PENDING, MessageState.SENDING, MessageState.UNKNOWN)


def get_message(session: Session, message_id: str) -> Message:
    message = session.get(Message, message_id, populate_existing=True)
    if message is None:
        raise NotFound("There is no such message.")
    return message


def take_message(session: Session, message_id: str) -> Message | None:
    """The message, for this work alone: its sender and the provider's reports may come in the same moment."""
    return session.get(Message, message_id, populate_existing=True, with_for_update=BUT_NOT_THE_KEY)


def take_messages(session: Session, message_ids: Collection[str]) -> Sequence[Message]:
    """The same for many at once, in the order of their ids; those that are not there are left out."""
    query = select(Message).where(col(Message.id).in_(message_ids)).order_by(col(Message.id))
    query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.exec(query).all() if message_ids else []


def find_by_key(session: Session, dedupe_key: str) -> Message | None:
    return session.exec(select(Message).where(Message.dedupe_key == dedupe_key)).one_or_none()


def find_by_sid(session: Session, sid: str) -> Message | None:
    return session.exec(select(Message).where(Message.provider_sid == sid)).one_or_none()


def list_known(session: Session, sids: Sequence[str]) -> set[str]:
    """Those of `sids` that some message of ours already has."""
    found = session.exec(select(Message.provider_sid).where(col(Message.provider_sid).in_(sids)))
    return {sid for sid in found if sid}


def list_for_visit(session: Session, visit_id: str) -> Sequence[Message]:
    query = select(Message).where(Message.visit_id == visit_id)
    return session.exec(query.order_by(col(Message.queued_at), col(Message.id))).all()


def list_for_phone(session: Session, phone: str) -> Sequence[Message]:
    query = select(Message).where(Message.phone == phone)
    return session.exec(query.order_by(col(Message.queued_at), col(Message.id))).all()


def count_of(session: Session, visit_id: str, purpose: str, version: int | None) -> int:
    query = select(func.count()).select_from(Message)
    query = query.where(Message.visit_id == visit_id, Message.purpose == purpose)
    return session.exec(query.where(Message.promise_version == version)).one()


def was_texted(session: Session, phone: str) -> bool:
    """Whether any text of ours was ever accepted for `phone`."""
    query = select(Message.id).where(Message.phone == phone, col(Message.sent_at).is_not(None))
    return session.exec(query.limit(1)).first() is not None


def newest_about(session: Session, visit_id: str) -> datetime | None:
    return session.exec(select(func.max(Message.queued_at)).where(Message.visit_id == visit_id)).one()


def find_newer_update(session: Session, message: Message, within: timedelta) -> Message | None:
    """An update on the same visit to the same people, queued after `message` by at most `within`."""
    query = select(Message).where(
        Message.visit_id == message.visit_id,
        Message.audience == message.audience,
        col(Message.purpose).in_(UPDATES),
        Message.queued_at > message.queued_at,
        Message.queued_at <= message.queued_at + within,
        Message.state != MessageState.SUPPRESSED,
    )
    return session.exec(query.limit(1)).first()


def list_ripe(session: Session, now: datetime, limit: int) -> Sequence[str]:
    """The most pressing of the messages whose time has come and whose deadline has not, in the order of queueing."""
    query = select(Message.id, Message.queued_at).where(
        Message.state == MessageState.PENDING, Message.send_after_at <= now, Message.deadline_at > now
    )
    query = query.order_by(col(Message.deadline_at), col(Message.queued_at), col(Message.id)).limit(limit)
    return [id for id, _ in sorted(session.exec(query), key=lambda row: row[1])]


def list_overdue(session: Session, now: datetime, limit: int) -> Sequence[Message]:
    query = select(Message).where(
        col(Message.state).in_((MessageState.PENDING, MessageState.UNKNOWN)), Message.deadline_at <= now
    )
    return session.exec(query.order_by(col(Message.deadline_at)).limit(limit)).all()


def list_attempts(session: Session, message_id: str) -> Sequence[SendAttempt]:
    query = select(SendAttempt).where(SendAttempt.message_id == message_id)
    return session.exec(query.order_by(col(SendAttempt.number))).all()


def find_refusal(session: Session) -> SendAttempt | None:
    """The newest attempt that ended, if our settings were refused: then no text goes out."""
    query = select(SendAttempt).where(col(SendAttempt.finished_at).is_not(None))
    newest = session.exec(query.order_by(col(SendAttempt.id).desc()).limit(1)).first()
    return newest if newest and newest.outcome is Outcome.MISCONFIGURED else None


def count_in(session: Session, state: MessageState) -> int:
    return session.exec(select(func.count()).select_from(Message).where(Message.state == state)).one()


def oldest_waiting(session: Session, now: datetime) -> datetime | None:
    """Since when the text that waits longest has been due."""
    query = select(func.min(Message.send_after_at)).where(Message.state == MessageState.PENDING)
    return session.exec(query.where(Message.send_after_at <= now)).one()


def share_filtered(session: Session, now: datetime) -> float:
    """Of the texts whose end was reported in the last ten minutes, the share that carriers held back."""
    recent = col(Message.settled_at) > now - FILTER_WATCH
    count = select(func.count()).select_from(Message).where(recent)
    held_back = count.where(col(Message.reason).in_([f"undelivered:{code}" for code in FILTERED]))
    of = session.exec(count).one()
    return session.exec(held_back).one() / of if of else 0.0


def count_texts(session: Session, phone: str, since: datetime, visit_id: str | None = None) -> int:
    """Texts of ours, about one visit or any, that went to `phone` or may have gone there since then.

    What somebody asked for themselves, and what must always be answered, does not count.
    """
    query = (
        select(func.count())
        .select_from(Message)
        .where(
            Message.phone == phone,
            Message.audience == Audience.CUSTOMER,
            col(Message.purpose).not_in(UNCOUNTED),
            col(Message.state).in_(ON_THE_PHONE),
            func.coalesce(Message.sent_at, Message.send_after_at) > since,
        )
    )
    return session.exec(query.where(Message.visit_id == visit_id) if visit_id else query).one()


def open_questions(session: Session, phone: str, now: datetime) -> Sequence[Message]:
    """The newest question of each recovery that is still open and younger than a day, newest first."""
    query = (
        select(Message)
        .join(Recovery, col(Message.recovery_id) == col(Recovery.id))
        .where(
            Message.phone == phone,
            Message.audience == Audience.CUSTOMER,
            col(Message.question).is_not(None),
            col(Message.state).in_(ON_THE_PHONE),
            Message.queued_at > now - timedelta(hours=QUESTION_HOURS),
            Recovery.state != RecoveryState.CLOSED,
        )
        .order_by(col(Message.queued_at).desc())
    )
    newest: dict[str | None, Message] = {}
    for message in session.exec(query):
        newest.setdefault(message.recovery_id, message)
    return list(newest.values())


def was_asked(session: Session, visit_id: str, offer_id: str) -> bool:
    """Whether the text about that earlier time went to the phone, or may have."""
    query = select(Message.params).where(
        Message.visit_id == visit_id,
        Message.purpose == "sooner_offer",
        col(Message.state).in_(ON_THE_PHONE),
    )
    return any(params.get("offer_id") == offer_id for params in session.exec(query))


def count_waiting(session: Session) -> int:
    """Texts that were promised and not sent: what staff pages show while there is no provider."""
    query = select(func.count()).select_from(Message)
    return session.exec(query.where(col(Message.state).in_(OPEN))).one()


def next_due(session: Session, *, after: datetime | None = None) -> datetime | None:
    """The earliest instant (later than `after`) at which a waiting message may go or must be handed over."""
    found: list[datetime] = []
    for column, states in (
        (col(Message.send_after_at), (MessageState.PENDING,)),
        (col(Message.deadline_at), OPEN),
        (col(Message.look_up_at), (MessageState.SENT,)),
    ):
        query = select(func.min(column)).where(col(Message.state).in_(states))
        at = session.exec(query if after is None else query.where(column > after)).one()
        if at is not None:
            found.append(at)
    return min(found, default=None)


def is_any_due(session: Session, now: datetime) -> bool:
    """Whether a sweep would find anything: asked with a read, so that an idle sweep takes no write lock."""
    query = select(Message.id).where(
        or_(
            col(Message.state).in_((MessageState.SENDING, MessageState.UNKNOWN)),
            (col(Message.state) == MessageState.PENDING) & (col(Message.send_after_at) <= now),
            (col(Message.state) == MessageState.PENDING) & (col(Message.deadline_at) <= now),
            (col(Message.state) == MessageState.SENT) & (col(Message.look_up_at) <= now),
        )
    )
    return session.exec(query.limit(1)).first() is not None


def is_day_change_waiting(session: Session, technician_id: str) -> bool:
    query = select(Message.id).where(
        Message.technician_id == technician_id,
        Message.purpose == "technician_day_changed",
        Message.state == MessageState.PENDING,
    )
    return session.exec(query.limit(1)).first() is not None
