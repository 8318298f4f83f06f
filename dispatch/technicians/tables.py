"""The people who come: what they can do, when they work, what is in the van, where they are."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from dispatch.store import PortraitRow, Row, UtcDateTime, VersionedRow, text_enum


def first_name(name: str) -> str:
    """What customers call them."""
    return name.split(" ")[0]


class AbsenceKind(StrEnum):
    SICK = "sick"
    VAN_DOWN = "van_down"
    LEAVE = "leave"
    WEATHER = "weather"


class Technician(VersionedRow, table=True):
    """`silent_since_at` is set while a prompt stands unanswered: such a technician is not planned with.

    From `paused_at` until `paused_until_at`, at the latest the end of the shift, they are not located: their own wish.
    `positions_dropped` counts what their phone sent in a pause or outside a shift, and nobody kept.
    Before `busy_until_at` they are not free, they say: a step of theirs ends that.
    `changes_seen_at` is up to when they have said that they saw what changed on their list.
    """

    __tablename__ = "technicians"

    id: str = Field(primary_key=True, max_length=26)
    territory_id: str = Field(foreign_key="territories.id", index=True, max_length=26)
    name: str = Field(max_length=120)
    phone: str = Field(default="", max_length=20, index=True)
    skills: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    home_lat: float
    home_lng: float
    language: str = Field(default="en", max_length=12)
    active: bool = True
    silent_since_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_until_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    pause_reason: str = Field(default="", max_length=120)
    positions_dropped: int = 0
    busy_until_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    changes_seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    salt: str = Field(max_length=32)
    external_key: str | None = Field(default=None, max_length=80, unique=True)

    def is_paused(self, now: datetime) -> bool:
        return self.was_paused(now, now)

    def was_paused(self, at: datetime, now: datetime) -> bool:
        """Whether they are not located now, or were not at `at`, in the newest pause."""
        if self.paused_at is None or self.paused_until_at is None:
            return False
        return now < self.paused_until_at or self.paused_at <= at < self.paused_until_at

    @property
    def first_name(self) -> str:
        return first_name(self.name)


class Shift(Row, table=True):
    """A weekly shift in local time, Monday 0. `breaks` are rows of id, earliest, latest, minutes."""

    __tablename__ = "shifts"
    __table_args__ = (UniqueConstraint("technician_id", "weekday"),)

    id: str = Field(primary_key=True, max_length=26)
    technician_id: str = Field(foreign_key="technicians.id", max_length=26)
    weekday: int
    start_at: str = Field(max_length=5)
    end_at: str = Field(max_length=5)
    overtime_until_at: str = Field(max_length=5)
    breaks: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)


class Stock(Row, table=True):
    """How many of one part are in one van."""

    __tablename__ = "stock"
    __table_args__ = (UniqueConstraint("technician_id", "part"),)

    id: str = Field(primary_key=True, max_length=26)
    technician_id: str = Field(foreign_key="technicians.id", max_length=26)
    part: str = Field(max_length=60)
    quantity: int


class Absence(Row, table=True):
    """Not at work from `start_at`; open-ended until `end_at` is known."""

    __tablename__ = "absences"

    id: str = Field(primary_key=True, max_length=26)
    technician_id: str = Field(foreign_key="technicians.id", index=True, max_length=26)
    kind: AbsenceKind = Field(sa_type=text_enum(AbsenceKind))
    start_at: datetime = Field(sa_type=UtcDateTime)
    end_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reported_at: datetime = Field(sa_type=UtcDateTime)
    reported_by: str = Field(max_length=80)


class OvertimeGrant(Row, table=True):
    """Extra time past the limit that a named dispatcher allowed one technician on one day."""

    __tablename__ = "overtime_grants"

    id: str = Field(primary_key=True, max_length=26)
    technician_id: str = Field(foreign_key="technicians.id", index=True, max_length=26)
    day: date = Field()
    seconds: int
    granted_by: str = Field(max_length=80)
    granted_at: datetime = Field(sa_type=UtcDateTime)


class Position(Row, table=True):
    """Where a technician on shift was. Never kept outside a shift. What nobody can have driven to is suspicious."""

    __tablename__ = "positions"

    id: str = Field(primary_key=True, max_length=26)
    technician_id: str = Field(foreign_key="technicians.id", index=True, max_length=26)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    received_at: datetime = Field(sa_type=UtcDateTime)
    lat: float
    lng: float
    accuracy_metres: int = 0
    is_suspicious: bool = False


class DeviceEvent(Row, table=True):
    """What a phone reported under a name of its own: each thing has one effect, however often it is sent.

    `said_at` is what the phone's clock showed, `skew_seconds` how far behind ours it was when it was sent, and
    `occurred_at` the two together. `detail` says in a sentence why it was not simply applied.
    """

    __tablename__ = "device_events"

    technician_id: str = Field(primary_key=True, foreign_key="technicians.id", max_length=26)
    client_event_id: str = Field(primary_key=True, max_length=64)
    fingerprint: str = Field(max_length=64)
    kind: str = Field(max_length=20)
    visit_id: str | None = Field(default=None, foreign_key="visits.id", index=True, max_length=26)
    result: str = Field(max_length=12)
    code: str = Field(default="", max_length=40)
    detail: str = Field(default="", max_length=300)
    said_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    skew_seconds: int = 0
    occurred_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)


class Portrait(PortraitRow, table=True):
    """What a technician looks like."""

    __tablename__ = "portraits"

    technician_id: str = Field(primary_key=True, foreign_key="technicians.id", max_length=26)


class Decline(Row, table=True):
    """Why a technician could not take a visit, which somebody else took."""

    __tablename__ = "declines"

    id: str = Field(primary_key=True, max_length=26)
    visit_id: str = Field(foreign_key="visits.id", index=True, max_length=26)
    technician_id: str = Field(foreign_key="technicians.id", max_length=26)
    reason: str = Field(max_length=300)
    declined_at: datetime = Field(sa_type=UtcDateTime)


class Prompt(Row, table=True):
    """'Leave by 09:47': asked of a technician about a visit, answered by any sign of life."""

    __tablename__ = "prompts"
    __table_args__ = (UniqueConstraint("technician_id", "visit_id", "promise_version"),)

    id: str = Field(primary_key=True, max_length=26)
    technician_id: str = Field(foreign_key="technicians.id", index=True, max_length=26)
    visit_id: str = Field(foreign_key="visits.id", index=True, max_length=26)
    promise_version: int
    asked_at: datetime = Field(sa_type=UtcDateTime)
    leave_by_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer: str | None = Field(default=None, max_length=40)
