"""What processes tell each other about themselves: how each job went, and what the audit found. By real time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from dispatch.store import Row, UtcDateTime


class JobNote(Row, table=True):
    """How a job went the last time, in whichever process. `trouble` names the kind of error and the rows."""

    __tablename__ = "job_notes"

    name: str = Field(primary_key=True, max_length=20)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failures_in_a_row: int = 0
    trouble: str = Field(default="", max_length=400)


class AuditRun(Row, table=True):
    """The last run of the whole audit and of its quick part: what it found then, as number, subject, sentence."""

    __tablename__ = "audit_runs"

    kind: str = Field(primary_key=True, max_length=10)
    ran_at: datetime = Field(sa_type=UtcDateTime)
    milliseconds: int
    findings: list[Any] = Field(default_factory=list, sa_type=JSON)
