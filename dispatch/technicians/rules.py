"""What a technician's clock says: working hours of a day, and what counts as a sign of life."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.errors import Invalid
from dispatch.local_time import instant
from dispatch.technicians.tables import Absence, Position, Prompt, Shift
from dispatch.travel.apart import metres_apart
from dispatch.travel.port import Point


@dataclass(frozen=True, slots=True)
class BreakTime:
    id: str
    earliest_at: datetime
    latest_at: datetime
    seconds: int


@dataclass(frozen=True, slots=True)
class WorkingDay:
    """One technician's hours of one day, as instants."""

    start_at: datetime
    end_at: datetime
    overtime_until_at: datetime
    breaks: tuple[BreakTime, ...]


def working_day(shift: Shift, day: date, zone: ZoneInfo) -> WorkingDay:
    """The shift on `day`. A wall-clock time that the clocks skip that day is taken an hour later."""

    def at(text: str) -> datetime:
        return _existing(day, time.fromisoformat(text), zone)

    breaks = tuple(
        BreakTime(rest["id"], at(rest["earliest"]), at(rest["latest"]), rest["minutes"] * 60)
        for rest in shift.breaks
    )
    return WorkingDay(at(shift.start_at), at(shift.end_at), at(shift.overtime_until_at), breaks)


def _existing(day: date, at: time, zone: ZoneInfo) -> datetime:
    try:
        return instant(day, at, zone)
    except Invalid:
        return instant(day, (datetime.combine(day, at) + timedelta(hours=1)).time(), zone)


def is_absent(absences: Iterable[Absence], from_at: datetime, until_at: datetime) -> bool:
    """Whether somebody is away at any time in [from_at, until_at)."""
    return any(
        absence.start_at < until_at and (absence.end_at is None or absence.end_at > from_at)
        for absence in absences
    )


def is_moving(positions: Sequence[Position], since: datetime, metres: int) -> bool:
    """Whether the positions from `since` on lie farther apart than `metres`; `positions` are in time order."""
    fresh = [Point(position.lat, position.lng) for position in positions if position.at >= since]
    return any(metres_apart(fresh[0], place) > metres for place in fresh[1:])


def is_silent(prompt: Prompt, now: datetime, *, answer_seconds: int, moving: bool) -> bool:
    """A prompted technician who neither answered in time nor moves is silent."""
    overdue = now >= prompt.asked_at + timedelta(seconds=answer_seconds)
    return prompt.answered_at is None and overdue and not moving
