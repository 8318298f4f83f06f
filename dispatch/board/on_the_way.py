"""Where the technician is who is on the way to a customer: all that this customer may ever see of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from dispatch.customers.tables import Address
from dispatch.local_time import say_time
from dispatch.plans.expected import expect_arrival
from dispatch.plans.queries import find_assignment
from dispatch.plans.tables import Assignment
from dispatch.promises.queries import current_promise
from dispatch.technicians.queries import get_technician, positions_since
from dispatch.technicians.tables import Position, Technician
from dispatch.territories.queries import get_territory
from dispatch.travel.apart import metres_apart
from dispatch.travel.port import Point
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work

AWAY_FROM_DOORS_METRES = 200.0
DIGITS = 4  # ten metres: a street, not a parking place
LOOKS_BACK = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """A place and when it was reported; between `from_at` and `until_at` they should be there."""

    lat: float
    lng: float
    at: dt.datetime
    from_at: dt.datetime
    until_at: dt.datetime
    text: str


def on_the_way(work: Work, visit: Visit, *, to_the_door: bool) -> OnTheWay | None:
    """None unless somebody is on the way to this visit and was seen since leaving, away from other doors.

    Without `to_the_door` also away from this one: whoever only has the link does not learn which house it is.
    """
    session = work.session
    if visit.state is not VisitState.EN_ROUTE or visit.technician_id is None or visit.left_at is None:
        return None
    arrival = expect_arrival(session, visit, current_promise(session, visit), work.now)
    if arrival is None or arrival.technician_id != visit.technician_id:
        return None
    technician = get_technician(session, visit.technician_id)
    trace = positions_since(session, [technician.id], visit.left_at - LOOKS_BACK).get(technician.id, [])
    seen = last_to_show(trace, visit.left_at, _private_places(session, technician, visit, to_the_door))
    if seen is None:
        return None
    zone = get_territory(session, visit.territory_id).zone
    return OnTheWay(
        lat=round(seen.lat, DIGITS),
        lng=round(seen.lng, DIGITS),
        at=seen.at,
        from_at=arrival.from_at,
        until_at=arrival.until_at,
        text=f"{say_time(arrival.from_at, zone)}–{say_time(arrival.until_at, zone)}",
    )


def last_to_show(
    trace: Sequence[Position], left_at: dt.datetime, private: Sequence[Point]
) -> Position | None:
    """The newest position since leaving that lies near no private place, and not near where the drive began."""
    before = [one for one in trace if one.at <= left_at]
    places = [*private, *(Point(one.lat, one.lng) for one in before[-1:])]
    return next(
        (one for one in reversed(trace) if one.at > left_at and _is_away(Point(one.lat, one.lng), places)),
        None,
    )


def _is_away(place: Point, private: Sequence[Point]) -> bool:
    return all(metres_apart(place, door) > AWAY_FROM_DOORS_METRES for door in private)


def _private_places(session: Session, technician: Technician, visit: Visit, to_the_door: bool) -> list[Point]:
    """The technician's home, every other door of the same day, and this one where it is not to be shown."""
    placed = find_assignment(session, visit.id)
    query = (
        select(Address)
        .join(Visit, col(Visit.address_id) == col(Address.id))
        .join(Assignment, col(Assignment.visit_id) == col(Visit.id))
        .where(
            or_(Visit.technician_id == technician.id, Assignment.technician_id == technician.id),
            Assignment.territory_id == visit.territory_id,
            Assignment.day == (placed.day if placed else None),
            Visit.id != visit.id,
        )
    )
    doors = [Point(one.lat, one.lng) for one in session.exec(query)]
    if not to_the_door:
        own = session.get_one(Address, visit.address_id)
        doors.append(Point(own.lat, own.lng))
    return [Point(technician.home_lat, technician.home_lng), *doors]
