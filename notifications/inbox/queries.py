"""Finding texts that came in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from dispatch.callbacks.tables import Callback
from dispatch.errors import NotFound
from notifications.inbox.parse import Intent
from notifications.inbox.tables import InboundText


def get_inbound(session: Session, inbound_id: str) -> InboundText:
    text = session.get(InboundText, inbound_id)
    if text is None:
        raise NotFound("There is no such text.")
    return text


def take_inbound(session: Session, inbound_id: str) -> InboundText:
    """The text, for this work alone."""
    return session.get_one(InboundText, inbound_id, populate_existing=True, with_for_update=True)


def list_waiting(session: Session, *, before: datetime) -> Sequence[str]:
    """Texts that were kept before then and not acted on, oldest first; those least tried before all."""
    query = select(InboundText.id).where(InboundText.effect == "", InboundText.received_at <= before)
    return session.exec(query.order_by(col(InboundText.tries), col(InboundText.received_at)).limit(20)).all()


def find_by_sid(session: Session, provider_sid: str) -> InboundText:
    """The one text of that sid. Raises NotFound."""
    text = session.exec(select(InboundText).where(InboundText.provider_sid == provider_sid)).one_or_none()
    if text is None:
        raise NotFound("There is no such text.")
    return text


def list_inbox(session: Session, territory_id: str) -> Sequence[InboundText]:
    """Free texts that nobody has dealt with and whose callback is the territory's, the most pressing first."""
    mine = select(Callback.phone).where(
        Callback.territory_id == territory_id, Callback.about == "inbox", col(Callback.done_at).is_(None)
    )
    query = select(InboundText).where(
        col(InboundText.answer_by_at).is_not(None),
        col(InboundText.handled_at).is_(None),
        InboundText.intent != Intent.STOP.value,
        col(InboundText.phone).in_(mine),
    )
    return session.exec(query.order_by(col(InboundText.answer_by_at), col(InboundText.id))).all()


def is_promised_answer(session: Session, territory_id: str, phone: str) -> bool:
    """Whether somebody of that office answers, or has answered, what this phone wrote."""
    query = select(Callback.id).where(
        Callback.territory_id == territory_id, Callback.about == "inbox", Callback.phone == phone
    )
    return session.exec(query).first() is not None


def list_for_phone(session: Session, phone: str) -> Sequence[InboundText]:
    query = select(InboundText).where(InboundText.phone == phone)
    return session.exec(query.order_by(col(InboundText.received_at), col(InboundText.id))).all()


def list_for_visit(session: Session, visit_id: str) -> Sequence[InboundText]:
    query = select(InboundText).where(InboundText.visit_id == visit_id)
    return session.exec(query.order_by(col(InboundText.received_at), col(InboundText.id))).all()
