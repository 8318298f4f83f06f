"""What is asked about many people at once, until a second person has said yes."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from dispatch.store import UtcDateTime, VersionedRow, text_enum
from dispatch.technicians.tables import AbsenceKind


class TroubleState(StrEnum):
    ASKED = "asked"
    DONE = "done"
    DISMISSED = "dismissed"


class Trouble(VersionedRow, table=True):
    """Several technicians out at once, and what that would mean as it was shown (`told`) to whoever asked."""

    __tablename__ = "troubles"

    id: str = Field(primary_key=True, max_length=26)
    territory_id: str = Field(foreign_key="territories.id", index=True, max_length=26)
    kind: AbsenceKind = Field(sa_type=text_enum(AbsenceKind))
    technician_ids: list[str] = Field(sa_type=JSON)
    end_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = Field(max_length=300)
    people: int
    told: list[dict[str, Any]] = Field(sa_type=JSON)
    state: TroubleState = Field(sa_type=text_enum(TroubleState))
    asked_by: str = Field(foreign_key="dispatchers.id", max_length=26)
    asked_at: dt.datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, foreign_key="dispatchers.id", max_length=26)
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
