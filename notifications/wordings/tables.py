"""What the office says otherwise than we ship it: every version of every wording, kept for good."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field

from dispatch.store import Row, UtcDateTime


class WordingVersion(Row, table=True):
    """One version of one template in one language; the newest counts. Without `text` it is the shipped one."""

    __tablename__ = "wordings"
    __table_args__ = (Index("uq_wordings_version", "language", "name", "version", unique=True),)

    id: str = Field(primary_key=True, max_length=26)
    language: str = Field(max_length=12)
    name: str = Field(max_length=60)
    version: int
    text: str | None = Field(default=None, sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)
    by: str = Field(max_length=80)
