"""Technicians with their hours and vans, one a row, known by the key of the list they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session, col, select

from api.csv.cells import (
    Hours,
    Rest,
    hours,
    levels,
    number,
    phone,
    rests,
    say_levels,
    say_number,
    say_weekdays,
    weekdays,
    words,
)
from api.csv.columns import Column, Kind, Outcome, Taker, Values, optional
from api.csv.places import place_of, require_commute, territory_of
from dispatch.errors import Invalid
from dispatch.events import TechnicianJoined
from dispatch.ledger import commit_to
from dispatch.plans.tables import Assignment
from dispatch.technicians.actions import hire
from dispatch.technicians.hours import set_shift
from dispatch.technicians.queries import find_by_phone, stock_of
from dispatch.technicians.tables import Shift, Stock, Technician
from dispatch.territories.queries import list_territories
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.words import phone_number
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class Week:
    """The same hours on each of `weekdays`."""

    weekdays: tuple[int, ...]
    shift_start: str
    shift_end: str
    overtime_until: str
    rests: tuple[Rest, ...]


USUAL = Week((0, 1, 2, 3, 4), "08:00", "17:00", "19:00", (Rest("11:30", "13:30", 30),))
HOUR_FIELDS = {
    "weekdays": "weekdays",
    "shift_start": "shift_start",
    "shift_end": "shift_end",
    "overtime_until": "overtime_until",
    "break": "rests",
}


def open_file(work: Work, _rows: Sequence[Values]) -> Taker:
    territories = list_territories(work.session)
    return lambda values: take(work, territory_of(territories, values), values)


def take(work: Work, territory: Territory, values: Values) -> Outcome:
    """Hire, or bring somebody known in line. An empty van, no skills and no days are said by empty cells."""
    home = place_of(values, territory)
    known = _find_by_key(work.session, values["key"])
    if known is None:
        return _hire(work, territory, values)
    if not known.active:
        raise Invalid.field("key", "technician_left", f"{known.name} does not work here any more.")
    wanted: dict[str, Any] = {
        "name": values["name"],
        "territory_id": territory.id,
        "home_lat": home.lat,
        "home_lng": home.lng,
    }
    if "phone" in values:
        wanted["phone"] = _free_phone(work, values["phone"], territory, known.id)
    if "skills" in values:
        wanted["skills"] = values["skills"]
    changes = [
        _bring_in_line(work, known, territory, wanted),
        "stock" in values and _refill(work, known, values["stock"]),
        _keep_week(work, known, values, new=False),
    ]
    return Outcome.UPDATED if any(changes) else Outcome.UNCHANGED


def _hire(work: Work, territory: Territory, values: Values) -> Outcome:
    home = place_of(values, territory)
    require_commute(work, territory, home)
    technician = hire(
        work,
        territory,
        values["name"],
        home=home,
        phone=_free_phone(work, values.get("phone", ""), territory, None),
        skills=values.get("skills"),
        stock=values.get("stock"),
        external_key=values["key"],
    )
    _keep_week(work, technician, values, new=True)
    return Outcome.ACCEPTED


def _find_by_key(session: Session, key: str) -> Technician | None:
    """The technician of that key; of those hired by hand, the id is the key."""
    known = session.exec(select(Technician).where(Technician.external_key == key)).one_or_none()
    return known or session.get(Technician, key)


def _free_phone(work: Work, text: str, territory: Territory, technician_id: str | None) -> str:
    """The number as kept. Raises Invalid for one that another technician answers: a text must have one owner."""
    if not text:
        return ""
    number = phone_number(text, territory.country, ours=work.own_numbers)
    owner = find_by_phone(work.session, number)
    mine = work.session.get(Technician, technician_id) if technician_id else None
    if owner and owner is not mine and (mine is None or mine.phone != number):
        raise Invalid.field("phone", "phone_taken", f"This is the phone of {owner.name} already.")
    return number


def _bring_in_line(
    work: Work, technician: Technician, territory: Territory, wanted: Mapping[str, Any]
) -> bool:
    changed = {field for field, value in wanted.items() if getattr(technician, field) != value}
    for field in changed:
        setattr(technician, field, wanted[field])
    if "territory_id" in changed and _is_planned(work, technician.id):
        sentence = f"{technician.name} has visits to come where they work now: please give those away first."
        raise Invalid.field("territory", "technician_planned", sentence)
    if changed & {"home_lat", "home_lng", "territory_id"}:
        require_commute(work, territory, Point(technician.home_lat, technician.home_lng))
    if changed & {"name", "phone", "territory_id"}:
        commitment = commit_to(technician.salt, technician.name, technician.phone)
        work.record(
            TechnicianJoined(
                technician_id=technician.id, territory_id=technician.territory_id, commitment=commitment
            )
        )
    work.session.add(technician)
    return bool(changed)


def _is_planned(work: Work, technician_id: str) -> bool:
    query = select(Assignment.visit_id).where(
        Assignment.technician_id == technician_id, col(Assignment.active), col(Assignment.end_at) > work.now
    )
    return work.session.exec(query.limit(1)).first() is not None


def _refill(work: Work, technician: Technician, wanted: Mapping[str, int]) -> bool:
    """Make the van hold exactly `wanted`; whether that was anything new."""
    rows = {
        row.part: row for row in work.session.exec(select(Stock).where(Stock.technician_id == technician.id))
    }
    changed = False
    for part in {*rows, *wanted}:
        quantity = wanted.get(part, 0)
        row = rows.get(part) or Stock(id=work.new_id(), technician_id=technician.id, part=part, quantity=0)
        if row.quantity != quantity:
            row.quantity, changed = quantity, True
            work.session.add(row)
    return changed


def _keep_week(work: Work, technician: Technician, values: Values, *, new: bool) -> bool:
    """Make the row's hours the technician's; whether that was anything new. `varies` leaves them."""
    told = {field: values[column] for column, field in HOUR_FIELDS.items() if column in values}
    shifts = _shifts(work.session, [technician.id]).get(technician.id, [])
    vary = [value for value in told.values() if value is Hours.VARY]
    if not new and len(vary) == len(told):
        return False
    if vary:
        sentence = "“varies” leaves hours as they are: it stands in every column of the hours, or in none."
        raise Invalid.field("weekdays", "hours_vary", sentence)
    before = week_of(shifts)
    if shifts and before is None and len(told) < len(HOUR_FIELDS):
        sentence = (
            "This technician's hours differ from day to day: please give all columns of the hours, or none."
        )
        raise Invalid.field("weekdays", "hours_vary", sentence)
    asked = replace(before or USUAL, **told)
    week = asked if asked == before else _completed(asked, told)
    if week == before or (not week.weekdays and not shifts):
        return False
    _set_week(work, technician, week, shifts)
    return True


def _completed(week: Week, told: Mapping[str, Any]) -> Week:
    """`week` without what was only usual and does not fit the hours told."""
    if not week.overtime_until or ("overtime_until" not in told and week.overtime_until < week.shift_end):
        week = replace(week, overtime_until=week.shift_end)
    outside = [rest for rest in week.rests if not _is_inside(rest, week)]
    if outside and "rests" not in told:
        return replace(week, rests=tuple(rest for rest in week.rests if rest not in outside))
    if outside and week.weekdays:
        raise Invalid.field("break", "break_outside_shift", f"{outside[0]} does not fit into the shift.")
    return week


def _is_inside(rest: Rest, week: Week) -> bool:
    return week.shift_start <= rest.earliest and _minute(rest.latest) + rest.minutes <= _minute(
        week.shift_end
    )


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def _set_week(work: Work, technician: Technician, week: Week, shifts: Sequence[Shift]) -> None:
    for shift in shifts:
        if shift.weekday not in week.weekdays:
            work.session.delete(shift)
    single = len(week.rests) == 1
    set_shift(
        work,
        technician,
        week.weekdays,
        start_at=week.shift_start,
        end_at=week.shift_end,
        overtime_until_at=week.overtime_until,
        breaks=[
            {
                "id": "lunch" if single else f"break-{place}",
                "earliest": rest.earliest,
                "latest": rest.latest,
                "minutes": rest.minutes,
            }
            for place, rest in enumerate(week.rests, start=1)
        ],
    )


def _shifts(session: Session, technician_ids: Sequence[str]) -> dict[str, list[Shift]]:
    found: dict[str, list[Shift]] = {}
    query = select(Shift).where(col(Shift.technician_id).in_(technician_ids)).order_by(col(Shift.weekday))
    for shift in session.exec(query):
        found.setdefault(shift.technician_id, []).append(shift)
    return found


def week_of(shifts: Sequence[Shift]) -> Week | None:
    """The hours that all of `shifts` share; None for no shift, and for hours that differ from day to day."""
    weeks = {
        Week(
            tuple(shift.weekday for shift in shifts),
            shift.start_at,
            shift.end_at,
            shift.overtime_until_at,
            tuple(Rest(rest["earliest"], rest["latest"], rest["minutes"]) for rest in shift.breaks),
        )
        for shift in shifts
    }
    return weeks.pop() if len(weeks) == 1 else None


def give(work: Work) -> Iterator[dict[str, str]]:
    query = (
        select(Technician, Territory)
        .join(Territory, col(Territory.id) == col(Technician.territory_id))
        .where(col(Technician.active))
        .order_by(col(Technician.name), col(Technician.id))
    )
    crew = work.session.exec(query).all()
    ids = [technician.id for technician, _ in crew]
    stock, shifts = stock_of(work.session, ids), _shifts(work.session, ids)
    for technician, territory in crew:
        held = {part: quantity for part, quantity in stock.get(technician.id, {}).items() if quantity}
        yield {
            "key": technician.external_key or technician.id,
            "name": technician.name,
            "phone": technician.phone,
            "territory": territory.name,
            "lat": say_number(technician.home_lat),
            "lng": say_number(technician.home_lng),
            "skills": say_levels(technician.skills),
            "stock": say_levels(held),
            **_say_week(shifts.get(technician.id, [])),
        }


def _say_week(shifts: Sequence[Shift]) -> dict[str, str]:
    if not shifts:
        return dict.fromkeys(HOUR_FIELDS, "")
    week = week_of(shifts)
    if week is None:
        return dict.fromkeys(HOUR_FIELDS, Hours.VARY.value)
    return {
        "weekdays": say_weekdays(week.weekdays),
        "shift_start": week.shift_start,
        "shift_end": week.shift_end,
        "overtime_until": week.overtime_until,
        "break": " ".join(map(str, week.rests)),
    }


TECHNICIANS = Kind(
    name="technicians",
    columns=(
        Column("key", words(80)),
        Column("name", words(120)),
        optional("phone", phone, ""),
        optional("territory", words(120), None),
        Column("lat", number(-90, 90)),
        Column("lng", number(-180, 180)),
        optional("skills", levels(1, 10), {}),
        optional("stock", levels(0, 10_000), {}),
        optional("weekdays", weekdays, ()),
        optional("shift_start", hours, USUAL.shift_start),
        optional("shift_end", hours, USUAL.shift_end),
        optional("overtime_until", hours, ""),
        optional("break", rests, ()),
    ),
    open=open_file,
    give=give,
    plain_numbers=frozenset({"lat", "lng"}),
)
