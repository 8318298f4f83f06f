"""Technicians as their dispatchers see them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from api.schemas.base import ClockTime, Code, In, Instant, Level, Name, Out, Place, Quantity
from dispatch.technicians.tables import Technician


class BreakIn(In):
    id: Code
    earliest: ClockTime
    latest: ClockTime
    minutes: int = Field(ge=5, le=240)


class ShiftIn(In):
    """The same local hours on each of `weekdays`, Monday 0."""

    weekdays: list[int] = Field(min_length=1, max_length=7)
    start_at: ClockTime
    end_at: ClockTime
    overtime_until_at: ClockTime
    breaks: list[BreakIn] = Field(default=[], max_length=5)


class TechnicianIn(In):
    name: Name
    phone: str = Field(default="", max_length=40)
    home: Place
    skills: dict[Code, Level] = Field(default={}, max_length=50)
    stock: dict[Code, Quantity] = Field(default={}, max_length=500)
    shift: ShiftIn | None = None


class TechnicianOut(Out):
    id: str
    name: str
    phone: str
    skills: dict[str, int]
    stock: dict[str, int]
    home: dict[str, float]
    silent_since_at: Instant | None
    row_version: int

    @classmethod
    def of(cls, technician: Technician, stock: Mapping[str, int]) -> TechnicianOut:
        return cls(
            id=technician.id,
            name=technician.name,
            phone=technician.phone,
            skills=technician.skills,
            stock=dict(stock),
            home={"lat": technician.home_lat, "lng": technician.home_lng},
            silent_since_at=technician.silent_since_at,
            row_version=technician.row_version,
        )


class TechniciansOut(Out):
    technicians: list[TechnicianOut]


class EnrolmentOut(Out):
    """The link that makes a phone this technician's; it works once."""

    url: str
    expires_at: Instant

    @classmethod
    def of(cls, url: str, expires_at: datetime) -> EnrolmentOut:
        return cls(url=url, expires_at=expires_at)
