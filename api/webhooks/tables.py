"""Who is told of which facts, and every delivery with what came of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index
from sqlmodel import Field

from api.webhooks.states import DeliveryState, SubscriptionState
from dispatch.store import Row, UtcDateTime, VersionedRow, text_enum


class Subscription(VersionedRow, table=True):
    """`cursor` is the last fact that was looked at. The signing secret is derived from the house's own by
    `secret_version` and never kept; the version before it is valid until `old_secret_until_at`."""

    __tablename__ = "webhooks"

    id: str = Field(primary_key=True, max_length=26)
    territory_id: str = Field(foreign_key="territories.id", index=True, max_length=26)
    url: str = Field(max_length=500)
    kinds: list[str] = Field(sa_type=JSON)
    state: SubscriptionState = Field(sa_type=text_enum(SubscriptionState))
    cursor: int
    secret_version: int = 1
    old_secret_until_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failures_in_a_row: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime)
    created_by: str = Field(max_length=80)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ended_because: str = Field(default="", max_length=40)


class Delivery(Row, table=True):
    """One fact on its way; `seq` 0 is a test. Only the holder of `fence` may write down what came of a try."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("ix_webhook_deliveries_due", "state", "next_try_at"),
        Index("ix_webhook_deliveries_of", "webhook_id", "id"),
    )

    id: str = Field(primary_key=True, max_length=26)
    webhook_id: str = Field(foreign_key="webhooks.id", max_length=26)
    seq: int
    kind: str = Field(max_length=40)
    state: DeliveryState = Field(sa_type=text_enum(DeliveryState))
    tries: int = 0
    queued_at: datetime = Field(sa_type=UtcDateTime)
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    give_up_at: datetime = Field(sa_type=UtcDateTime)
    lease_until_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    fence: str = Field(default="", max_length=32)
    status: int | None = None
    answer: str = Field(default="", max_length=200)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
