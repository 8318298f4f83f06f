"""How well broken promises were made good, in figures. `/reports`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse

from api.deps import ReadDep, StaffDep
from api.pages.staff import staff_page
from api.routers.reports import read_report
from api.strict import router
from dispatch.errors import DispatchError, Invalid

routes = router("/reports", "reports", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("")
def show(
    request: Request,
    work: ReadDep,
    who: StaffDep,
    from_day: Annotated[dt.date | None, Query(alias="from")] = None,
    to_day: Annotated[dt.date | None, Query(alias="to")] = None,
) -> Response:
    """One day or a range; a range that ends before it begins is said, and today shown instead."""
    error: DispatchError | None = None
    try:
        found = read_report(work, who, from_day, to_day)
    except Invalid as refused:
        error, found = refused, read_report(work, who, None, None)
    return staff_page(
        request, work, who, "reports.html", status=422 if error else 200, found=found, error=error
    )
