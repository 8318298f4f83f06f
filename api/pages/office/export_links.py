"""Files of all rows of a kind, to take home. `/office/exports`."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from api.deps import ReadDep, RuntimeDep, StaffDep, WorkDep
from api.pages.staff import staff_page
from api.routers.exports import ExportedRows, export_response
from api.strict import router

routes = router("/office/exports", "office", include_in_schema=False, default_response_class=HTMLResponse)

SAYS: dict[ExportedRows, str] = {
    "customers": "Names, phones, languages and addresses.",
    "technicians": "Names, phones, homes, skills, vans and weekly hours.",
    "services": "The kinds of work on offer, with times, skills and parts.",
    "visits": "Every visit with its window, state, notes and technician.",
}


@routes.get("")
def show(request: Request, work: ReadDep, who: StaffDep) -> Response:
    return staff_page(request, work, who, "office_exports.html", files=SAYS)


@routes.post("/{rows}")
def take(rows: ExportedRows, work: WorkDep, who: StaffDep, runtime: RuntimeDep) -> Response:
    return export_response(rows, work, who, runtime)
