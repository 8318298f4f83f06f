"""A visit that cannot wait: the ways to come at once, and whose promises each would break, before anybody's does."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.deps import ReadDep, StaffDep, WorkDep
from api.errors import status_of
from api.pages.again import Sent, shown_again
from api.pages.staff import staff_page
from api.principal import Principal
from api.routers.visits import theirs
from api.strict import router
from dispatch.board.card import card_of
from dispatch.errors import DispatchError
from dispatch.failures.emergency import put_first, ways_to_rush
from dispatch.visits.states import VisitState
from dispatch.work import Work

routes = router("/board/visits", "board", include_in_schema=False, default_response_class=HTMLResponse)


class PutFirstForm(Sent):
    """`way` is a technician's id and the ids of whoever pays, with spaces between."""

    way: str = Field(min_length=26, max_length=600, pattern=r"^[0-9a-z]{26}( [0-9a-z]{26})*$")
    reason: str = Field(min_length=3, max_length=300)


@routes.get("/{visit_id}/emergency")
def ask(visit_id: str, request: Request, work: ReadDep, who: StaffDep) -> Response:
    return _page(request, work, who, visit_id)


@routes.post("/{visit_id}/emergency")
def put(
    visit_id: str,
    request: Request,
    form: Annotated[PutFirstForm, Form()],
    work: WorkDep,
    who: StaffDep,
) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return _page(request, fresh, who, visit_id, reason=form.reason, error=error)

    technician_id, *payer_ids = form.way.split()
    with shown_again(again):
        put_first(work, theirs(work, who, visit_id).id, technician_id, payer_ids, reason=form.reason)
    return RedirectResponse(f"/board/visits/{visit_id}", 303)


def _page(
    request: Request,
    work: Work,
    who: Principal,
    visit_id: str,
    *,
    reason: str = "",
    error: DispatchError | None = None,
) -> Response:
    visit = theirs(work, who, visit_id)
    return staff_page(
        request,
        work,
        who,
        "emergency.html",
        status=status_of(error) if error else 200,
        card=card_of(work, visit.id),
        ways=ways_to_rush(work, visit) if visit.state is VisitState.BOOKED else None,
        reason=reason,
        error=error,
    )
