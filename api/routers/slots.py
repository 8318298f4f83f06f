"""What can be booked, and keeping it for a moment."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import JSONResponse

from api.deps import BookerDep, ReadDep, WorkDep
from api.idempotency import OnceDep
from api.principal import Principal
from api.schemas.base import DayIn
from api.schemas.visits import HoldIn, HoldOut, SlotOut, SlotsOut
from api.strict import router
from dispatch.bookings.actions import hold_window
from dispatch.bookings.slots import Request, list_slots
from dispatch.customers.actions import place_at
from dispatch.errors import Invalid, NotFound
from dispatch.local_time import local_day
from dispatch.services.queries import find_by_code
from dispatch.territories.queries import get_territory
from dispatch.work import Work

routes = router("/api/v1", "bookings")


@routes.get("/slots")
def list_windows(
    work: ReadDep,
    who: BookerDep,
    service: Annotated[str, Query(max_length=40)],
    lat: Annotated[float, Query(ge=-90, le=90)],
    lng: Annotated[float, Query(ge=-180, le=180)],
    from_day: Annotated[DayIn | None, Query(alias="from")] = None,
    days: Annotated[int, Query(ge=1, le=31)] = 7,
) -> SlotsOut:
    """Windows that a real insertion into the real plans can serve; beyond the horizon, counted capacity."""
    request = request_for(work, who, service, lat, lng)
    zone = request.territory.zone
    found = list_slots(work, request, from_day=from_day or local_day(work.now, zone), days=days)
    priced = who.role == "dispatcher"
    return SlotsOut(
        time_zone=zone.key,
        times_are_estimates=work.travel.is_estimate,
        slots=[SlotOut.of(slot, request.territory, priced=priced) for slot in found],
    )


@routes.post("/holds", status_code=201, response_model=HoldOut)
def hold(body: HoldIn, work: WorkDep, who: BookerDep, once: OnceDep) -> JSONResponse:
    def make() -> HoldOut:
        request = request_for(work, who, body.service, body.place.lat, body.place.lng)
        return HoldOut.of(hold_window(work, request, body.start_at), request.territory)

    return once.answer(work, make)


def request_for(work: Work, who: Principal, service: str, lat: float, lng: float) -> Request:
    """Which work, and where. Raises Invalid for an unknown service or a place that is none."""
    if who.territory_id is None:
        raise NotFound()
    found = find_by_code(work.session, service)
    if found is None or not found.active:
        raise Invalid.field("service", "service_unknown", f"We do not offer {service!r}.")
    territory = get_territory(work.session, who.territory_id)
    return Request(territory=territory, service=found, place=place_at(lat, lng))
