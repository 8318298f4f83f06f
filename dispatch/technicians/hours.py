"""When somebody works: shifts by weekday, overtime that was allowed, and absences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlmodel import select

from dispatch.errors import FieldError, Invalid, StateConflict
from dispatch.events import (
    AbsenceEnded,
    AbsenceReported,
    HoursSet,
    OvertimeGranted,
)
from dispatch.technicians.queries import list_shifts
from dispatch.technicians.rules import break_problem
from dispatch.technicians.tables import (
    Absence,
    AbsenceKind,
    OvertimeGrant,
    Shift,
    Technician,
)
from dispatch.work import Work

DEFAULT_BREAKS = ({"id": "lunch", "earliest": "11:30", "latest": "13:30", "minutes": 30},)


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of one weekday, by the local clock. `breaks` are rows of id, earliest, latest, minutes."""

    start_at: str
    end_at: str
    overtime_until_at: str
    breaks: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, shift: Shift) -> Hours:
        return cls(shift.start_at, shift.end_at, shift.overtime_until_at, tuple(shift.breaks))


def set_week(work: Work, technician: Technician, week: Mapping[int, Hours]) -> tuple[int, ...]:
    """The hours of the whole week; a weekday that `week` leaves out is free. Returns the weekdays that are new.

    Raises Invalid, naming every weekday whose hours are out of order or whose break has no room.
    """
    errors = [error for weekday, hours in week.items() for error in _hours_errors(weekday, hours)]
    if errors:
        raise Invalid(errors)
    known = {shift.weekday: shift for shift in list_shifts(work.session, technician.id)}
    before = {weekday: Hours.of(shift) for weekday, shift in known.items()}
    changed = tuple(day for day in range(7) if before.get(day) != week.get(day))
    for weekday in changed:
        hours = week.get(weekday)
        if hours is None:
            work.session.delete(known[weekday])
        else:
            set_shift(
                work,
                technician,
                [weekday],
                start_at=hours.start_at,
                end_at=hours.end_at,
                overtime_until_at=hours.overtime_until_at,
                breaks=hours.breaks,
            )
    if changed:
        work.record(HoursSet(technician_id=technician.id, weekdays=changed))
    return changed


def set_shift(
    work: Work,
    technician: Technician,
    weekdays: Sequence[int],
    *,
    start_at: str = "08:00",
    end_at: str = "17:00",
    overtime_until_at: str = "19:00",
    breaks: Sequence[Mapping[str, Any]] = DEFAULT_BREAKS,
) -> None:
    """The same local hours on each of `weekdays` (Monday 0). Raises Invalid when they are out of order."""
    _require_hours(start_at, end_at, overtime_until_at)
    for weekday in weekdays:
        known = work.session.exec(
            select(Shift).where(Shift.technician_id == technician.id, Shift.weekday == weekday)
        ).one_or_none()
        shift = known or Shift(
            id=work.new_id(),
            technician_id=technician.id,
            weekday=weekday,
            start_at="",
            end_at="",
            overtime_until_at="",
        )
        shift.start_at, shift.end_at, shift.overtime_until_at = start_at, end_at, overtime_until_at
        shift.breaks = [dict(rest) for rest in breaks]
        work.session.add(shift)


def grant_overtime(work: Work, technician: Technician, day: date, seconds: int) -> None:
    """A named dispatcher lets a technician work longer on one day."""
    work.session.add(
        OvertimeGrant(
            id=work.new_id(),
            technician_id=technician.id,
            day=day,
            seconds=seconds,
            granted_by=str(work.actor),
            granted_at=work.now,
        )
    )
    work.record(OvertimeGranted(technician_id=technician.id, day=day, seconds=seconds))


def report_absence(
    work: Work,
    technician: Technician,
    kind: AbsenceKind,
    *,
    start_at: datetime,
    end_at: datetime | None = None,
) -> Absence:
    """Somebody is away from `start_at`. Raises Invalid for an end before the start."""
    if end_at is not None and end_at <= start_at:
        raise Invalid.field("end_at", "window_empty", "An absence ends after it begins.")
    absence = Absence(
        id=work.new_id(),
        technician_id=technician.id,
        kind=kind,
        start_at=start_at,
        end_at=end_at,
        reported_at=work.now,
        reported_by=str(work.actor),
    )
    work.session.add(absence)
    work.record(
        AbsenceReported(
            absence_id=absence.id,
            technician_id=technician.id,
            absence=kind.value,
            start_at=start_at,
            end_at=end_at,
        )
    )
    return absence


def end_absence(work: Work, absence: Absence) -> None:
    """Back at work, or not away after all. Raises StateConflict when that was already said."""
    if absence.end_at is not None and absence.end_at <= work.now:
        raise StateConflict("This absence is already over.", current_state="over")
    absence.end_at = work.now
    work.session.add(absence)
    work.record(AbsenceEnded(absence_id=absence.id, technician_id=absence.technician_id))


def _require_hours(start_at: str, end_at: str, overtime_until_at: str) -> None:
    try:
        start, end, limit = (time.fromisoformat(text) for text in (start_at, end_at, overtime_until_at))
    except ValueError:
        raise Invalid.field("shift", "time_invalid", "Hours are times like 08:00.") from None
    if not start < end <= limit:
        raise Invalid.field(
            "shift", "window_empty", "A shift ends after it begins, overtime not before that."
        )


def _hours_errors(weekday: int, hours: Hours) -> Iterator[FieldError]:
    """What is wrong with one weekday's hours, under `/week/<weekday>`."""
    try:
        _require_hours(hours.start_at, hours.end_at, hours.overtime_until_at)
    except Invalid as unfit:
        yield from (FieldError(f"/week/{weekday}", one.code, one.detail) for one in unfit.errors)
        return
    for rest in hours.breaks:
        problem = break_problem(
            hours.start_at,
            hours.end_at,
            earliest=rest["earliest"],
            latest=rest["latest"],
            minutes=rest["minutes"],
        )
        if problem:
            yield FieldError(f"/week/{weekday}", "break_outside_shift", problem)
