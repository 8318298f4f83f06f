"""What is done about a failure, and the options that were offered."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field

from dispatch.recoveries.states import OfferState, RecoveryState
from dispatch.store import Row, UtcDateTime, VersionedRow, text_enum


class Recovery(VersionedRow, table=True):
    """One failure's recovery: its owner, its clock step by step, and how it ended.

    `answer_by_at` is when silence is answered by the policy; `owner_due_at` when the owner must
    have acted, else the next one up owns it.
    """

    __tablename__ = "recoveries"
    __table_args__ = (
        Index("ix_recoveries_noticed", "territory_id", "noticed_at"),
        Index(
            "uq_recoveries_open",
            "visit_id",
            unique=True,
            sqlite_where=text("state != 'closed'"),
            postgresql_where=text("state != 'closed'"),
        ),
    )

    id: str = Field(primary_key=True, max_length=26)
    visit_id: str = Field(foreign_key="visits.id", index=True, max_length=26)
    failure_id: str = Field(foreign_key="failures.id", unique=True, max_length=26)
    territory_id: str = Field(foreign_key="territories.id", max_length=26)
    day: dt.date
    state: RecoveryState = Field(sa_type=text_enum(RecoveryState), index=True)
    round: int = 0
    owner_id: str | None = Field(default=None, foreign_key="dispatchers.id", max_length=26)
    owner_due_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer_by_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    certain_at: dt.datetime = Field(sa_type=UtcDateTime)
    noticed_at: dt.datetime = Field(sa_type=UtcDateTime)
    repaired_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    repair_milliseconds: int | None = None
    told_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    chosen_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    choice: str | None = Field(default=None, max_length=20)
    arranged_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    arranged_by: str | None = Field(default=None, max_length=80)
    closed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str | None = Field(default=None, max_length=40)
    proof: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    credit_cents: int = 0
    credit_state: str = Field(default="none", max_length=20)
    decided_by: str | None = Field(default=None, max_length=80)
    decided_reason: str | None = Field(default=None, max_length=300)

    @property
    def is_withheld(self) -> bool:
        """Whether the dial left it to a person what is offered; `proof` then has what was found (`option`)."""
        return "option" in (self.proof or {})


class Offer(Row, table=True):
    """One concrete option. The first of a round has a hold; the others are checked when chosen."""

    __tablename__ = "offers"
    __table_args__ = (UniqueConstraint("recovery_id", "round", "rank"),)

    id: str = Field(primary_key=True, max_length=26)
    recovery_id: str = Field(foreign_key="recoveries.id", index=True, max_length=26)
    visit_id: str = Field(foreign_key="visits.id", max_length=26)
    round: int
    rank: int
    state: OfferState = Field(sa_type=text_enum(OfferState))
    day: dt.date
    start_at: dt.datetime = Field(sa_type=UtcDateTime)
    end_at: dt.datetime = Field(sa_type=UtcDateTime)
    technician_id: str | None = Field(default=None, foreign_key="technicians.id", max_length=26)
    planned_start_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    price: float = 0.0
    hold_id: str | None = Field(default=None, foreign_key="holds.id", index=True, max_length=26)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    settled_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    promise_version: int | None = None
