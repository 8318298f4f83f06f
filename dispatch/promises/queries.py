"""Finding promises."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from dispatch.errors import NotFound
from dispatch.promises.tables import Promise
from dispatch.visits.states import LIVE, VisitState
from dispatch.visits.tables import Visit


def current_promise(session: Session, visit: Visit) -> Promise:
    query = select(Promise).where(Promise.visit_id == visit.id, Promise.version == visit.promise_version)
    promise = session.exec(query).one_or_none()
    if promise is None:
        raise NotFound("This visit has no promise.")
    return promise


def current_promises(session: Session, visit_ids: Collection[str]) -> dict[str, Promise]:
    """The promise that stands, by visit."""
    query = (
        select(Promise)
        .join(Visit, col(Promise.visit_id) == col(Visit.id))
        .where(col(Visit.id).in_(visit_ids), Promise.version == Visit.promise_version)
    )
    return {promise.visit_id: promise for promise in session.exec(query)}


def list_promises(session: Session, visit_id: str) -> Sequence[Promise]:
    query = select(Promise).where(Promise.visit_id == visit_id).order_by(col(Promise.version))
    return session.exec(query).all()


def find_twin(
    session: Session, customer_id: str, service_id: str, address_id: str, *, start_at: datetime
) -> Visit | None:
    """A live visit of the same customer, work and address whose promise begins at the same instant."""
    query = (
        select(Visit)
        .join(Promise, col(Promise.visit_id) == col(Visit.id))
        .where(
            Visit.customer_id == customer_id,
            Visit.service_id == service_id,
            Visit.address_id == address_id,
            Promise.version == Visit.promise_version,
            Promise.start_at == start_at,
            col(Visit.state).in_(LIVE),
        )
    )
    return session.exec(query).first()


def promised_between(
    session: Session,
    territory_id: str,
    *,
    from_at: datetime,
    until_at: datetime,
    states: Collection[VisitState],
) -> Sequence[tuple[Visit, Promise]]:
    """Visits in `states` whose current promise starts in [from_at, until_at), earliest first."""
    query = select(Visit, Promise).where(
        *_promised(territory_id, from_at, until_at), col(Visit.state).in_(states)
    )
    return session.exec(query.order_by(col(Promise.start_at), col(Visit.id))).all()


def ids_promised_between(
    session: Session, territory_id: str, *, from_at: datetime, until_at: datetime
) -> Sequence[str]:
    """The ids of those in whatever state, in the same order."""
    query = select(Visit.id).where(*_promised(territory_id, from_at, until_at))
    return session.exec(query.order_by(col(Promise.start_at), col(Visit.id))).all()


def _promised(territory_id: str, from_at: datetime, until_at: datetime) -> tuple[Any, ...]:
    return (
        Visit.territory_id == territory_id,
        Promise.visit_id == Visit.id,
        Promise.version == Visit.promise_version,
        Promise.start_at >= from_at,
        Promise.start_at < until_at,
    )
