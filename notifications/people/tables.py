"""When keeping times were last looked at."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from dispatch.store import Row, UtcDateTime


class Kept(Row, table=True):
    """One row: the instant at which everything that had had its time was last taken away."""

    __tablename__ = "kept"

    id: int = Field(default=1, primary_key=True)
    ran_at: datetime = Field(sa_type=UtcDateTime)
