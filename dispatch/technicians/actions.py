"""Hiring and changing, hours and stock; calling out sick; prompting, hearing from, and losing sight of a technician."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import select

from dispatch.errors import FieldError, Invalid, StateConflict
from dispatch.events import (
    AbsenceEnded,
    AbsenceReported,
    HoursSet,
    OvertimeGranted,
    StockCounted,
    TechnicianAnswered,
    TechnicianChanged,
    TechnicianFellSilent,
    TechnicianHeardFrom,
    TechnicianJoined,
    TechnicianPrompted,
)
from dispatch.ledger import commit_to
from dispatch.technicians.queries import find_by_phone, find_prompt, list_shifts, open_prompts
from dispatch.technicians.rules import break_problem
from dispatch.technicians.tables import (
    Absence,
    AbsenceKind,
    OvertimeGrant,
    Position,
    Prompt,
    Shift,
    Stock,
    Technician,
)
from dispatch.territories.tables import Territory
from dispatch.travel.port import OffRoad, Point
from dispatch.words import clean, phone_number
from dispatch.work import Work


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


DEFAULT_BREAKS = ({"id": "lunch", "earliest": "11:30", "latest": "13:30", "minutes": 30},)


def hire(
    work: Work,
    territory: Territory,
    name: str,
    *,
    home: Point,
    phone: str = "",
    skills: Mapping[str, int] | None = None,
    stock: Mapping[str, int] | None = None,
    external_key: str | None = None,
) -> Technician:
    """A new technician at `home`. Raises Invalid for an unfit name, phone, level or quantity."""
    _require_levels("skills", skills or {}, least=1)
    _require_levels("stock", stock or {}, least=0)
    _require_reachable(work, territory, home)
    number = phone_number(phone, territory.country) if phone else ""
    if number and find_by_phone(work.session, number):
        raise StateConflict("Another technician has this phone number.", current_state="exists")
    technician = Technician(
        id=work.new_id(),
        territory_id=territory.id,
        name=clean(name, "name"),
        phone=number,
        skills=dict(skills or {}),
        home_lat=home.lat,
        home_lng=home.lng,
        salt=work.chance.salt(),
        external_key=external_key,
    )
    work.session.add(technician)
    work.session.flush()
    commitment = commit_to(technician.salt, technician.name, technician.phone)
    work.record(
        TechnicianJoined(technician_id=technician.id, territory_id=territory.id, commitment=commitment)
    )
    for part, quantity in (stock or {}).items():
        row = Stock(id=work.new_id(), technician_id=technician.id, part=part, quantity=quantity)
        work.session.add(row)
    return technician


def change_technician(
    work: Work,
    technician: Technician,
    territory: Territory,
    *,
    name: str,
    phone: str,
    home: Point,
    skills: Mapping[str, int],
) -> tuple[str, ...]:
    """The columns that are new. Raises Invalid for an unfit name, phone, home or level, and for another's phone."""
    _require_levels("skills", skills, least=1)
    number = phone_number(phone, territory.country) if phone else ""
    owner = find_by_phone(work.session, number) if number and number != technician.phone else None
    if owner:
        raise Invalid.field("phone", "phone_taken", f"This is the phone of {owner.name} already.")
    wanted: dict[str, Any] = {
        "name": clean(name, "name"),
        "phone": number,
        "home_lat": home.lat,
        "home_lng": home.lng,
        "skills": dict(skills),
    }
    changed = tuple(column for column, value in wanted.items() if getattr(technician, column) != value)
    if "home_lat" in changed or "home_lng" in changed:
        _require_reachable(work, territory, home)
    for column in changed:
        setattr(technician, column, wanted[column])
    if changed:
        work.session.add(technician)
        commitment = commit_to(technician.salt, technician.name, technician.phone)
        work.record(TechnicianChanged(technician_id=technician.id, changed=changed, commitment=commitment))
    return changed


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


