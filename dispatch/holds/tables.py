"""Capacity kept for somebody until it expires."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import JSON, Index
from sqlmodel import Field

from dispatch.store import Row, UtcDateTime, text_enum


class HoldPurpose(StrEnum):
    BOOKING = "booking"
    RECOVERY = "recovery"
    UNDO = "undo"
    SOONER = "sooner"


class Hold(Row, table=True):
    """A place kept in a day until `expires_at`; consumed or released, never deleted.

    Inside the planning horizon it stands in a technician's route (`technician_id`, `planned_start_at`);
    beyond it, it counts against the window's capacity.
    """

    __tablename__ = "holds"
    __table_args__ = (
        Index("ix_holds_held_for", "held_for", "expires_at"),
        Index("ix_holds_day", "territory_id", "day", "expires_at"),
    )

    id: str = Field(primary_key=True, max_length=26)
    purpose: HoldPurpose = Field(sa_type=text_enum(HoldPurpose))
    territory_id: str = Field(foreign_key="territories.id", max_length=26)
    service_id: str = Field(foreign_key="services.id", max_length=26)
    visit_id: str | None = Field(default=None, foreign_key="visits.id", index=True, max_length=26)
    held_for: str = Field(max_length=80)
    day: dt.date
    start_at: dt.datetime = Field(sa_type=UtcDateTime)
    end_at: dt.datetime = Field(sa_type=UtcDateTime)
    lat: float
    lng: float
    duration_seconds: int
    skills: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    parts: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    technician_id: str | None = Field(default=None, foreign_key="technicians.id", max_length=26)
    planned_start_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: dt.datetime = Field(sa_type=UtcDateTime)
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    consumed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    consumed_by_visit_id: str | None = Field(default=None, foreign_key="visits.id", max_length=26)
    released_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)

    def is_live(self, now: dt.datetime) -> bool:
        return self.consumed_at is None and self.released_at is None and now < self.expires_at
