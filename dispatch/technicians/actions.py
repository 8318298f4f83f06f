"""Hiring somebody, changing who they are, switching them off and on, and the link for their phone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dispatch.access.links import LinkKey, issue, newest, revoke
from dispatch.access.sessions import end_sessions
from dispatch.access.tables import Scope
from dispatch.errors import Invalid, StateConflict
from dispatch.events import (
    EnrolmentAsked,
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

ENROLMENT_SECONDS = 10 * 60


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
    language: str = "en",
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
        language=language,
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
    language: str | None = None,
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
        "language": language or technician.language,
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


def switch(work: Work, technician: Technician, *, active: bool) -> None:
    """Off, nobody sends them any more, and every door that was theirs is shut at once: sessions and links.

    Raises StateConflict for coming back with a phone that somebody else has now.
    """
    other = find_by_phone(work.session, technician.phone) if technician.phone else None
    if active and other and other.id != technician.id:
        raise StateConflict(
            f"{other.name} has this phone now: change one of the two first.", current_state="off"
        )
    technician.active = active
    if not active:
        end_sessions(work, technician.id)
        revoke(work, Scope.ENROL, technician.id)
        revoke(work, Scope.CALENDAR, technician.id)
    work.session.add(technician)
    commitment = commit_to(technician.salt, technician.name, technician.phone)
    work.record(TechnicianChanged(technician_id=technician.id, changed=("active",), commitment=commitment))


def ask_to_enrol(work: Work, key: LinkKey, technician: Technician) -> None:
    """A fresh link for their phone, by text: single use, ten minutes; whatever link was about before opens nothing.

    Raises StateConflict without a phone, and for somebody who is switched off.
    """
    if not technician.active or not technician.phone:
        raise StateConflict("There is no phone to send it to.", current_state="unreachable")
    revoke(work, Scope.ENROL, technician.id)
    expires_at = work.now + timedelta(seconds=ENROLMENT_SECONDS)
    issue(work, key, Scope.ENROL, technician.id, expires_at=expires_at)
    link = newest(work.session, Scope.ENROL, technician.id)
    work.record(
        EnrolmentAsked(
            technician_id=technician.id,
            territory_id=technician.territory_id,
            version=link.version if link else 1,
        )
    )


def _require_reachable(work: Work, territory: Territory, home: Point) -> None:
    """One home off the road would leave the whole territory without travel times."""
    try:
        work.travel.seconds(Point(territory.centre_lat, territory.centre_lng), home)
    except OffRoad as error:
        words = f"There is no road within reach of this home ({error.metres:.0f} m away)."
        raise Invalid.field("home", "off_road", words) from error
