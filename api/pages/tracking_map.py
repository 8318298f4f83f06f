"""What the map on a customer's page is drawn from: the streets around, and who is on the way. `/v/{token}/…`"""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from api.deps import ReadDep, TrackDep
from api.pages.proving import may_see_all
from api.routers.maps import Lat, Lng, roads_for
from api.schemas.maps import OnTheWayOut
from api.strict import router
from dispatch.board.on_the_way import on_the_way
from dispatch.visits.queries import get_visit

routes = router("/v/{token}", "tracking", include_in_schema=False)


@routes.get("/roads.json")
def show_roads(
    token: str, request: Request, work: ReadDep, who: TrackDep, lat: Lat | None = None, lng: Lng | None = None
) -> Response:
    return roads_for(request, work, who, lat, lng)


@routes.get("/position")
def show_position(token: str, request: Request, work: ReadDep, who: TrackDep) -> Response:
    """Where their technician is, from leaving for them until arriving; at all other times 204, nothing.

    The last streets are shown to whoever has entered a code: they lead to the house.
    """
    visit = get_visit(work.session, who.visit_id or "")
    found = on_the_way(work, visit, to_the_door=may_see_all(request, work, who))
    if found is None:
        return Response(status_code=204)
    return JSONResponse(OnTheWayOut.of(found).model_dump(mode="json"))
