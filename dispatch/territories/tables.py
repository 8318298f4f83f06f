"""Where we work, by which local clock, under which policies, and who answers for it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, Index
from sqlmodel import Field

from dispatch.policies import Policies, policies_of
from dispatch.store import PortraitRow, Row, UtcDateTime, VersionedRow, text_enum


class StaffRole(StrEnum):
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"  # also approves credits above a limit, and acts on many visits at once
    MANAGER = "manager"  # reads reports
    ADMIN = "admin"  # also decides about staff and settings


class Territory(VersionedRow, table=True):
    """The area and crew that are planned together."""

    __tablename__ = "territories"

    id: str = Field(primary_key=True, max_length=26)
    name: str = Field(max_length=120, unique=True)
    time_zone: str = Field(max_length=64)
    country: str = Field(default="US", max_length=2)
    office_phone: str = Field(default="", max_length=20)
    centre_lat: float
    centre_lng: float
    radius_metres: int = 40_000
    overrides: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def policies(self) -> Policies:
        return policies_of(self.overrides)


class Dispatcher(Row, table=True):
    """A person of the office. `ladder` 1 is asked first; overdue work goes to the next one up.

    `email` is what they sign in with, in small letters, and nobody else's in this house.
    """

    __tablename__ = "dispatchers"
    __table_args__ = (Index("uq_dispatchers_email", "email", unique=True),)

    id: str = Field(primary_key=True, max_length=26)
    territory_id: str = Field(foreign_key="territories.id", index=True, max_length=26)
    name: str = Field(max_length=120)
    phone: str = Field(default="", max_length=20)
    ladder: int = 1
    active: bool = True
    salt: str = Field(max_length=32)
    role: StaffRole = Field(default=StaffRole.DISPATCHER, sa_type=text_enum(StaffRole))
    email: str | None = Field(default=None, max_length=254)


class DispatcherPortrait(PortraitRow, table=True):
    """What a person of the office looks like."""

    __tablename__ = "dispatcher_portraits"

    dispatcher_id: str = Field(primary_key=True, foreign_key="dispatchers.id", max_length=26)
