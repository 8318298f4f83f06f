"""An emergency: who can come at once, and who would pay for it."""

from __future__ import annotations

from api.deps import ReadDep, StaffDep, WorkDep
from api.routers.visits import theirs, told
from api.schemas.emergencies import PutFirstIn, WayOut, WaysOut
from api.schemas.visits import VisitOut
from api.strict import router
from dispatch.failures.emergency import put_first, ways_to_rush

routes = router("/api/v1/visits", "visits")


@routes.get("/{visit_id}/emergency")
def look(visit_id: str, work: ReadDep, who: StaffDep) -> WaysOut:
    """The soonest first; whoever is later and pays no less is left out."""
    return WaysOut(ways=[WayOut.of(way) for way in ways_to_rush(work, theirs(work, who, visit_id))])


@routes.post("/{visit_id}/emergency")
def put(visit_id: str, body: PutFirstIn, work: WorkDep, who: StaffDep) -> VisitOut:
    """Somebody comes at once. Whoever pays is told, and made good in the same breath."""
    visit = theirs(work, who, visit_id)
    first = put_first(work, visit.id, body.technician_id, body.payer_ids, reason=body.reason)
    return told(work, who, first)
