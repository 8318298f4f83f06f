"""Messages before they are requests, and every attempt to send one."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, text
from sqlmodel import Field

from dispatch.store import Row, UtcDateTime, VersionedRow, text_enum
from notifications.outbox.states import MessageState, Outcome


class Audience(StrEnum):
    CUSTOMER = "customer"
    TECHNICIAN = "technician"
    STRANGER = "stranger"  # a phone that we do not know


class Message(VersionedRow, table=True):
    """One text to one person about one thing. Template and parameters at rest; the body, and the
    links in it, are made when it is sent. `question` says which answers a reply may give. At `settled_at` the
    provider said what became of it; until then it is asked at `look_up_at`."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "state", "send_after_at"),)

    id: str = Field(primary_key=True, max_length=26)
    dedupe_key: str = Field(max_length=160, unique=True)
    purpose: str = Field(max_length=40)
    audience: Audience = Field(sa_type=text_enum(Audience))
    visit_id: str | None = Field(default=None, foreign_key="visits.id", index=True, max_length=26)
    customer_id: str | None = Field(default=None, foreign_key="customers.id", max_length=26)
    technician_id: str | None = Field(default=None, foreign_key="technicians.id", max_length=26)
    phone: str = Field(max_length=20, index=True)
    language: str = Field(default="en", max_length=12)
    promise_version: int | None = None
    recovery_id: str | None = Field(default=None, foreign_key="recoveries.id", max_length=26)
    question: str | None = Field(default=None, max_length=40)
    params: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    state: MessageState = Field(sa_type=text_enum(MessageState))
    urgent: bool = False
    queued_at: datetime = Field(sa_type=UtcDateTime)
    send_after_at: datetime = Field(sa_type=UtcDateTime)
    deadline_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    look_up_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    provider_sid: str | None = Field(default=None, max_length=64, unique=True)
    reason: str | None = Field(default=None, max_length=60)


class SendAttempt(Row, table=True):
    """Committed before the provider is called; a result is written only by the holder of its fence.

    `commitment` is to the words that went out, salted with the fence: by it the text is known in the provider's log.
    """

    __tablename__ = "send_attempts"
    __table_args__ = (
        Index(
            "ix_send_attempts_unfinished",
            "started_at",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index("uq_send_attempts_number", "message_id", "number", unique=True),
    )

    id: str = Field(primary_key=True, max_length=26)
    message_id: str = Field(foreign_key="outbox.id", max_length=26)
    number: int
    fence: str = Field(max_length=32)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: Outcome | None = Field(default=None, sa_type=text_enum(Outcome))
    detail: str = Field(default="", max_length=200)
    commitment: str = Field(default="", max_length=64)
    looked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class StatusReport(Row, table=True):
    """What a provider said of a text, as it was said and whether or not it changed anything; each thing once."""

    __tablename__ = "status_reports"

    sid: str = Field(primary_key=True, max_length=64)
    status: str = Field(primary_key=True, max_length=20)
    code: str = Field(default="", max_length=10)
    named: str = Field(default="", max_length=26)
    at: datetime = Field(sa_type=UtcDateTime)


class Lane(Row, table=True):
    """The one row that all senders share: whether every text is stopped, when the sender is free, and what it sent
    on `day` (UTC)."""

    __tablename__ = "lane"

    id: int = Field(default=1, primary_key=True)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    stopped_by: str = Field(default="", max_length=60)
    why: str = Field(default="", max_length=200)
    free_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    day: date | None = None
    day_segments: int = 0
