"""Finding recoveries and their offers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlmodel import Session, col, or_, select

from dispatch.errors import NotFound
from dispatch.recoveries.states import OfferState, RecoveryState
from dispatch.recoveries.tables import Offer, Recovery
from dispatch.store import BUT_NOT_THE_KEY
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit

_S = RecoveryState


def get_recovery(session: Session, recovery_id: str) -> Recovery:
    recovery = session.get(Recovery, recovery_id)
    if recovery is None:
        raise NotFound("There is no such recovery.")
    return recovery


def lock_recovery(session: Session, recovery_id: str) -> Recovery:
    """The recovery, fresh, and nobody else's until the work is committed."""
    found = session.get(Recovery, recovery_id, populate_existing=True, with_for_update=BUT_NOT_THE_KEY)
    if found is None:
        raise NotFound("There is no such recovery.")
    return found


def find_open(session: Session, visit_id: str) -> Recovery | None:
    query = select(Recovery).where(Recovery.visit_id == visit_id, Recovery.state != _S.CLOSED)
    return session.exec(query).one_or_none()


def list_for_visit(session: Session, visit_id: str) -> Sequence[Recovery]:
    query = select(Recovery).where(Recovery.visit_id == visit_id)
    return session.exec(query.order_by(col(Recovery.noticed_at))).all()


def newest_recoveries(session: Session, visit_ids: Collection[str]) -> dict[str, Recovery]:
    """The last one of each visit that ever had one."""
    query = select(Recovery).where(col(Recovery.visit_id).in_(visit_ids))
    return {one.visit_id: one for one in session.exec(query.order_by(col(Recovery.noticed_at)))}


def list_unfinished(session: Session, territory_id: str) -> Sequence[Recovery]:
    """Everything open in a territory, the oldest broken promise first."""
    query = select(Recovery).where(Recovery.territory_id == territory_id, Recovery.state != _S.CLOSED)
    return session.exec(query.order_by(col(Recovery.certain_at), col(Recovery.id))).all()


def list_without_option(session: Session, territory_id: str, day: date) -> Sequence[Recovery]:
    """Victims of `day` for whom nothing is held yet, those who failed first coming first."""
    query = (
        select(Recovery)
        .join(Visit, col(Recovery.visit_id) == col(Visit.id))
        .where(
            Recovery.territory_id == territory_id,
            Recovery.day == day,
            Recovery.state == _S.OPEN,
            Visit.state == VisitState.FAILED,
        )
    )
    return session.exec(query.order_by(col(Recovery.certain_at), col(Recovery.id))).all()


def list_of_cancelled(session: Session, now: datetime) -> Sequence[Recovery]:
    """Open recoveries of visits that the customer cancelled and can no longer take back."""
    query = (
        select(Recovery)
        .join(Visit, col(Recovery.visit_id) == col(Visit.id))
        .where(
            Recovery.state != _S.CLOSED,
            Visit.state == VisitState.CANCELLED,
            or_(col(Visit.undo_until_at).is_(None), col(Visit.undo_until_at) <= now),
        )
    )
    return session.exec(query.order_by(col(Recovery.id))).all()


def list_unanswered(session: Session, now: datetime) -> Sequence[Recovery]:
    """Recoveries whose customer has not answered in time."""
    query = select(Recovery).where(Recovery.state == _S.OFFERED, col(Recovery.answer_by_at) <= now)
    return session.exec(query.order_by(col(Recovery.answer_by_at))).all()


def list_owner_overdue(session: Session, now: datetime) -> Sequence[Recovery]:
    """Recoveries that wait for their owner longer than they may."""
    query = select(Recovery).where(
        or_(Recovery.state == _S.DECIDING, Recovery.state == _S.TALKING, Recovery.state == _S.OPEN),
        col(Recovery.owner_due_at) <= now,
    )
    return session.exec(query.order_by(col(Recovery.owner_due_at))).all()


def next_due_at(session: Session, now: datetime) -> datetime | None:
    waiting = (_S.OPEN, _S.DECIDING, _S.TALKING)
    answer = select(Recovery.answer_by_at).where(
        Recovery.state == _S.OFFERED, col(Recovery.answer_by_at) > now
    )
    owner = select(Recovery.owner_due_at).where(
        col(Recovery.state).in_(waiting), col(Recovery.owner_due_at) > now
    )
    found = [
        session.exec(answer.order_by(col(Recovery.answer_by_at))).first(),
        session.exec(owner.order_by(col(Recovery.owner_due_at))).first(),
    ]
    return min((at for at in found if at), default=None)


def list_offers(session: Session, recovery_id: str, round: int | None = None) -> Sequence[Offer]:
    """Offers in the order in which the customer reads them; of every round when none is named."""
    query = select(Offer).where(Offer.recovery_id == recovery_id)
    if round is not None:
        query = query.where(Offer.round == round)
    return session.exec(query.order_by(col(Offer.round), col(Offer.rank))).all()


def last_offers(session: Session, recoveries: Collection[Recovery]) -> dict[str, list[Offer]]:
    """The offers of each recovery's last round, in the order in which the customer reads them."""
    rounds = {one.id: one.round for one in recoveries}
    if not rounds:
        return {}
    query = select(Offer).where(col(Offer.recovery_id).in_(rounds))
    found: dict[str, list[Offer]] = defaultdict(list)
    for offer in session.exec(query.order_by(col(Offer.rank))):
        if offer.round == rounds[offer.recovery_id]:
            found[offer.recovery_id].append(offer)
    return found


def find_by_hold(session: Session, hold_id: str) -> Offer | None:
    return session.exec(select(Offer).where(Offer.hold_id == hold_id)).one_or_none()


def open_offers(session: Session, recovery_id: str) -> Sequence[Offer]:
    query = select(Offer).where(Offer.recovery_id == recovery_id, Offer.state == OfferState.OPEN)
    return session.exec(query.order_by(col(Offer.round), col(Offer.rank))).all()
