"""Webhooks and their deliveries, as the API tells them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.base import In, Instant, Out
from api.webhooks.states import DeliveryState, SubscriptionState
from api.webhooks.tables import Delivery, Subscription

Kind = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]


class WebhookIn(In):
    url: str = Field(min_length=1, max_length=500)
    kinds: list[Kind] = Field(min_length=1, max_length=200)


class ReplayIn(In):
    """Everything after the fact of that number is sent again; 0 is from the beginning."""

    after: int = Field(ge=0, le=2**31 - 1)


class WebhookOut(Out):
    """`secret` is there once only: in the first answer to its creation or renewal."""

    id: str
    url: str
    kinds: list[str]
    state: SubscriptionState
    cursor: int
    created_at: Instant
    old_secret_until_at: Instant | None
    ended_at: Instant | None
    ended_because: str
    secret: str | None = None

    @classmethod
    def of(cls, one: Subscription, secret: str | None = None) -> WebhookOut:
        told = one.model_dump(include=set(cls.model_fields) - {"secret"})
        return cls(**told, secret=secret)


class WebhooksOut(Out):
    """`known_kinds` are all kinds of facts there are."""

    webhooks: list[WebhookOut]
    known_kinds: list[str]


class DeliveryOut(Out):
    """`answer` is the beginning of what came back, or why nothing did; `seq` 0 is a test."""

    id: str
    seq: int
    kind: str
    state: DeliveryState
    tries: int
    queued_at: Instant
    next_try_at: Instant
    ended_at: Instant | None
    status: int | None
    answer: str

    @classmethod
    def of(cls, one: Delivery) -> DeliveryOut:
        return cls(**one.model_dump(include=set(cls.model_fields)))


class DeliveriesOut(Out):
    deliveries: list[DeliveryOut]
