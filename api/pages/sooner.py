"""Sooner, if something comes free: the customer's two forms, and the office's for a caller."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.deps import StaffDep, TrackDep, WorkDep
from api.pages.again import Sent
from api.pages.tracking import back_to
from api.principal import Principal
from api.routers import visits
from api.strict import router
from dispatch.errors import NotFound
from dispatch.plans.turns import take_visit
from dispatch.wishes.actions import answer_sooner, take_wish_back, wish_sooner
from dispatch.wishes.queries import get_offer
from dispatch.work import Work

routes = router("", "sooner", include_in_schema=False, default_response_class=HTMLResponse)


class WishForm(Sent):
    sooner: Literal["yes", "no"]


class AnswerForm(Sent):
    offer: str = Field(max_length=26)
    answer: Literal["take", "keep"]


@routes.post("/v/{token}/sooner")
def wish(token: str, form: Annotated[WishForm, Form()], work: WorkDep, who: TrackDep) -> Response:
    _wish(work, who, who.visit_id or "", form)
    return back_to(token)


@routes.post("/v/{token}/sooner-answer")
def answer(token: str, form: Annotated[AnswerForm, Form()], work: WorkDep, who: TrackDep) -> Response:
    _answer(work, who, who.visit_id or "", form)
    return back_to(token)


@routes.post("/board/visits/{visit_id}/sooner")
def wish_for_caller(
    visit_id: str, form: Annotated[WishForm, Form()], work: WorkDep, who: StaffDep
) -> Response:
    _wish(work, who, visit_id, form)
    return RedirectResponse(f"/board/visits/{visit_id}", 303)


@routes.post("/board/visits/{visit_id}/sooner-answer")
def answer_for_caller(
    visit_id: str, form: Annotated[AnswerForm, Form()], work: WorkDep, who: StaffDep
) -> Response:
    _answer(work, who, visit_id, form)
    return RedirectResponse(f"/board/visits/{visit_id}", 303)


def _wish(work: Work, who: Principal, visit_id: str, form: WishForm) -> None:
    visits.theirs(work, who, visit_id)
    visit = take_visit(work, visit_id)
    if form.sooner == "yes":
        wish_sooner(work, visit)
    else:
        take_wish_back(work, visit)


def _answer(work: Work, who: Principal, visit_id: str, form: AnswerForm) -> None:
    visits.theirs(work, who, visit_id)
    if get_offer(work.session, form.offer).visit_id != visit_id:
        raise NotFound("There is no such time.")
    how = "web" if who.role == "customer" else "phone"
    answer_sooner(work, form.offer, take=form.answer == "take", how=how)
