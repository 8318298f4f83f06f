"""Proposals: ask for a better day, read what it would change, publish it, and take it back. `/board/proposals`."""

from __future__ import annotations

import datetime as dt

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import ReadDep, StaffDep, WorkDep
from api.pages.again import Show, shown_again
from api.pages.staff import staff_page
from api.principal import Principal
from api.routers.plans import decide, take_back, turn_down
from api.strict import router
from dispatch.board.proposal_sheet import last_publishes, proposal_sheet
from dispatch.errors import DispatchError
from dispatch.local_time import local_day
from dispatch.plans.proposals import ask
from dispatch.plans.queries import list_proposals
from dispatch.plans.states import ProposalState
from dispatch.territories.queries import get_territory
from dispatch.work import Work

SHOWN = 6
LOOKS_AGAIN_SECONDS = 3

routes = router("/board/proposals", "board", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("")
def show(request: Request, work: ReadDep, who: StaffDep, day: dt.date | None = None) -> Response:
    territory = get_territory(work.session, who.territory_id or "")
    return _page(request, work, who, day or local_day(work.now, territory.zone))


@routes.post("/{day}/search")
def search(day: dt.date, request: Request, work: WorkDep, who: StaffDep) -> Response:
    with shown_again(_again(request, who, day)):
        ask(work, get_territory(work.session, who.territory_id or ""), day)
    return _back_to(day)


@routes.post("/{day}/undo")
def undo(day: dt.date, request: Request, work: WorkDep, who: StaffDep) -> Response:
    with shown_again(_again(request, who, day)):
        take_back(work, who, day)
    return _back_to(day)


@routes.post("/{day}/{proposal_id}/publish")
def publish(day: dt.date, proposal_id: str, request: Request, work: WorkDep, who: StaffDep) -> Response:
    with shown_again(_again(request, who, day)):
        refusal = decide(work, who, day, proposal_id)
    if refusal:  # no exception: that the proposal is overtaken is written down
        work.session.flush()
        return _page(request, work, who, day, error=refusal)
    return _back_to(day)


@routes.post("/{day}/{proposal_id}/dismiss")
def dismiss(day: dt.date, proposal_id: str, request: Request, work: WorkDep, who: StaffDep) -> Response:
    with shown_again(_again(request, who, day)):
        turn_down(day, proposal_id, work, who)
    return _back_to(day)


def _again(request: Request, who: Principal, day: dt.date) -> Show:
    return lambda fresh, error: _page(request, fresh, who, day, error=error)


def _back_to(day: dt.date) -> Response:
    return RedirectResponse(f"/board/proposals?day={day.isoformat()}", 303)


def _page(
    request: Request, work: Work, who: Principal, day: dt.date, *, error: DispatchError | None = None
) -> Response:
    """The newest proposal in full, those before it in a line each, and what searches have changed."""
    territory = get_territory(work.session, who.territory_id or "")
    found = [
        proposal_sheet(work, one) for one in list_proposals(work.session, territory.id, day, limit=SHOWN)
    ]
    newest = found[0] if found else None
    searching = newest is not None and newest.state is ProposalState.SEARCHING
    return staff_page(
        request,
        work,
        who,
        "proposals.html",
        status=409 if error else 200,
        error=error,
        day=day,
        before=_neighbour(day, -1),
        after=_neighbour(day, 1),
        newest=newest,
        earlier=found[1:],
        publishes=last_publishes(work, territory, day, limit=SHOWN),
        base=f"/board/proposals/{day.isoformat()}",
        refresh=LOOKS_AGAIN_SECONDS if searching and not error else None,
    )


def _neighbour(day: dt.date, days: int) -> dt.date | None:
    """None at either end of the calendar."""
    number = day.toordinal() + days
    return dt.date.fromordinal(number) if 1 <= number <= dt.date.max.toordinal() else None
