"""A day's published plan, proposals for a better one, and taking the last one back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from api.deps import ReadDep, StaffDep, WorkDep
from api.errors import answer
from api.idempotency import OnceDep
from api.principal import Principal
from api.schemas.base import DayIn, Id
from api.schemas.plans import KeepIn, PlaceIn, PlaceOut, PlanOut, ProposalOut, ProposalsOut, VersionsOut
from api.strict import router
from dispatch.board.chances import chances_on
from dispatch.board.place_sheet import place_sheet
from dispatch.board.proposal_sheet import proposal_sheet
from dispatch.errors import NotFound, StalePlan
from dispatch.plans import by_hand
from dispatch.plans.deciding import publish_proposal
from dispatch.plans.proposals import ask, dismiss
from dispatch.plans.queries import current_plan, get_proposal, list_proposals, list_versions
from dispatch.plans.tables import Plan, Proposal
from dispatch.plans.undo import REPAIR, SEARCH, Undoable, undo_last
from dispatch.territories.queries import get_territory
from dispatch.territories.tables import Territory
from dispatch.work import Work

NEWEST = 10

routes = router("/api/v1/plans", "plans")


@routes.get("/{day}")
def show(day: DayIn, work: ReadDep, who: StaffDep) -> PlanOut:
    """The version that counts now, and how likely each promise is to be kept by it."""
    plan = current_plan(work.session, who.territory_id or "", day)
    if plan is None:
        raise NotFound("Nothing is planned for this day yet.")
    return PlanOut.of(plan, chances=chances_on(work, _territory(work, who), day).values())


@routes.get("/{day}/versions")
def show_versions(day: DayIn, work: ReadDep, who: StaffDep) -> VersionsOut:
    versions = list_versions(work.session, who.territory_id or "", day)
    return VersionsOut(versions=[PlanOut.of(plan, whole=False) for plan in versions])


@routes.post("/{day}/undo")
def undo(day: DayIn, work: WorkDep, who: StaffDep) -> PlanOut:
    """Take the last publish of a search back: a new version, in which what has not begun is where it was."""
    return PlanOut.of(take_back(work, who, day, SEARCH))


@routes.post("/{day}/undo-repair")
def undo_repair(day: DayIn, work: WorkDep, who: StaffDep) -> PlanOut:
    """Take back how routes were mended last: a new version, in which what has not begun is where it was."""
    return PlanOut.of(take_back(work, who, day, REPAIR))


@routes.get("/{day}/proposals")
def show_proposals(day: DayIn, work: ReadDep, who: StaffDep) -> ProposalsOut:
    """The newest ones, newest first."""
    found = list_proposals(work.session, who.territory_id or "", day, limit=NEWEST)
    return ProposalsOut(proposals=[_told(work, one) for one in found])


@routes.post("/{day}/proposals", status_code=202, response_model=ProposalOut)
def search(day: DayIn, work: WorkDep, who: StaffDep, once: OnceDep) -> JSONResponse:
    """Have the day searched; what is better and legal waits as a proposal. While one is searched, that one."""
    return once.answer(work, lambda: _told(work, ask(work, _territory(work, who), day)), status=202)


@routes.get("/{day}/proposals/{proposal_id}")
def show_proposal(day: DayIn, proposal_id: str, work: ReadDep, who: StaffDep) -> ProposalOut:
    """How the search goes, and what its answer would change, line by line."""
    return _told(work, get_proposal(work.session, who.territory_id or "", day, proposal_id))


@routes.post(
    "/{day}/proposals/{proposal_id}/publish",
    response_model=ProposalOut,
)
def publish(
    day: DayIn, proposal_id: str, request: Request, work: WorkDep, who: StaffDep
) -> Response | ProposalOut:
    """Make it the plan. When the day has changed since, it is overtaken: 409 with what changed."""
    refusal = decide(work, who, day, proposal_id)
    if refusal:
        return answer(request, refusal)  # returned and not raised: that it is overtaken is written down
    return show_proposal(day, proposal_id, work, who)


@routes.post("/{day}/proposals/{proposal_id}/dismiss")
def turn_down(day: DayIn, proposal_id: str, work: WorkDep, who: StaffDep) -> ProposalOut:
    """Leave the plan as it is; also while the search is still going on."""
    proposal = get_proposal(work.session, who.territory_id or "", day, proposal_id)
    return _told(work, dismiss(work, _territory(work, who), day, proposal.id))


@routes.get("/{day}/place")
def hold_over(
    day: DayIn,
    work: ReadDep,
    who: StaffDep,
    visit_id: Annotated[Id, Query()],
    technician_id: Annotated[Id, Query()],
    before_id: Annotated[Id | None, Query()] = None,
) -> PlaceOut:
    """What it would cost to put the visit there, or which rule forbids it. Nothing is changed."""
    trial = by_hand.hold_over(work, _territory(work, who), day, visit_id, technician_id, before_id)
    return PlaceOut.of(place_sheet(work, trial))


@routes.post("/{day}/place")
def put_down(day: DayIn, body: PlaceIn, work: WorkDep, who: StaffDep) -> ProposalOut:
    """Put it there in the day's draft: the open proposal, or a new one. Nobody is told before it is published."""
    territory = _territory(work, who)
    return _told(
        work,
        by_hand.put_down(work, territory, day, body.visit_id, body.technician_id, body.before_id),
    )


@routes.post("/{day}/proposals/{proposal_id}/keep")
def keep(day: DayIn, proposal_id: str, body: KeepIn, work: WorkDep, who: StaffDep) -> ProposalOut:
    """Refuse some of its lines: those visits stay as they are, the rest is timed and compared again."""
    return _told(work, leave(work, who, day, proposal_id, body.visit_ids))


def leave(work: Work, who: Principal, day: dt.date, proposal_id: str, visit_ids: Collection[str]) -> Proposal:
    proposal = get_proposal(work.session, who.territory_id or "", day, proposal_id)
    return by_hand.leave_as_is(work, _territory(work, who), day, proposal.id, visit_ids)


def decide(work: Work, who: Principal, day: dt.date, proposal_id: str) -> StalePlan | None:
    """Publish one of this dispatcher's proposals; the refusal when it is overtaken."""
    proposal = get_proposal(work.session, who.territory_id or "", day, proposal_id)
    return publish_proposal(work, _territory(work, who), day, proposal.id)


def take_back(work: Work, who: Principal, day: dt.date, change: Undoable) -> Plan:
    return undo_last(work, _territory(work, who), day, change)


def _territory(work: Work, who: Principal) -> Territory:
    return get_territory(work.session, who.territory_id or "")


def _told(work: Work, proposal: Proposal) -> ProposalOut:
    work.session.flush()
    return ProposalOut.of(proposal_sheet(work, proposal))
