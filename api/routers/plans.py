"""A day's published plan, and asking for a better one."""

from __future__ import annotations

import datetime as dt

from api.deps import ReadDep, StaffDep, WorkDep
from api.errors import refused
from api.schemas.plans import PlanOut, VersionsOut
from api.strict import router
from dispatch.errors import NotFound
from dispatch.plans.actions import ask_for_plan
from dispatch.plans.queries import current_plan, list_versions
from dispatch.territories.queries import get_territory

routes = router("/api/v1/plans", "plans")


@routes.get("/{day}", responses=refused(401, 403, 404))
def show(day: dt.date, work: ReadDep, who: StaffDep) -> PlanOut:
    """The version that counts now."""
    plan = current_plan(work.session, who.territory_id or "", day)
    if plan is None:
        raise NotFound("Nothing is planned for this day yet.")
    return PlanOut.of(plan)


@routes.get("/{day}/versions", responses=refused(401, 403))
def show_versions(day: dt.date, work: ReadDep, who: StaffDep) -> VersionsOut:
    versions = list_versions(work.session, who.territory_id or "", day)
    return VersionsOut(versions=[PlanOut.of(plan, whole=False) for plan in versions])


@routes.post("/{day}/search", status_code=202, responses=refused(401, 403))
def search(day: dt.date, work: WorkDep, who: StaffDep) -> VersionsOut:
    """Have the day searched again; the answer is published only if it is better and legal."""
    territory = get_territory(work.session, who.territory_id or "")
    ask_for_plan(work, territory, day, after_seconds=0)
    return show_versions(day, work, who)