def count_stock(work: Work, technician: Technician, found: Mapping[str, int]) -> tuple[str, ...]:
    """The van holds exactly `found`; returns the parts whose number is new. Raises Invalid for an unfit number."""
    _require_levels("stock", found, least=0)
    query = select(Stock).where(Stock.technician_id == technician.id)
    rows = {row.part: row for row in work.session.exec(query)}
    changed = []
    for part in sorted({*rows, *found}):
        row = rows.get(part) or Stock(id=work.new_id(), technician_id=technician.id, part=part, quantity=0)
        if row.quantity != found.get(part, 0):
            row.quantity = found.get(part, 0)
            work.session.add(row)
            changed.append(part)
    if changed:
        work.record(StockCounted(technician_id=technician.id, parts=tuple(changed)))
    return tuple(changed)


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


def use_parts(work: Work, technician_id: str, parts: Mapping[str, int]) -> None:
    """Take what a finished visit used up out of the van."""
    for part, quantity in parts.items():
        query = select(Stock).where(Stock.technician_id == technician_id, Stock.part == part)
        row = work.session.exec(query).one_or_none()
        if row:
            row.quantity = max(0, row.quantity - quantity)
            work.session.add(row)


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


def prompt(
    work: Work, technician: Technician, *, visit_id: str, promise_version: int, leave_by_at: datetime
) -> Prompt:
    """Ask a technician to leave; once for each promise of a visit."""
    asked = find_prompt(work.session, technician.id, visit_id=visit_id, promise_version=promise_version)
    if asked:
        return asked
    asked = Prompt(
        id=work.new_id(),
        technician_id=technician.id,
        visit_id=visit_id,
        promise_version=promise_version,
        asked_at=work.now,
        leave_by_at=leave_by_at,
    )
    work.session.add(asked)
    work.session.flush()
    work.record(
        TechnicianPrompted(
            visit_id=visit_id, prompt_id=asked.id, technician_id=technician.id, leave_by_at=leave_by_at
        )
    )
    return asked


def hear_from(work: Work, technician: Technician, answer: str) -> None:
    """Any sign of life answers every open prompt and ends a silence."""
    since = work.now - timedelta(hours=24)
    for asked in open_prompts(work.session, [technician.id], since):
        asked.answered_at, asked.answer = work.now, answer
        work.session.add(asked)
        work.record(
            TechnicianAnswered(
                visit_id=asked.visit_id, prompt_id=asked.id, technician_id=technician.id, answer=answer
            )
        )
    if technician.silent_since_at is not None:
        technician.silent_since_at = None
        work.session.add(technician)
        work.record(TechnicianHeardFrom(technician_id=technician.id))


def fall_silent(work: Work, technician: Technician, since: datetime) -> None:
    """Nothing is planned with a silent technician until they are heard of."""
    if technician.silent_since_at is None:
        technician.silent_since_at = since
        work.session.add(technician)
        work.record(TechnicianFellSilent(technician_id=technician.id, since_at=since))


def note_position(
    work: Work, technician: Technician, place: Point, *, at: datetime, accuracy_metres: int = 0
) -> Position:
    """Keep where a technician is. That alone is no answer to a prompt: it must move to be one."""
    position = Position(
        id=work.new_id(),
        technician_id=technician.id,
        at=min(at, work.now),
        received_at=work.now,
        lat=place.lat,
        lng=place.lng,
        accuracy_metres=accuracy_metres,
    )
    work.session.add(position)
    return position


def _require_reachable(work: Work, territory: Territory, home: Point) -> None:
    """One home off the road would leave the whole territory without travel times."""
    try:
        work.travel.seconds(Point(territory.centre_lat, territory.centre_lng), home)
    except OffRoad as error:
        words = f"There is no road within reach of this home ({error.metres:.0f} m away)."
        raise Invalid.field("home", "off_road", words) from error


def _require_levels(name: str, levels: Mapping[str, int], *, least: int) -> None:
    errors = [
        FieldError(f"/{name}/{key}", "number_out_of_range", f"{key} is a whole number from {least} up.")
        for key, level in levels.items()
        if type(level) is not int or level < least or not key.strip()
    ]
    if errors:
        raise Invalid(errors)


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
