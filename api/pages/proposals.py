"""Proposals: ask for a better day, read what it would change, publish it, and take it back. `/board/proposals`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.deps import ReadDep, StaffDep, WorkDep
from api.pages.again import Sent, Show, shown_again
from api.pages.staff import staff_page
from api.principal import Principal
from api.routers.plans import decide, leave, take_back, turn_down
from api.strict import router
from dispatch.board.place_sheet import turns
from dispatch.board.proposal_sheet import last_publishes, proposal_sheet
from dispatch.errors import DispatchError, StateConflict
from dispatch.local_time import local_day
from dispatch.plans.by_hand import Drawn, as_drawn, put_down, reasons
from dispatch.plans.proposals import ask
from dispatch.plans.queries import list_proposals
from dispatch.plans.states import ProposalState
from dispatch.plans.undo import REPAIR, SEARCH
from dispatch.territories.queries import get_territory
from dispatch.territories.tables import Territory
from dispatch.work import Work

SHOWN = 6
LOOKS_AGAIN_SECONDS = 3


class KeepForm(Sent):
    visit_id: list[str] = Field(min_length=1, max_length=200)


class PlaceForm(Sent):
    visit_id: str = Field(min_length=1, max_length=40)
    technician_id: str = Field(min_length=1, max_length=40)
    before_id: str = Field(default="", max_length=40)


routes = router("/board/proposals", "board", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("")
def show(
    request: Request,
    work: ReadDep,
    who: StaffDep,
    day: dt.date | None = None,
    visit: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """For `visit`, one that is to be moved by hand, the form stands ready."""
    territory = get_territory(work.session, who.territory_id or "")
    return _page(request, work, who, day or local_day(work.now, territory.zone), moved=visit)


@routes.post("/{day}/search")
def search(day: dt.date, request: Request, work: WorkDep, who: StaffDep) -> Response:
    with shown_again(_again(request, who, day)):
        ask(work, get_territory(work.session, who.territory_id or ""), day)
    return _back_to(day)


@routes.post("/{day}/undo")
def undo(day: dt.date, request: Request, work: WorkDep, who: StaffDep) -> Response:
    with shown_again(_again(request, who, day)):
        take_back(work, who, day, SEARCH)
    return _back_to(day)


@routes.post("/{day}/undo-repair")
def undo_repair(day: dt.date, request: Request, work: WorkDep, who: StaffDep) -> Response:
    with shown_again(_again(request, who, day)):
        take_back(work, who, day, REPAIR)
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


@routes.post("/{day}/{proposal_id}/keep")
def keep(
    day: dt.date,
    proposal_id: str,
    form: Annotated[KeepForm, Form()],
    request: Request,
    work: WorkDep,
    who: StaffDep,
) -> Response:
    with shown_again(_again(request, who, day)):
        leave(work, who, day, proposal_id, form.visit_id)
    return _back_to(day)


@routes.post("/{day}/place")
def place(
    day: dt.date, form: Annotated[PlaceForm, Form()], request: Request, work: WorkDep, who: StaffDep
) -> Response:
    """A visit is put with somebody else or at another turn, without a mouse."""
    with shown_again(_again(request, who, day)):
        territory = get_territory(work.session, who.territory_id or "")
        put_down(work, territory, day, form.visit_id, form.technician_id, form.before_id or None)
    return _back_to(day)


def _again(request: Request, who: Principal, day: dt.date) -> Show:
    return lambda fresh, error: _page(request, fresh, who, day, error=error)


def _back_to(day: dt.date) -> Response:
    return RedirectResponse(f"/board/proposals?day={day.isoformat()}", 303)


def _page(
    request: Request,
    work: Work,
    who: Principal,
    day: dt.date,
    *,
    error: DispatchError | None = None,
    moved: str = "",
) -> Response:
    """The newest proposal in full, those before it in a line each, and what searches have changed."""
    territory = get_territory(work.session, who.territory_id or "")
    found = [
        proposal_sheet(work, one) for one in list_proposals(work.session, territory.id, day, limit=SHOWN)
    ]
    newest = found[0] if found else None
    searching = newest is not None and newest.state is ProposalState.SEARCHING
    waits = newest is not None and newest.state is ProposalState.PROPOSED
    drawn = _drawn(work, territory, day)
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
        why=reasons(work, drawn) if drawn and waits else {},
        turns=turns(work, drawn) if drawn else [],
        moved=moved,
        publishes=last_publishes(work, territory, day, limit=SHOWN),
        base=f"/board/proposals/{day.isoformat()}",
        refresh=LOOKS_AGAIN_SECONDS if searching and not error else None,
    )


def _drawn(work: Work, territory: Territory, day: dt.date) -> Drawn | None:
    """None where nothing can be moved by hand: the day is over, or searched, or went on without what waits."""
    try:
        return as_drawn(work, territory, day)
    except StateConflict:
        return None


def _neighbour(day: dt.date, days: int) -> dt.date | None:
    """None at either end of the calendar."""
    number = day.toordinal() + days
    return dt.date.fromordinal(number) if 1 <= number <= dt.date.max.toordinal() else None
