"""Calls before they are requests: a row for each try, committed before any phone rings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from dispatch.store import UtcDateTime, VersionedRow, text_enum
from notifications.calls.states import CallState


class Call(VersionedRow, table=True):
    """One try to say `message_id` to its phone. `saying_id` is what it speaks of by now: an answer may bring
    something new. `about` says why the text did not arrive, and goes to the person if the call does not either.
    `page_at` is when something was last said. A result is written only by the holder of the `fence`.
    """

    __tablename__ = "calls"
    __table_args__ = (
        Index("uq_calls_number", "message_id", "number", unique=True),
        Index("ix_calls_due", "state", "due_at"),
    )

    id: str = Field(primary_key=True, max_length=26)
    message_id: str = Field(foreign_key="outbox.id", max_length=26)
    number: int
    saying_id: str = Field(foreign_key="outbox.id", max_length=26)
    visit_id: str = Field(foreign_key="visits.id", index=True, max_length=26)
    phone: str = Field(max_length=20)
    about: str = Field(max_length=60)
    state: CallState = Field(sa_type=text_enum(CallState))
    queued_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    deadline_at: datetime = Field(sa_type=UtcDateTime)
    refusals: int = 0
    fence: str = Field(default="", max_length=32)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    page_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    pages: int = 0
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    provider_sid: str | None = Field(default=None, max_length=64, unique=True)
    looked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    detail: str = Field(default="", max_length=200)
