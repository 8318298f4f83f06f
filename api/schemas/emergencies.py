"""Ways to come at once, with whoever would pay for each."""

from __future__ import annotations

from dataclasses import asdict

from pydantic import Field

from api.schemas.base import Id, In, Instant, Out
from dispatch.failures.emergency import Rush


class PayerOut(Out):
    """A promise that would break; `late_minutes` is null where nobody would come any more."""

    visit_id: str
    customer: str
    window_text: str
    late_minutes: int | None


class WayOut(Out):
    """`touched` others would get a noticeably other time within their promise; `price` is in minutes of driving."""

    technician_id: str
    technician: str
    start_at: Instant
    payers: list[PayerOut]
    touched: int
    price: float

    @classmethod
    def of(cls, way: Rush) -> WayOut:
        return cls.model_validate(asdict(way) | {"payers": [asdict(one) for one in way.payers]})


class WaysOut(Out):
    ways: list[WayOut]


class PutFirstIn(In):
    """One of the ways as it was shown: `payer_ids` are the visits whose promises may break for it, and no others."""

    technician_id: Id
    payer_ids: list[Id] = Field(default_factory=list, max_length=20)
    reason: str = Field(min_length=3, max_length=300)
