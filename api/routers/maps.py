"""What maps are drawn from: the streets for everybody with a door, the day for the office."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

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

routes = router("/api/v1/map", "map")


@routes.get(
    "/roads",
    response_model=RoadsOut,
    response_class=GeoJson,
    responses={304: {"description": "You have this map."}},
)
def show_roads(request: Request, work: ReadDep, who: KnownDep) -> Response:
    """Roads by class and water: all of them for the staff, those around their own door for a customer."""
    return roads_for(request, work, who)


@routes.get("/today")
def show_day(work: ReadDep, who: StaffDep, day: Annotated[DayIn | None, Query()] = None) -> DayMapOut:
    """Where everybody is, and every visit of the day with its place in its route."""
    return DayMapOut.of(day_map(work, get_territory(work.session, who.territory_id or ""), day))


def roads_for(request: Request, work: Work, who: Principal) -> Response:
    streets: StreetMap = request.app.state.streets
    if who.role != "customer":
        return answer(request, streets.whole())
    return answer(request, streets.around(_door_of(work, who)))


def _door_of(work: Work, who: Principal) -> Point:
    """The customer's own address, or the middle of the territory for somebody who has booked nothing yet."""
    if who.visit_id:
        address = get_address(work.session, get_visit(work.session, who.visit_id).address_id)
        return Point(address.lat, address.lng)
    territory = get_territory(work.session, who.territory_id or "")
    return Point(territory.centre_lat, territory.centre_lng)
