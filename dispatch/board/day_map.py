"""A day of a territory as a map shows it: where everybody is or should be, every door, and each route's order."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from dispatch.board.card_rows import CardRow, read_cards
from dispatch.local_time import midnight
from dispatch.plans.problem import today
from dispatch.promises.queries import ids_promised_between
from dispatch.technicians.queries import absences_between, list_technicians, newest_positions, shifts_on
from dispatch.technicians.tables import Position
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.visits.references import spoken
from dispatch.visits.states import VisitState
from dispatch.work import Work

StateWord = Literal["off", "absent", "silent", "driving", "at work", "free"]
ON_A_ROUTE = frozenset({VisitState.BOOKED, VisitState.EN_ROUTE, VisitState.ON_SITE, VisitState.DONE})
MOMENT = dt.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`seen` tells a reported position from one that is only expected."""

    lat: float
    lng: float
    at: dt.datetime
    seen: bool


@dataclass(frozen=True, slots=True)
class MapTechnician:
    id: str
    name: str
    state: StateWord
    where: Whereabouts | None
    stops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MapVisit:
    """One door; `order` is its place in its technician's route, from 1."""

    id: str
    reference: str
    customer: str
    lat: float
    lng: float
    window_text: str
    state: VisitState
    at_risk: bool
    technician_id: str | None
    order: int | None
    start_at: dt.datetime | None
    left_at: dt.datetime | None
    arrived_at: dt.datetime | None
    drive: dt.timedelta


@dataclass(frozen=True, slots=True)
class DayMap:
    territory_id: str
    day: dt.date
    time_zone: str
    now: dt.datetime
    technicians: tuple[MapTechnician, ...]
    visits: tuple[MapVisit, ...]


def day_map(work: Work, territory: Territory, day: dt.date | None = None) -> DayMap:
    """The map of `day` (today when left out). On another day nobody is anywhere yet, or any more."""
    running = today(work, territory)
    day = day or running
    start, end = midnight(day, territory.zone), midnight(day + dt.timedelta(days=1), territory.zone)
    promised = ids_promised_between(work.session, territory.id, from_at=start, until_at=end)
    visits = _in_order([_map_visit(row) for row in read_cards(work.session, promised).visits.values()])
    return DayMap(
        territory_id=territory.id,
        day=day,
        time_zone=territory.time_zone,
        now=work.now,
        technicians=tuple(_technicians(work, territory, day, visits, is_today=day == running)),
        visits=tuple(visits),
    )


def crew_on_map(
    work: Work, territory: Territory, day: dt.date, on_routes: Sequence[CardRow]
) -> tuple[MapTechnician, ...]:
    """The technicians of the map of `day`, whose visits were read already."""
    doors = _in_order([_map_visit(row) for row in on_routes])
    return tuple(_technicians(work, territory, day, doors, is_today=day == today(work, territory)))


def whereabouts(
    home: Point, position: Position | None, mine: Sequence[MapVisit], now: dt.datetime
) -> Whereabouts:
    """The last position, unless a step said since is newer: then the door, or the straight way to the next one.

    Whoever has neither been seen nor set out is expected at home, where the day begins.
    """
    doors = [one for one in mine if one.arrived_at]
    door = max(doors, key=lambda one: one.arrived_at or now, default=None)
    going = next((one for one in mine if one.state is VisitState.EN_ROUTE and one.left_at), None)
    steps = [at for at in (door and door.arrived_at, going and going.left_at) if at]
    if position and all(position.at >= at for at in steps):
        return Whereabouts(position.lat, position.lng, position.at, seen=True)
    start = Point(door.lat, door.lng) if door else home
    if position and not (door and door.arrived_at and door.arrived_at > position.at):
        start = Point(position.lat, position.lng)
    if going is None:
        return Whereabouts(start.lat, start.lng, now, seen=False)
    share = (now - (going.left_at or now)) / max(going.drive, MOMENT)
    share = min(max(share, 0.0), 1.0)
    lat, lng = start.lat + (going.lat - start.lat) * share, start.lng + (going.lng - start.lng) * share
    return Whereabouts(lat, lng, now, seen=False)


def state_word(
    mine: Sequence[MapVisit], *, is_absent: bool, is_silent: bool, is_off: bool = False
) -> StateWord:
    """What a technician does now, in one word; whoever is not there does nothing else. Off: no shift that day."""
    states = {one.state for one in mine}
    if is_absent:
        return "absent"
    if is_off:
        return "off"
    if is_silent:
        return "silent"
    if VisitState.ON_SITE in states:
        return "at work"
    return "driving" if VisitState.EN_ROUTE in states else "free"


def _technicians(
    work: Work, territory: Territory, day: dt.date, visits: Sequence[MapVisit], *, is_today: bool
) -> list[MapTechnician]:
    session, start = work.session, midnight(day, territory.zone)
    end = midnight(day + dt.timedelta(days=1), territory.zone)
    crew = {one.id: one for one in list_technicians(session, territory.id)}
    working = shifts_on(session, crew, day.weekday())
    away = absences_between(session, crew, *((work.now, work.now + MOMENT) if is_today else (start, end)))
    positions = newest_positions(session, crew, start) if is_today else {}
    found, routes = [], defaultdict(list)
    for visit in visits:
        if visit.order is not None:
            routes[visit.technician_id].append(visit)
    for one in crew.values():
        on_route = routes[one.id]
        is_absent, is_off = one.id in away, one.id not in working
        is_silent = is_today and one.silent_since_at is not None
        state = state_word(on_route, is_absent=is_absent, is_silent=is_silent, is_off=is_off)
        home = Point(one.home_lat, one.home_lng)
        seen = None if one.is_paused(work.now) else positions.get(one.id)
        where = whereabouts(home, seen, on_route, work.now) if is_today else None
        stops = tuple(visit.id for visit in sorted(on_route, key=lambda visit: visit.order or 0))
        found.append(MapTechnician(one.id, one.name, state, None if is_absent or is_off else where, stops))
    return found


def _map_visit(row: CardRow) -> MapVisit:
    return MapVisit(
        id=row.visit_id,
        reference=spoken(row.reference),
        customer=row.customer,
        lat=row.lat,
        lng=row.lng,
        window_text=row.promised_text,
        state=row.state,
        at_risk=row.at_risk_at is not None,
        technician_id=row.technician_id,
        order=None,
        start_at=row.planned_start_at,
        left_at=row.left_at,
        arrived_at=row.arrived_at,
        drive=row.drive or MOMENT,
    )


def _in_order(visits: Sequence[MapVisit]) -> list[MapVisit]:
    """The same with their places: by arrival where there was one, else as planned."""
    routes: dict[str, list[MapVisit]] = {}
    for one in visits:
        if one.technician_id and one.state in ON_A_ROUTE and (one.arrived_at or one.start_at):
            routes.setdefault(one.technician_id, []).append(one)
    orders: Mapping[str, int] = {
        one.id: order
        for route in routes.values()
        for order, one in enumerate(sorted(route, key=_when), start=1)
    }
    return [replace(one, order=orders.get(one.id)) for one in visits]


def _when(one: MapVisit) -> tuple[int, dt.datetime | None, str]:
    """What was reached, then what is driven to, then the plan."""
    if one.arrived_at:
        return 0, one.arrived_at, one.id
    return (1 if one.state is VisitState.EN_ROUTE else 2), one.start_at or one.left_at, one.id
