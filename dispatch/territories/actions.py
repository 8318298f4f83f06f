"""Opening a territory and naming its people."""

from __future__ import annotations

from typing import Any

from sqlmodel import select

from dispatch.errors import Invalid, StateConflict
from dispatch.events import DispatcherJoined, TerritoryOpened
from dispatch.ledger import commit_to
from dispatch.local_time import zone
from dispatch.policies import read_policies
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.travel.port import Point, TravelError
from dispatch.words import clean
from dispatch.work import Work


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
    try:
        Point(*centre)
    except TravelError as error:
        raise Invalid.field("centre", "position_invalid", str(error)) from error
    if work.session.exec(select(Territory).where(Territory.name == kept)).first():
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
    read_policies(overrides)
    territory.overrides = overrides
    work.session.add(territory)


def add_dispatcher(
    work: Work, territory: Territory, name: str, *, phone: str = "", ladder: int = 1
) -> Dispatcher:
    dispatcher = Dispatcher(
        id=work.new_id(),
        territory_id=territory.id,
        name=clean(name, "name"),
        phone=phone,
        ladder=ladder,
        salt=work.chance.salt(),
    )
    work.session.add(dispatcher)
    commitment = commit_to(dispatcher.salt, dispatcher.name, dispatcher.phone)
    work.record(
        DispatcherJoined(dispatcher_id=dispatcher.id, territory_id=territory.id, commitment=commitment)
    )
    return dispatcher
