"""What a technician's clock says: working hours of a day, and what counts as a sign of life."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.errors import FieldError, Invalid
from dispatch.local_time import instant
from dispatch.technicians.tables import Absence, Position, Prompt, Shift
from dispatch.travel.apart import metres_apart
from dispatch.travel.port import Point

LEAST_TIME_TO_ANSWER = timedelta(minutes=3)


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


def hours_left(hours: WorkingDay, absences: Iterable[Absence], now: datetime) -> WorkingDay | None:
    """What absences leave of `hours` from `now` on; None when nothing is left.

    Of a day that an absence cuts in two, the part before it counts.
    """
    for away in sorted(absences, key=lambda absence: absence.start_at):
        if away.end_at is not None and away.end_at <= max(now, hours.start_at):
            continue
        if away.start_at <= max(now, hours.start_at):
            if away.end_at is None or away.end_at >= hours.end_at:
                return None
            hours = replace(hours, start_at=away.end_at)
        elif away.start_at < hours.overtime_until_at:
            end_at = min(hours.end_at, away.start_at)
            return replace(hours, end_at=end_at, overtime_until_at=away.start_at)
    return hours


def is_moving(positions: Sequence[Position], since: datetime, metres: int) -> bool:
    """Whether the positions from `since` on lie farther apart than `metres`; `positions` are in time order."""
    fresh = [Point(position.lat, position.lng) for position in positions if position.at >= since]
    return any(metres_apart(fresh[0], place) > metres for place in fresh[1:])


def went_away_at(start: Point, positions: Sequence[Position], door: Point, metres: int) -> datetime | None:
    """When somebody who began at `start` was last seen farther from `door` than before, by more than `metres`."""
    far, found = metres_apart(door, start), None
    for position in positions:
        before, far = far, metres_apart(door, Point(position.lat, position.lng))
        if far > before + metres:
            found = position.at
    return found


def answer_due_at(prompt: Prompt, answer_seconds: int) -> datetime:
    """When silence becomes an answer: after the policy's time, or at the last moment to leave if that is sooner.

    Whoever is asked at that last moment still gets three minutes.
    """
    last_call = max(prompt.asked_at + LEAST_TIME_TO_ANSWER, prompt.leave_by_at)
    return min(prompt.asked_at + timedelta(seconds=answer_seconds), last_call)


def is_silent(
    prompt: Prompt, now: datetime, *, answer_seconds: int, moving: bool, too_late: bool = False
) -> bool:
    """Prompted, no answer in time, and not moving. Where it is already `too_late` to leave, time is up sooner."""
    due_at = prompt.asked_at + LEAST_TIME_TO_ANSWER if too_late else answer_due_at(prompt, answer_seconds)
    overdue = now >= due_at
    return prompt.answered_at is None and overdue and not moving


def break_problem(start_at: str, end_at: str, *, earliest: str, latest: str, minutes: int) -> str | None:
    """Why a break has no room between `start_at` and `end_at`; also one begun at the latest must end in the shift."""
    if earliest > latest:
        return f"A break that begins at {earliest} at the earliest cannot begin by {latest}."
    if earliest < start_at or _minute(latest) + minutes > _minute(end_at):
        return f"A break of {minutes} minutes, begun between {earliest} and {latest}, does not fit into the shift."
    return None


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def require_levels(name: str, levels: Mapping[str, int], *, least: int) -> None:
    """Names with whole numbers from `least` up: levels of skills, quantities of parts. Raises Invalid."""
    errors = [
        FieldError(f"/{name}/{key}", "number_out_of_range", f"{key} is a whole number from {least} up.")
        for key, level in levels.items()
        if type(level) is not int or level < least or not key.strip()
    ]
    if errors:
        raise Invalid(errors)
