"""What maps are drawn from: the streets, the day's people and doors, and somebody on the way."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from api.schemas.base import Instant, Out
from dispatch.board.day_map import DayMap, MapTechnician, MapVisit
from dispatch.board.on_the_way import OnTheWay


class RoadsOut(Out):
    """GeoJSON: `properties` of a feature are `layer` (water, road) and `kind`. `bounds` are latitude, longitude.

    `attribution` must be shown with the map when it is not empty. With `times_are_estimates` nobody knows the
    roads, and there may be none.
    """

    type: Literal["FeatureCollection"]
    attribution: str
    bounds: list[list[float]] | None
    times_are_estimates: bool
    features: list[dict[str, Any]]


class WhereaboutsOut(Out):
    """`seen` is false for a place that is only expected."""

    lat: float
    lng: float
    at: Instant
    seen: bool


class MapTechnicianOut(Out):
    """`stops` are visit ids in the order of the route, those that are done first."""

    id: str
    name: str
    state: Literal["off", "absent", "silent", "driving", "at work", "free"]
    where: WhereaboutsOut | None
    stops: list[str]

    @classmethod
    def of(cls, one: MapTechnician) -> MapTechnicianOut:
        at = one.where
        where = WhereaboutsOut(lat=at.lat, lng=at.lng, at=at.at, seen=at.seen) if at else None
        return cls(id=one.id, name=one.name, state=one.state, where=where, stops=list(one.stops))


class MapVisitOut(Out):
    """`order` counts from 1 within the technician's route; null for a visit that stands in none."""

    id: str
    reference: str
    customer: str
    lat: float
    lng: float
    window_text: str
    state: str
    at_risk: bool
    technician_id: str | None
    order: int | None

    @classmethod
    def of(cls, one: MapVisit) -> MapVisitOut:
        return cls(
            id=one.id,
            reference=one.reference,
            customer=one.customer,
            lat=one.lat,
            lng=one.lng,
            window_text=one.window_text,
            state=one.state.value,
            at_risk=one.at_risk,
            technician_id=one.technician_id,
            order=one.order,
        )


class DayMapOut(Out):
    territory_id: str
    day: dt.date
    time_zone: str
    now: Instant
    technicians: list[MapTechnicianOut]
    visits: list[MapVisitOut]

    @classmethod
    def of(cls, found: DayMap) -> DayMapOut:
        return cls(
            territory_id=found.territory_id,
            day=found.day,
            time_zone=found.time_zone,
            now=found.now,
            technicians=[MapTechnicianOut.of(one) for one in found.technicians],
            visits=[MapVisitOut.of(one) for one in found.visits],
        )


class ExpectedOut(Out):
    from_at: Instant
    until_at: Instant
    text: str


class OnTheWayOut(Out):
    """Where somebody on the way to this customer was last, and when they should be there."""

    lat: float
    lng: float
    at: Instant
    expected: ExpectedOut

    @classmethod
    def of(cls, one: OnTheWay) -> OnTheWayOut:
        expected = ExpectedOut(from_at=one.from_at, until_at=one.until_at, text=one.text)
        return cls(lat=one.lat, lng=one.lng, at=one.at, expected=expected)
