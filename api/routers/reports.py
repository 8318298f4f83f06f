"""The manager's questions: how often promises broke, and how well they were made good."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import Query

from api.deps import ReadDep, StaffDep
from api.errors import refused
from api.principal import Principal
from api.schemas.reports import ReportOut
from api.strict import router
from dispatch.errors import Invalid
from dispatch.local_time import local_day, midnight
from dispatch.reports.making_good import report
from dispatch.territories.queries import get_territory
from dispatch.work import Work

routes = router("/api/v1/reports", "reports")


@routes.get("/making-good", responses=refused(401, 403))
def making_good(
    work: ReadDep,
    who: StaffDep,
    from_day: Annotated[dt.date | None, Query(alias="from")] = None,
    to_day: Annotated[dt.date | None, Query(alias="to")] = None,
) -> ReportOut:
    """From one local day to another, both included; today when left out."""
    return read_report(work, who, from_day, to_day)


def read_report(work: Work, who: Principal, from_day: dt.date | None, to_day: dt.date | None) -> ReportOut:
    """Raises Invalid when the last day lies before the first."""
    territory = get_territory(work.session, who.territory_id or "")
    first = from_day or local_day(work.now, territory.zone)
    last = to_day or first
    if last < first:
        raise Invalid.field("to", "window_empty", "The last day lies before the first.")
    until = midnight(last + dt.timedelta(days=1), territory.zone)
    found = report(work.session, territory.id, midnight(first, territory.zone), until)
    return ReportOut.of(found, first, last)
