"""How far the provider's log and our record were compared, and what the log has that our record has not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from dispatch.store import Row, UtcDateTime


class WitnessState(Row, table=True):
    """One row. While `held_since_at` is set no text goes out: this database is a backup and must be compared first."""

    __tablename__ = "witness"

    id: int = Field(default=1, primary_key=True)
    held_since_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    backup_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ran_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tried_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    trouble: str = Field(default="", max_length=200)
    found: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class LostPromise(Row, table=True):
    """A text that passed and that our record does not explain: a customer knows something that we do not.

    A person rings; `message_id` is set when a message of ours turns out to be that text after all.
    """

    __tablename__ = "lost_promises"

    sid: str = Field(primary_key=True, max_length=64)
    direction: str = Field(max_length=3)
    phone: str = Field(max_length=20, index=True)
    body: str = Field(max_length=1600)
    at: datetime = Field(sa_type=UtcDateTime)
    found_at: datetime = Field(sa_type=UtcDateTime)
    reference: str | None = Field(default=None, max_length=8)
    visit_id: str | None = Field(default=None, foreign_key="visits.id", index=True, max_length=26)
    callback_id: str | None = Field(default=None, foreign_key="callbacks.id", index=True, max_length=26)
    message_id: str | None = Field(default=None, foreign_key="outbox.id", max_length=26)
