"""The territory of the dispatcher who asks. New ones are opened on the command line."""

from __future__ import annotations

from fastapi import Response

from api.deps import ReadDep, StaffDep, WorkDep
from api.principal import Principal
from api.schemas.territories import PoliciesIn, TerritoriesOut, TerritoryOut
from api.strict import router
from api.versions import IfMatch, etag, require_current
from dispatch.errors import NotFound
from dispatch.territories.actions import set_policies
from dispatch.territories.queries import get_territory
from dispatch.territories.tables import Territory
from dispatch.work import Work

routes = router("/api/v1/territories", "territories")


@routes.get("")
def list_mine(work: ReadDep, who: StaffDep) -> TerritoriesOut:
    return TerritoriesOut(territories=[TerritoryOut.of(_mine(work, who, who.territory_id or ""))])


@routes.get("/{territory_id}")
def show(territory_id: str, work: ReadDep, who: StaffDep, response: Response) -> TerritoryOut:
    territory = _mine(work, who, territory_id)
    response.headers["ETag"] = etag(territory)
    return TerritoryOut.of(territory)


@routes.put("/{territory_id}/policies")
def replace_policies(
    territory_id: str,
    body: PoliciesIn,
    work: WorkDep,
    who: StaffDep,
    response: Response,
    if_match: IfMatch = None,
) -> TerritoryOut:
    territory = _mine(work, who, territory_id)
    require_current(territory, if_match)
    set_policies(work, territory, body.policies)
    work.session.flush()
    response.headers["ETag"] = etag(territory)
    return TerritoryOut.of(territory)


def _mine(work: Work, who: Principal, territory_id: str) -> Territory:
    if territory_id != who.territory_id:
        raise NotFound()
    return get_territory(work.session, territory_id)
