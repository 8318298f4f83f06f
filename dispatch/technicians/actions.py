"""Hiring somebody, and changing who they are: name, phone, home, skills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dispatch.errors import Invalid, StateConflict
from dispatch.events import (
    TechnicianChanged,
    TechnicianJoined,
)
from dispatch.ledger import commit_to
from dispatch.technicians.queries import find_by_phone
from dispatch.technicians.rules import require_levels
from dispatch.technicians.tables import (
    Stock,
    Technician,
)
from dispatch.territories.tables import Territory
from dispatch.travel.port import OffRoad, Point
from dispatch.words import clean, phone_number
from dispatch.work import Work


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
    require_levels("skills", skills or {}, least=1)
    require_levels("stock", stock or {}, least=0)
    _require_reachable(work, territory, home)
    number = phone_number(phone, territory.country, ours=work.own_numbers) if phone else ""
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
    require_levels("skills", skills, least=1)
    number = phone_number(phone, territory.country, ours=work.own_numbers) if phone else ""
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


def _require_reachable(work: Work, territory: Territory, home: Point) -> None:
    """One home off the road would leave the whole territory without travel times."""
    try:
        work.travel.seconds(Point(territory.centre_lat, territory.centre_lng), home)
    except OffRoad as error:
        words = f"There is no road within reach of this home ({error.metres:.0f} m away)."
        raise Invalid.field("home", "off_road", words) from error
