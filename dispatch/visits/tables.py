"""Visits, and the texts and ratings that belong to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from dispatch.store import Row, UtcDateTime, VersionedRow, text_enum
from dispatch.visits.states import VisitState


class IssuedReference(Row, table=True):
    """Every reference that ever left the house."""

    __tablename__ = "issued_references"

    reference: str = Field(primary_key=True, max_length=8)
    issued_at: datetime = Field(sa_type=UtcDateTime)


class Visit(VersionedRow, table=True):
    """One piece of work at one address for one customer. Never deleted.

    What the work needs is copied from the service when it is booked, so that a later change of
    the service does not change what was promised. `excluded` are technicians who cannot take it.
    """

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_technician", "technician_id", "state_at"),
        Index(
            "uq_visits_on_site",
            "technician_id",
            unique=True,
            sqlite_where=text("state = 'on_site'"),
            postgresql_where=text("state = 'on_site'"),
        ),
    )

    id: str = Field(primary_key=True, max_length=26)
    reference: str = Field(max_length=8, unique=True)
    territory_id: str = Field(foreign_key="territories.id", index=True, max_length=26)
    service_id: str = Field(foreign_key="services.id", max_length=26)
    customer_id: str = Field(foreign_key="customers.id", index=True, max_length=26)
    address_id: str = Field(foreign_key="addresses.id", max_length=26)
    state: VisitState = Field(sa_type=text_enum(VisitState), index=True)
    state_at: datetime = Field(sa_type=UtcDateTime)
    promise_version: int = 1
    priority: int = 1
    duration_seconds: int
    spread_seconds: int
    skills: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    parts: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    waived_skills: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    excluded: list[str] = Field(default_factory=list, sa_type=JSON)
    failures: int = 0
    technician_id: str | None = Field(default=None, foreign_key="technicians.id", max_length=26)
    left_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    arrived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    arrival_verified: bool = False
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    at_risk_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undo_until_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    booked_at: datetime = Field(sa_type=UtcDateTime)

    @property
    def needed_skills(self) -> dict[str, int]:
        """The skills that the work needs, less what a named dispatcher waived."""
        needed = {name: level - self.waived_skills.get(name, 0) for name, level in self.skills.items()}
        return {name: level for name, level in needed.items() if level > 0}


class VisitNote(Row, table=True):
    """What somebody wrote about a visit. Personal: the ledger keeps only a commitment."""

    __tablename__ = "visit_notes"

    id: str = Field(primary_key=True, max_length=26)
    visit_id: str = Field(foreign_key="visits.id", index=True, max_length=26)
    written_by: str = Field(max_length=80)
    written_at: datetime = Field(sa_type=UtcDateTime)
    text: str = Field(max_length=2000)
    salt: str = Field(max_length=32)


class Photo(Row, table=True):
    """What somebody at the door saw, as a JPEG drawn by us; once for each name that a phone gave it."""

    __tablename__ = "photos"
    __table_args__ = (UniqueConstraint("technician_id", "client_photo_id"),)

    id: str = Field(primary_key=True, max_length=26)
    visit_id: str = Field(foreign_key="visits.id", index=True, max_length=26)
    technician_id: str = Field(foreign_key="technicians.id", max_length=26)
    client_photo_id: str = Field(max_length=64)
    taken_at: datetime = Field(sa_type=UtcDateTime)
    received_at: datetime = Field(sa_type=UtcDateTime)
    width: int
    height: int
    content: bytes = Field(sa_type=LargeBinary)
    salt: str = Field(max_length=32)


class Rating(Row, table=True):
    """How it went, in one tap; one per visit."""

    __tablename__ = "ratings"

    visit_id: str = Field(primary_key=True, foreign_key="visits.id", max_length=26)
    score: int
    rated_at: datetime = Field(sa_type=UtcDateTime)
