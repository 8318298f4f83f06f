"""Finding callbacks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from dispatch.callbacks.tables import Callback
from dispatch.errors import NotFound


def get_callback(session: Session, callback_id: str) -> Callback:
    callback = session.get(Callback, callback_id)
    if callback is None:
        raise NotFound("There is no such callback.")
    return callback


def find_callback(session: Session, callback_id: str, territory_id: str) -> Callback | None:
    """That call, if it is the territory's."""
    found = session.get(Callback, callback_id)
    return found if found and found.territory_id == territory_id else None


def find_open(session: Session, *, visit_id: str | None, phone: str, about: str) -> Callback | None:
    """The callback already promised about the same thing to the same person."""
    query = select(Callback).where(col(Callback.done_at).is_(None), Callback.about == about)
    query = query.where(Callback.visit_id == visit_id) if visit_id else query.where(Callback.phone == phone)
    return session.exec(query.order_by(col(Callback.due_at))).first()


def list_open(session: Session, territory_id: str) -> Sequence[Callback]:
    query = select(Callback).where(Callback.territory_id == territory_id, col(Callback.done_at).is_(None))
    return session.exec(query.order_by(col(Callback.due_at))).all()


def soonest_of(session: Session, visit_ids: Collection[str]) -> dict[str, Callback]:
    """The call that is due first, by visit, where one is still to be made."""
    query = select(Callback).where(col(Callback.visit_id).in_(visit_ids), col(Callback.done_at).is_(None))
    found = session.exec(query.order_by(col(Callback.due_at).desc(), col(Callback.opened_at).desc()))
    return {one.visit_id: one for one in found if one.visit_id}


def list_for_visit(session: Session, visit_id: str) -> Sequence[Callback]:
    query = select(Callback).where(Callback.visit_id == visit_id)
    return session.exec(query.order_by(col(Callback.opened_at))).all()


def list_overdue(session: Session, now: datetime) -> Sequence[Callback]:
    query = select(Callback).where(col(Callback.done_at).is_(None), Callback.due_at <= now)
    return session.exec(query.order_by(col(Callback.due_at))).all()


def next_due_at(session: Session, now: datetime) -> datetime | None:
    query = select(Callback.due_at).where(col(Callback.done_at).is_(None), Callback.due_at > now)
    return session.exec(query.order_by(col(Callback.due_at))).first()
