"""'A human will ring you by 14:20': a person, a deadline, an escalation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from dispatch.store import Row, UtcDateTime, VersionedRow


class Callback(VersionedRow, table=True):
    """Open until somebody rang; overdue, it belongs to the next person up."""

    __tablename__ = "callbacks"

    id: str = Field(primary_key=True, max_length=26)
    territory_id: str = Field(foreign_key="territories.id", index=True, max_length=26)
    visit_id: str | None = Field(default=None, foreign_key="visits.id", index=True, max_length=26)
    recovery_id: str | None = Field(default=None, foreign_key="recoveries.id", max_length=26)
    inbound_id: str | None = Field(default=None, index=True, max_length=26)
    phone: str = Field(default="", index=True, max_length=20)
    about: str = Field(max_length=40)
    dispatcher_id: str | None = Field(default=None, foreign_key="dispatchers.id", max_length=26)
    opened_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime, index=True)
    escalations: int = 0
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str | None = Field(default=None, max_length=40)


class Brief(Row, table=True):
    """What a customer says a promised call is about, and at most one photo, as a JPEG drawn by us; once for a call."""

    __tablename__ = "call_briefs"

    callback_id: str = Field(primary_key=True, foreign_key="callbacks.id", max_length=26)
    visit_id: str = Field(foreign_key="visits.id", index=True, max_length=26)
    told_at: datetime = Field(sa_type=UtcDateTime)
    text: str = Field(max_length=500)
    width: int = 0
    height: int = 0
    content: bytes | None = Field(default=None, sa_type=LargeBinary)
    salt: str = Field(max_length=32)
