"""Finding holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from dispatch.errors import NotFound
from dispatch.holds.tables import Hold, HoldPurpose


def get_hold(session: Session, hold_id: str) -> Hold:
    hold = session.get(Hold, hold_id)
    if hold is None:
        raise NotFound("There is no such hold.")
    return hold


def live_holds(session: Session, territory_id: str, day: date, *, now: datetime) -> Sequence[Hold]:
    """Holds that block capacity on `day` at `now`: judged by the clock, not by a job that ended them."""
    query = select(Hold).where(
        Hold.territory_id == territory_id,
        Hold.day == day,
        Hold.expires_at > now,
        col(Hold.consumed_at).is_(None),
        col(Hold.released_at).is_(None),
    )
    return session.exec(query.order_by(col(Hold.planned_start_at), col(Hold.id))).all()


def list_kept_for(session: Session, held_for: str, now: datetime) -> Sequence[Hold]:
    """What one person keeps while they book: live holds of that purpose alone."""
    query = select(Hold).where(
        Hold.held_for == held_for,
        Hold.purpose == HoldPurpose.BOOKING,
        Hold.expires_at > now,
        col(Hold.consumed_at).is_(None),
        col(Hold.released_at).is_(None),
    )
    return session.exec(query.order_by(col(Hold.id))).all()


def find_undo_hold(session: Session, visit_id: str, now: datetime) -> Hold | None:
    query = select(Hold).where(
        Hold.visit_id == visit_id, Hold.purpose == HoldPurpose.UNDO, Hold.expires_at > now
    )
    query = query.where(col(Hold.consumed_at).is_(None), col(Hold.released_at).is_(None))
    return session.exec(query).first()
