"""The office makes and takes back the address that a technician's calendar reads."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import RuntimeDep, StaffDep, WorkDep
from api.pages.day_calendar import address_for
from api.pages.staff import staff_page
from api.routers.technicians import mine
from api.strict import router
from dispatch.technicians.calendars import find_address, withdraw_address

routes = router(
    "/office/technicians/{technician_id}/calendar",
    "office",
    include_in_schema=False,
    default_response_class=HTMLResponse,
)


@routes.post("")
def make(technician_id: str, request: Request, work: WorkDep, who: StaffDep, runtime: RuntimeDep) -> Response:
    """The one answer that shows the address."""
    technician = mine(work, who, technician_id)
    address = address_for(work, runtime, technician)
    return staff_page(
        request,
        work,
        who,
        "office_technician_calendar.html",
        technician=technician,
        address=address,
        live=find_address(work, technician),
    )


@routes.post("/withdraw")
def withdraw(technician_id: str, work: WorkDep, who: StaffDep) -> Response:
    withdraw_address(work, mine(work, who, technician_id))
    return RedirectResponse(f"/office/technicians/{technician_id}?saved=1#calendar", 303)
