"""Another time, or none: the two pages with which a customer, or the office for a caller, changes a visit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated, Any

from fastapi import Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import ReadDep, StaffDep, TrackDep, WorkDep
from api.pages.again import Sent, shown_again
from api.pages.headline import window
from api.pages.render import render_page
from api.pages.speaking import tongue_about
from api.pages.staff import staff_page
from api.pages.tracking import base_of
from api.principal import Principal
from api.routers import visits
from api.schemas.base import DayIn, InstantIn
from api.schemas.visits import RescheduleIn
from api.strict import router
from dispatch.board.card import card_of
from dispatch.bookings.actions import hold_window, request_of
from dispatch.bookings.slots import Slot, list_slots
from dispatch.errors import DispatchError, StateConflict
from dispatch.local_time import local_day
from dispatch.plans.turns import take_visit
from dispatch.territories.queries import get_territory
from dispatch.visits.states import Signal, VisitState, allowed
from dispatch.visits.tables import Visit
from dispatch.work import Work

SHOWN_DAYS = 7

routes = router("", "changing", include_in_schema=False, default_response_class=HTMLResponse)
FromDay = Annotated[DayIn | None, Query(alias="from")]


class TimeForm(Sent):
    start_at: InstantIn


class SureForm(Sent):
    sure: bool = False


@routes.get("/v/{token}/change")
def ask_time(
    token: str, request: Request, work: ReadDep, who: TrackDep, from_day: FromDay = None
) -> Response:
    return _times(request, work, who, who.visit_id or "", base=base_of(token), from_day=from_day)


@routes.post("/v/{token}/change")
def change(
    token: str, request: Request, form: Annotated[TimeForm, Form()], work: WorkDep, who: TrackDep
) -> Response:
    return _move(request, work, who, who.visit_id or "", base=base_of(token), form=form)


@routes.get("/board/visits/{visit_id}/change")
def ask_time_for_caller(
    visit_id: str, request: Request, work: ReadDep, who: StaffDep, from_day: FromDay = None
) -> Response:
    return _times(request, work, who, visit_id, base=f"/board/visits/{visit_id}", from_day=from_day)


@routes.post("/board/visits/{visit_id}/change")
def change_for_caller(
    visit_id: str, request: Request, form: Annotated[TimeForm, Form()], work: WorkDep, who: StaffDep
) -> Response:
    return _move(request, work, who, visit_id, base=f"/board/visits/{visit_id}", form=form)


@routes.get("/v/{token}/cancel")
def ask_cancel(token: str, request: Request, work: ReadDep, who: TrackDep) -> Response:
    return _sure(request, work, who, who.visit_id or "", base=base_of(token))


@routes.post("/v/{token}/cancel")
def cancel(
    token: str, request: Request, form: Annotated[SureForm, Form()], work: WorkDep, who: TrackDep
) -> Response:
    return _cancel(request, work, who, who.visit_id or "", base=base_of(token), form=form)


@routes.post("/v/{token}/undo-cancel")
def undo(token: str, work: WorkDep, who: TrackDep) -> Response:
    visits.call_back_on(who.visit_id or "", work, who)
    return RedirectResponse(base_of(token), 303)


@routes.post("/v/{token}/undo-change")
def undo_change(token: str, work: WorkDep, who: TrackDep) -> Response:
    visits.move_back(who.visit_id or "", work, who)
    return RedirectResponse(base_of(token), 303)


@routes.get("/board/visits/{visit_id}/cancel")
def ask_cancel_for_caller(visit_id: str, request: Request, work: ReadDep, who: StaffDep) -> Response:
    return _sure(request, work, who, visit_id, base=f"/board/visits/{visit_id}")


@routes.post("/board/visits/{visit_id}/cancel")
def cancel_for_caller(
    visit_id: str, request: Request, form: Annotated[SureForm, Form()], work: WorkDep, who: StaffDep
) -> Response:
    return _cancel(request, work, who, visit_id, base=f"/board/visits/{visit_id}", form=form)


@routes.post("/board/visits/{visit_id}/undo-change")
def undo_change_for_caller(visit_id: str, work: WorkDep, who: StaffDep) -> Response:
    visits.move_back(visit_id, work, who)
    return RedirectResponse(f"/board/visits/{visit_id}", 303)


@routes.post("/board/visits/{visit_id}/undo-cancel")
def undo_for_caller(visit_id: str, work: WorkDep, who: StaffDep) -> Response:
    visits.call_back_on(visit_id, work, who)
    return RedirectResponse(f"/board/visits/{visit_id}", 303)


def by_day(slots: Sequence[Slot]) -> list[tuple[date, list[Slot]]]:
    return [(day, list(found)) for day, found in groupby(slots, key=lambda slot: slot.day)]


def _page(
    request: Request, work: Work, who: Principal, visit: Visit, name: str, *, status: int, **values: Any
) -> Response:
    """In the office's frame or in the customer's."""
    card = card_of(work, visit.id)
    if who.role == "dispatcher":
        values |= {"office": True, "card": card, "window": card.window_text}
        return staff_page(request, work, who, name, status=status, **values)
    tongue = tongue_about(request, work, visit)
    values |= {"office": False, "card": card, "window": window(card, tongue)}
    return render_page(request, name, status=status, tongue=tongue, **values)


def _times(
    request: Request,
    work: Work,
    who: Principal,
    visit_id: str,
    *,
    base: str,
    from_day: date | None = None,
    error: DispatchError | None = None,
) -> Response:
    visit = visits.theirs(work, who, visit_id)
    if visit.state is not VisitState.BOOKED:
        words = "This visit cannot be moved now. Its page shows how things stand."
        raise StateConflict(words, current_state=visit.state.value)
    territory = get_territory(work.session, visit.territory_id)
    first = max(from_day or date.min, local_day(work.now, territory.zone))
    slots = list_slots(work, request_of(work, visit), from_day=first, days=SHOWN_DAYS)
    return _page(
        request,
        work,
        who,
        visit,
        "change.html",
        status=409 if error else 200,
        base=base,
        days=by_day(slots),
        later=first + timedelta(days=SHOWN_DAYS),
        error=error,
    )


def _move(
    request: Request, work: Work, who: Principal, visit_id: str, *, base: str, form: TimeForm
) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return _times(request, fresh, who, visit_id, base=base, error=error)

    visit = take_visit(work, visits.theirs(work, who, visit_id).id)  # today's turn before the new day's
    with shown_again(again):
        hold = hold_window(work, request_of(work, visit), form.start_at)
        visits.move_to(visit.id, RescheduleIn(hold_id=hold.id), work, who)
    return RedirectResponse(base, 303)


def _sure(
    request: Request, work: Work, who: Principal, visit_id: str, *, base: str, unsure: bool = False
) -> Response:
    visit = visits.theirs(work, who, visit_id)
    return _page(
        request,
        work,
        who,
        visit,
        "cancel.html",
        status=422 if unsure else 200,
        base=base,
        possible=Signal.CANCEL in allowed(visit.state),
        unsure=unsure,
    )


def _cancel(
    request: Request, work: Work, who: Principal, visit_id: str, *, base: str, form: SureForm
) -> Response:
    """Two deliberate acts, the tick and the button: a machine that presses every button cancels nothing."""
    if not form.sure:
        return _sure(request, work, who, visit_id, base=base, unsure=True)
    visits.call_off(visit_id, work, who)
    return RedirectResponse(f"{base}/cancel", 303)
