"""Finding calls: what is due, what is on the line, what became of the other tries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, or_, select

from dispatch.store import BUT_NOT_THE_KEY
from notifications.calls.states import LIVE, ON_THE_LINE, CallState
from notifications.calls.tables import Call

STILL_LISTENING = timedelta(seconds=90)


def take_call(session: Session, call_id: str) -> Call | None:
    """The call, for this work alone: keys, reports and its sender may come in the same moment."""
    return session.get(Call, call_id, populate_existing=True, with_for_update=BUT_NOT_THE_KEY)


def find_by_sid(session: Session, sid: str) -> Call | None:
    return session.exec(select(Call).where(Call.provider_sid == sid)).one_or_none()


def list_known(session: Session, sids: Sequence[str]) -> set[str]:
    """Those of `sids` that some call of ours already has."""
    found = session.exec(select(Call.provider_sid).where(col(Call.provider_sid).in_(sids)))
    return {sid for sid in found if sid}


def list_tries(session: Session, message_id: str) -> Sequence[Call]:
    query = select(Call).where(Call.message_id == message_id)
    return session.exec(query.order_by(col(Call.number))).all()


def list_for_visit(session: Session, visit_id: str) -> Sequence[Call]:
    query = select(Call).where(Call.visit_id == visit_id)
    return session.exec(query.order_by(col(Call.queued_at), col(Call.number))).all()


def find_listening(session: Session, visit_id: str, now: datetime) -> Call | None:
    """The call about that visit whose other end listens: what is new can be said there and then."""
    query = (
        select(Call)
        .where(Call.visit_id == visit_id)
        .where(
            or_(
                (col(Call.state) == CallState.TALKING) & (col(Call.page_at) >= now - STILL_LISTENING),
                (col(Call.state) == CallState.TOLD) & (col(Call.page_at) == now),
            )
        )
    )
    return session.exec(query.order_by(col(Call.page_at).desc()).limit(1)).first()


def list_ripe(session: Session, now: datetime, limit: int) -> Sequence[str]:
    query = select(Call.id).where(Call.state == CallState.WAITING, Call.due_at <= now, Call.deadline_at > now)
    return session.exec(query.order_by(col(Call.deadline_at), col(Call.id)).limit(limit)).all()


def list_waiting(session: Session) -> Sequence[Call]:
    return session.exec(select(Call).where(Call.state == CallState.WAITING).order_by(col(Call.id))).all()


def list_overdue(session: Session, now: datetime, limit: int) -> Sequence[Call]:
    """Past their deadline; whoever is still on the phone may listen to the end."""
    query = select(Call).where(
        Call.deadline_at <= now,
        or_(
            col(Call.state).in_((CallState.WAITING, CallState.UNKNOWN, CallState.RINGING)),
            (col(Call.state) == CallState.TALKING) & (col(Call.page_at) < now - STILL_LISTENING),
        ),
    )
    return session.exec(query.order_by(col(Call.deadline_at)).limit(limit)).all()


def list_lost(session: Session, before: datetime) -> Sequence[Call]:
    query = select(Call).where(Call.state == CallState.PLACING, col(Call.started_at) <= before)
    return session.exec(query).all()


def list_on_the_line(session: Session) -> Sequence[Call]:
    query = select(Call).where(col(Call.state).in_(ON_THE_LINE))
    return session.exec(query.order_by(col(Call.deadline_at))).all()


def is_any_live(session: Session) -> bool:
    """Asked with a read, so that a sweep without calls takes no write lock."""
    return session.exec(select(Call.id).where(col(Call.state).in_(LIVE)).limit(1)).first() is not None


def next_due(session: Session, *, after: datetime | None = None) -> datetime | None:
    """The earliest instant (later than `after`) at which a call may be placed or must be handed over."""
    found: list[datetime] = []
    for column, states in ((col(Call.due_at), (CallState.WAITING,)), (col(Call.deadline_at), LIVE)):
        query = select(func.min(column)).where(col(Call.state).in_(states))
        at = session.exec(query if after is None else query.where(column > after)).one()
        if at is not None:
            found.append(at)
    return min(found, default=None)
