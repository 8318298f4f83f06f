"""When keeping times were last looked at, and who looked at whose data."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from dispatch.store import Row, UtcDateTime


class Kept(Row, table=True):
    """One row: the instant at which everything that had had its time was last taken away."""

    __tablename__ = "kept"

    id: int = Field(default=1, primary_key=True)
    ran_at: datetime = Field(sa_type=UtcDateTime)


class Looked(Row, table=True):
    """That somebody looked at what is held about somebody, and how often within that hour. `object_id` is a person,
    a visit or what was done about one; or a territory, of what shows many at once."""

    __tablename__ = "looks"
    __table_args__ = (
        Index("uq_looks_same", "object_id", "role", "subject_id", "thing", "hour_at", unique=True),
    )

    id: str = Field(primary_key=True, max_length=26)
    role: str = Field(max_length=20)
    subject_id: str = Field(max_length=26)
    thing: str = Field(max_length=20)
    object_id: str = Field(max_length=26)
    hour_at: datetime = Field(sa_type=UtcDateTime, index=True)
    first_at: datetime = Field(sa_type=UtcDateTime)
    last_at: datetime = Field(sa_type=UtcDateTime)
    times: int
