"""Recoveries, callbacks and what a dispatcher decides."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from pydantic import Field

from api.schemas.base import In, Instant, Out
from dispatch.board.card import RecoveryCard
from dispatch.board.snapshot import Open

Reason = Field(min_length=3, max_length=300)


class ChoiceIn(In):
    choice: Literal["1", "2", "another_day", "person"]


class BendIn(In):
    """`relaxation` counts from 0 in the order of the proof."""

    relaxation: int = Field(ge=0, le=100)
    reason: str = Reason


class ReasonIn(In):
    reason: str = Reason


class TakeBackIn(In):
    """`why` is one of the codes that reports count; `reason` says more."""

    why: Literal["person_unfit", "time_unfit", "unknown_to_plan", "agreed_otherwise", "other"]
    reason: str = Field(default="", max_length=300)


class CreditIn(In):
    approved: bool


class OutcomeIn(In):
    outcome: str = Field(min_length=1, max_length=40)


class OfferOut(Out):
    choice: str
    text: str
    start_at: Instant
    end_at: Instant
    technician: str | None
    held: bool
    expires_at: Instant


class RecoveryOut(Out):
    """The chain of one broken promise with its clock; `proof` says why not today, to the office alone."""

    id: str
    visit_id: str
    reference: str
    state: str
    kind: str
    fault: str
    contested: bool
    owner: str | None
    certain_at: Instant
    noticed_at: Instant
    told_at: Instant | None
    chosen_at: Instant | None
    arranged_at: Instant | None
    arranged_by: str | None
    answer_by_at: Instant | None
    outcome: str | None
    credit_cents: int
    credit_state: str
    offers: list[OfferOut]
    proof: dict[str, Any] | None

    @classmethod
    def of(
        cls, card: RecoveryCard, *, visit_id: str, reference: str, proof: dict[str, Any] | None
    ) -> RecoveryOut:
        known = asdict(card) | {"visit_id": visit_id, "reference": reference, "proof": proof}
        known["offers"] = [asdict(offer) for offer in card.offers]
        return cls.model_validate({name: known[name] for name in cls.model_fields})

    @classmethod
    def of_open(cls, one: Open) -> RecoveryOut:
        proof = dict(one.proof) if one.proof else None
        return cls.of(one.recovery, visit_id=one.card.visit_id, reference=one.card.reference, proof=proof)


class RecoveriesOut(Out):
    recoveries: list[RecoveryOut]


class CallbackOut(Out):
    id: str
    person: str | None
    due_at: Instant
    about: str
    overdue: bool
    visit_id: str | None
    reference: str | None
    phone: str | None


class CallbacksOut(Out):
    callbacks: list[CallbackOut]
