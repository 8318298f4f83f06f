"""What the customer was told, version by version."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from dispatch.promises.states import Agreed, PromiseState
from dispatch.store import Row, UtcDateTime, text_enum


class Promise(Row, table=True):
    """A window [start, end) in UTC, the zone it was told in, and the words that were told."""

    __tablename__ = "promises"
    __table_args__ = (
        UniqueConstraint("visit_id", "version"),
        CheckConstraint("end_at > start_at", name="window"),
    )

    id: str = Field(primary_key=True, max_length=26)
    visit_id: str = Field(foreign_key="visits.id", max_length=26)
    version: int
    start_at: datetime = Field(sa_type=UtcDateTime, index=True)
    end_at: datetime = Field(sa_type=UtcDateTime, index=True)
    zone: str = Field(max_length=64)
    local_text: str = Field(max_length=80)
    state: PromiseState = Field(sa_type=text_enum(PromiseState), index=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    agreed_by: Agreed = Field(sa_type=text_enum(Agreed))
    agreed_how: str = Field(max_length=40)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
