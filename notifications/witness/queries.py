"""Finding what the witness noted: whether sending is held, and which promises are lost."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, func, select

from dispatch.callbacks.tables import Callback
from dispatch.ledger import LedgerEntry
from notifications.channels.port import Direction
from notifications.inbox.tables import InboundText
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Audience, Message
from notifications.witness.tables import LostPromise, WitnessState

MAY_HAVE_GONE = (
    MessageState.PENDING,
    MessageState.SENDING,
    MessageState.UNKNOWN,
    MessageState.HANDED_OVER,
)


def get_state(session: Session) -> WitnessState:
    """The one row, which the migration made."""
    return session.get_one(WitnessState, 1, populate_existing=True)


def is_held(session: Session) -> bool:
    """Whether this database is a backup that nobody has compared with the provider's log yet."""
    return get_state(session).held_since_at is not None


def list_unplaced(session: Session, phone: str) -> Sequence[LostPromise]:
    """Texts to that phone that no message of ours is known to be, oldest first."""
    query = select(LostPromise).where(
        LostPromise.phone == phone,
        LostPromise.direction == Direction.OUT,
        col(LostPromise.message_id).is_(None),
    )
    return session.exec(query.order_by(col(LostPromise.at), col(LostPromise.sid))).all()


def list_lost(session: Session, callback_ids: Collection[str]) -> Sequence[LostPromise]:
    """What these calls are about, oldest first."""
    query = select(LostPromise).where(col(LostPromise.callback_id).in_(callback_ids))
    return session.exec(query.order_by(col(LostPromise.at), col(LostPromise.sid))).all()


def list_open_lost(session: Session) -> Sequence[LostPromise]:
    """Lost promises about which nobody has rung yet."""
    query = select(LostPromise).join(Callback, col(Callback.id) == col(LostPromise.callback_id))
    query = query.where(col(Callback.done_at).is_(None), col(LostPromise.message_id).is_(None))
    return session.exec(query.order_by(col(LostPromise.at), col(LostPromise.sid))).all()


def is_in_doubt(session: Session, message: Message) -> bool:
    """Whether a customer may know better than our record what holds for the visit of that message.

    What somebody did since then is new truth, and is told.
    """
    if message.visit_id is None or message.audience is not Audience.CUSTOMER:
        return False
    query = (
        select(func.max(LostPromise.found_at))
        .join(Callback, col(Callback.id) == col(LostPromise.callback_id))
        .where(
            LostPromise.visit_id == message.visit_id,
            col(LostPromise.message_id).is_(None),
            col(Callback.done_at).is_(None),
        )
    )
    found_at: datetime | None = session.exec(query).one()
    if found_at is None:
        return False
    return not (message.params.get("direct") and message.queued_at >= found_at)


def list_candidates(session: Session, phone: str) -> Sequence[str]:
    """Messages to that phone of which no sid is known and that may be at the provider all the same."""
    query = select(Message.id).where(
        Message.phone == phone, col(Message.provider_sid).is_(None), col(Message.state).in_(MAY_HAVE_GONE)
    )
    return session.exec(query.order_by(col(Message.queued_at), col(Message.id))).all()


def known_sids(session: Session, since: datetime) -> set[str]:
    """What the provider calls the texts that stand in our record since then."""
    columns = (
        select(Message.provider_sid).where(
            col(Message.provider_sid).is_not(None), col(Message.sent_at) >= since
        ),
        select(InboundText.provider_sid).where(InboundText.received_at >= since),
        select(LostPromise.sid).where(LostPromise.at >= since),
    )
    return {sid for query in columns for sid in session.exec(query) if sid}


def list_accepted(session: Session, from_at: datetime, until_at: datetime) -> Sequence[Message]:
    """What our record says that the provider accepted in that time."""
    query = select(Message).where(
        col(Message.provider_sid).is_not(None),
        col(Message.sent_at) >= from_at,
        col(Message.sent_at) <= until_at,
    )
    return session.exec(query.order_by(col(Message.sent_at), col(Message.id))).all()


def record_began_at(session: Session) -> datetime | None:
    return session.exec(select(LedgerEntry.at).order_by(col(LedgerEntry.seq)).limit(1)).one_or_none()
