"""What maps are drawn from: the streets for everybody with a door, the day for the office."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from api.addresses.port import area_of
from api.deps import KnownDep, ReadDep, StaffDep
from api.principal import Principal
from api.schemas.base import DayIn
from api.schemas.maps import DayMapOut, RoadsOut
from api.street_map import GeoJson, StreetMap, answer
from api.strict import router
from dispatch.board.day_map import day_map
from dispatch.customers.queries import get_address
from dispatch.territories.queries import get_territory
from dispatch.travel.port import Point
from dispatch.visits.queries import get_visit
from dispatch.work import Work

Lat = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)]
Lng = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)]

routes = router("/api/v1/map", "map")


@routes.get(
    "/roads",
    response_model=RoadsOut,
    response_class=GeoJson,
    responses={304: {"description": "You have this map."}},
)
def show_roads(
    request: Request, work: ReadDep, who: KnownDep, lat: Lat | None = None, lng: Lng | None = None
) -> Response:
    """Roads by class and water: all of them for the staff; for a customer those around their own door, or around a
    place that we come to.
    """
    return roads_for(request, work, who, lat, lng)


@routes.get("/today")
def show_day(work: ReadDep, who: StaffDep, day: Annotated[DayIn | None, Query()] = None) -> DayMapOut:
    """Where everybody is, and every visit of the day with its place in its route."""
    return DayMapOut.of(day_map(work, get_territory(work.session, who.territory_id or ""), day))


def roads_for(
    request: Request, work: Work, who: Principal, lat: float | None = None, lng: float | None = None
) -> Response:
    streets: StreetMap = request.app.state.streets
    if who.role != "customer":
        return answer(request, streets.whole())
    place = None if lat is None or lng is None else Point(lat, lng)
    is_ours = place is not None and place in area_of(get_territory(work.session, who.territory_id or ""))
    return answer(request, streets.around(place if place and is_ours else _door_of(work, who)))


def _door_of(work: Work, who: Principal) -> Point:
    """The customer's own address, or the middle of the territory for somebody who has booked nothing yet."""
    if who.visit_id:
        address = get_address(work.session, get_visit(work.session, who.visit_id).address_id)
        return Point(address.lat, address.lng)
    territory = get_territory(work.session, who.territory_id or "")
    return Point(territory.centre_lat, territory.centre_lng)
