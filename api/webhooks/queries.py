"""Every question to the rows of webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from api.webhooks.states import DeliveryState, SubscriptionState
from api.webhooks.tables import Delivery, Subscription
from dispatch.errors import NotFound
from dispatch.ledger import LedgerEntry
from dispatch.visits.tables import Visit


def get_subscription(session: Session, id: str, territory_id: str) -> Subscription:
    """Raises NotFound, also for another territory's."""
    found = session.get(Subscription, id)
    if found is None or found.territory_id != territory_id:
        raise NotFound("There is no such webhook.")
    return found


def list_subscriptions(session: Session, territory_id: str) -> Sequence[Subscription]:
    """The newest first; those that have ended last."""
    query = select(Subscription).where(Subscription.territory_id == territory_id)
    found = session.exec(query.order_by(col(Subscription.id).desc())).all()
    return sorted(found, key=lambda one: one.state is SubscriptionState.ENDED)


def list_active(session: Session) -> Sequence[Subscription]:
    query = select(Subscription).where(Subscription.state == SubscriptionState.ACTIVE)
    return session.exec(query.order_by(col(Subscription.id))).all()


def get_delivery(session: Session, id: str, subscription: Subscription) -> Delivery:
    """Raises NotFound."""
    found = session.get(Delivery, id)
    if found is None or found.webhook_id != subscription.id:
        raise NotFound("There is no such delivery.")
    return found


def list_deliveries(
    session: Session, subscription: Subscription, *, state: DeliveryState | None = None, limit: int = 100
) -> Sequence[Delivery]:
    """The newest first."""
    query = select(Delivery).where(Delivery.webhook_id == subscription.id)
    if state:
        query = query.where(Delivery.state == state)
    return session.exec(query.order_by(col(Delivery.id).desc()).limit(limit)).all()


def list_due(session: Session, subscription_id: str, now: datetime, limit: int) -> Sequence[str]:
    query = (
        select(Delivery.id)
        .where(Delivery.webhook_id == subscription_id, Delivery.state == DeliveryState.PENDING)
        .where(Delivery.next_try_at <= now)
        .order_by(col(Delivery.next_try_at), col(Delivery.id))
        .limit(limit)
    )
    return session.exec(query).all()


def list_lost(session: Session, now: datetime) -> Sequence[Delivery]:
    """In flight, and whoever tried them has not come back in time."""
    query = select(Delivery).where(
        Delivery.state == DeliveryState.SENDING, col(Delivery.lease_until_at) <= now
    )
    return session.exec(query).all()


def list_waiting(session: Session, subscription_id: str) -> Sequence[Delivery]:
    query = select(Delivery).where(
        Delivery.webhook_id == subscription_id, Delivery.state == DeliveryState.PENDING
    )
    return session.exec(query).all()


def is_of(session: Session, entry: LedgerEntry, territory_id: str) -> bool:
    """Whether this territory's office may hear of it: its own facts, and those that belong to none."""
    visit = session.get(Visit, entry.visit_id) if entry.visit_id else None
    return (visit.territory_id if visit else entry.data.get("territory_id")) in (None, territory_id)
