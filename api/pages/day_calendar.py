"""A technician's own calendar: make the address that it reads, see that there is one, take it back. `/day/calendar`."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import ReadDep, RuntimeDep, TechnicianDep, WorkDep
from api.pages.render import render_page
from api.principal import Principal
from api.runtime.runtime import Runtime
from api.strict import router
from dispatch.technicians.calendars import find_address, make_address, withdraw_address
from dispatch.technicians.queries import get_technician
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_territory
from dispatch.work import Work

routes = router("/day/calendar", "day", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("")
def show(request: Request, work: ReadDep, who: TechnicianDep) -> Response:
    return _page(request, work, who)


@routes.post("")
def make(request: Request, work: WorkDep, who: TechnicianDep, runtime: RuntimeDep) -> Response:
    """The one answer that shows the address: it is kept as a hash."""
    return _page(request, work, who, address_for(work, runtime, get_technician(work.session, who.subject_id)))


@routes.post("/withdraw")
def withdraw(work: WorkDep, who: TechnicianDep) -> Response:
    withdraw_address(work, get_technician(work.session, who.subject_id))
    return RedirectResponse("/day/calendar", 303)


def address_for(work: Work, runtime: Runtime, technician: Technician) -> str:
    """A fresh address; the one before it shows nothing any more."""
    return f"{runtime.settings.base_url}/calendar/{make_address(work, runtime.key, technician)}/visits.ics"


def _page(request: Request, work: Work, who: Principal, address: str = "") -> Response:
    technician = get_technician(work.session, who.subject_id)
    return render_page(
        request,
        "day_calendar.html",
        address=address,
        live=find_address(work, technician),
        zone=get_territory(work.session, technician.territory_id).time_zone,
    )
