"""Opening a territory, changing what it says about itself, its policies, and naming its people."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlmodel import select

from dispatch.errors import Invalid, StateConflict
from dispatch.events import DispatcherJoined, PoliciesSet, TerritoryChanged, TerritoryOpened
from dispatch.ledger import commit_to
from dispatch.local_time import zone
from dispatch.policies import Policies, read_policies
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.travel.port import Point, TravelError
from dispatch.words import clean, phone_number
from dispatch.work import Work

LEAST_RADIUS_METRES, MOST_RADIUS_METRES = 1_000, 200_000
MOST_RUNGS = 9


def open_territory(
    work: Work,
    name: str,
    time_zone: str,
    *,
    centre: tuple[float, float],
    radius_metres: int = 40_000,
    country: str = "US",
    office_phone: str = "",
    overrides: dict[str, Any] | None = None,
) -> Territory:
    """A new territory. Raises Invalid for an unknown zone, position or policy, StateConflict for a taken name."""
    kept = clean(name, "name")
    zone(time_zone)
    read_policies(overrides or {})
    _require_position(centre)
    if _is_taken(work, kept):
        raise StateConflict(f"There is already a territory called {kept}.", current_state="exists")
    territory = Territory(
        id=work.new_id(),
        name=kept,
        time_zone=time_zone,
        country=country,
        office_phone=office_phone,
        centre_lat=centre[0],
        centre_lng=centre[1],
        radius_metres=radius_metres,
        overrides=overrides or {},
        created_at=work.now,
    )
    work.session.add(territory)
    work.record(TerritoryOpened(territory_id=territory.id))
    return territory


def set_policies(work: Work, territory: Territory, overrides: dict[str, Any]) -> None:
    """Replace the territory's own policies. Raises Invalid naming every knob that does not fit."""
    before, after = territory.policies, read_policies(overrides)
    names = [knob.name for knob in fields(Policies)]
    changed = tuple(name for name in names if getattr(before, name) != getattr(after, name))
    territory.overrides = overrides
    work.session.add(territory)
    if changed:
        work.record(PoliciesSet(territory_id=territory.id, changed=changed))


def change_territory(
    work: Work,
    territory: Territory,
    *,
    name: str,
    time_zone: str,
    centre: tuple[float, float],
    radius_metres: int,
    office_phone: str = "",
    has_visits: bool = True,
) -> bool:
    """What a territory says about itself; whether anything is new. The clock stays once there are visits.

    Raises Invalid for what does not fit, a taken name, and another clock than the one of promises that stand.
    """
    kept = clean(name, "name")
    wanted = {
        "name": kept,
        "time_zone": zone(time_zone).key,
        "centre_lat": centre[0],
        "centre_lng": centre[1],
        "radius_metres": radius_metres,
        "office_phone": phone_number(office_phone, territory.country, "office_phone") if office_phone else "",
    }
    changed = tuple(column for column, value in wanted.items() if getattr(territory, column) != value)
    _require_position(centre)
    _require_radius(radius_metres)
    if "name" in changed and _is_taken(work, kept):
        raise Invalid.field("name", "name_taken", f"There is already a territory called {kept}.")
    if "time_zone" in changed and has_visits:
        raise Invalid.field(
            "time_zone", "zone_in_use", "Promises were made by this clock: it stays as it is."
        )
    for column in changed:
        setattr(territory, column, wanted[column])
    if changed:
        work.session.add(territory)
        work.record(TerritoryChanged(territory_id=territory.id, changed=changed))
    return bool(changed)


def _require_position(centre: tuple[float, float]) -> None:
    try:
        Point(*centre)
    except TravelError as error:
        raise Invalid.field("centre", "position_invalid", str(error)) from error


def _require_radius(metres: int) -> None:
    if not LEAST_RADIUS_METRES <= metres <= MOST_RADIUS_METRES:
        raise Invalid.field("radius_metres", "number_out_of_range", "The radius lies between 1 and 200 km.")


def _is_taken(work: Work, name: str) -> bool:
    return work.session.exec(select(Territory.id).where(Territory.name == name)).first() is not None


def add_dispatcher(
    work: Work, territory: Territory, name: str, *, phone: str = "", ladder: int = 1
) -> Dispatcher:
    """Somebody new in the office. Raises Invalid for an unfit name, phone or place on the ladder."""
    if not 1 <= ladder <= MOST_RUNGS:
        raise Invalid.field("ladder", "number_out_of_range", f"The ladder has the places 1 to {MOST_RUNGS}.")
    dispatcher = Dispatcher(
        id=work.new_id(),
        territory_id=territory.id,
        name=clean(name, "name"),
        phone=phone_number(phone, territory.country, ours=work.own_numbers) if phone else "",
        ladder=ladder,
        salt=work.chance.salt(),
    )
    work.session.add(dispatcher)
    commitment = commit_to(dispatcher.salt, dispatcher.name, dispatcher.phone)
    work.record(
        DispatcherJoined(dispatcher_id=dispatcher.id, territory_id=territory.id, commitment=commitment)
    )
    return dispatcher
