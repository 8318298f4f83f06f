"""The kinds of work that can be booked."""

from __future__ import annotations

from sqlalchemy import JSON
from sqlmodel import Field

from dispatch.store import VersionedRow


class Service(VersionedRow, table=True):
    """A kind of work: what it needs, how long it usually takes and how much that varies."""

    __tablename__ = "services"

    id: str = Field(primary_key=True, max_length=26)
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=120)
    duration_seconds: int
    spread_seconds: int
    window_seconds: int = 7200
    skills: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    parts: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    active: bool = True
