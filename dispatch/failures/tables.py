"""Promises that broke: what kind, whose fault, on which evidence, noticed when and by what."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from dispatch.store import Row, UtcDateTime, text_enum


class FailureKind(StrEnum):
    TECHNICIAN_ABSENT = "technician_absent"
    LATE = "late"
    PLAN = "plan"  # the plan can no longer keep the window
    CUSTOMER_ABSENT = "customer_absent"
    NOT_FINISHED = "not_finished"
    NO_WORD = "no_word"  # somebody was there, and never said how it went
    WRONG_PARTS = "wrong_parts"
    NO_ACCESS = "no_access"


class Fault(StrEnum):
    COMPANY = "company"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"
    UNKNOWN = "unknown"


class Failure(Row, table=True):
    """One failure of one promise version; a second promise can fail in a row of its own."""

    __tablename__ = "failures"
    __table_args__ = (UniqueConstraint("visit_id", "promise_version"),)

    id: str = Field(primary_key=True, max_length=26)
    visit_id: str = Field(foreign_key="visits.id", index=True, max_length=26)
    promise_version: int
    kind: FailureKind = Field(sa_type=text_enum(FailureKind))
    fault: Fault = Field(sa_type=text_enum(Fault))
    technician_id: str | None = Field(default=None, foreign_key="technicians.id", max_length=26)
    evidence: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    certain_at: datetime = Field(sa_type=UtcDateTime)
    noticed_at: datetime = Field(sa_type=UtcDateTime, index=True)
    noticed_by: str = Field(max_length=40)
    contested_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
