"""The technician's day on the wire: stops, positions, absences."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from api.schemas.base import In, Instant, Out, PhonesClock, Place
from api.schemas.visits import VisitOut
from dispatch.board.day_sheet import DaySheet, Stop
from dispatch.technicians.locating import Locating


class StopOut(Out):
    """`parts` and `notes` (gate codes, dogs) are told of what is still to do."""

    kind: str
    visit: VisitOut | None
    start_at: Instant | None
    end_at: Instant | None
    leave_at: Instant | None
    leave_by_at: Instant | None
    steps: list[str]
    text: str
    parts: dict[str, int]
    notes: list[str]

    @classmethod
    def of(cls, stop: Stop) -> StopOut:
        return cls(
            kind=stop.kind,
            visit=VisitOut.of(stop.card, "technician") if stop.card else None,
            start_at=stop.start_at,
            end_at=stop.end_at,
            leave_at=stop.leave_at,
            leave_by_at=stop.leave_by_at,
            steps=list(stop.steps),
            text=stop.text,
            parts=dict(stop.parts),
            notes=list(stop.notes),
        )


class DayOut(Out):
    technician_id: str
    name: str
    day: dt.date
    time_zone: str
    now: Instant
    absent: bool
    prompted: bool
    stops: list[StopOut]

    @classmethod
    def of(cls, sheet: DaySheet) -> DayOut:
        return cls(
            technician_id=sheet.technician_id,
            name=sheet.name,
            day=sheet.day,
            time_zone=sheet.time_zone,
            now=sheet.now,
            absent=sheet.absent,
            prompted=sheet.prompted,
            stops=[StopOut.of(stop) for stop in sheet.stops],
        )


class PositionIn(In):
    """`at` is when the phone was there: now, where it is not said."""

    place: Place
    at: PhonesClock | None = None
    accuracy_metres: int = Field(default=0, ge=0, le=100_000)


class PositionOut(Out):
    """`kept` is false off shift: nothing is stored then."""

    kept: bool


class PauseIn(In):
    reason: str = Field(default="", max_length=120)


class LocatingOut(Out):
    """`state` is on, paused or off; `dropped` counts positions that were sent and not kept."""

    state: str
    until_at: Instant | None
    dropped: int

    @classmethod
    def of(cls, found: Locating) -> LocatingOut:
        return cls(state=found.state, until_at=found.until_at, dropped=found.dropped)


class AnswerIn(In):
    answer: Literal["ok", "late"] = "ok"


class AbsenceIn(In):
    kind: Literal["sick", "van_down"]


class AbsenceOut(Out):
    id: str
    technician_id: str
    kind: str
    start_at: Instant
    end_at: Instant | None
