"""A call that was promised: its customer says beforehand what it is about, and whoever rings sees it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse
from pydantic import Field

from api.deps import ReadDep, StaffDep, TrackDep, WorkDep
from api.errors import status_of
from api.pages.again import Sent, shown_again
from api.pages.render import render_page
from api.pages.speaking import tongue_about
from api.pages.tracking import back_to, base_of, theirs
from api.photos import drawn_again
from api.principal import Principal
from api.routers.photos import JpegResponse, PhotoRoute
from api.strict import router
from dispatch.board.card import card_of
from dispatch.callbacks.briefs import brief, briefs_of
from dispatch.callbacks.queries import find_callback, soonest_of
from dispatch.callbacks.tables import Brief
from dispatch.errors import DispatchError, NotFound
from dispatch.plans.turns import take_visit
from dispatch.work import Work

routes = router(
    "", "calls", route_class=PhotoRoute, include_in_schema=False, default_response_class=HTMLResponse
)


class AboutForm(Sent):
    note: str = Field(default="", max_length=500)
    photo: UploadFile | None = None


def uploaded(photo: UploadFile | None) -> bytes:
    """What the form sent; empty where nothing was chosen. Read from its start, also when all is tried once more."""
    if photo is None:
        return b""
    photo.file.seek(0)
    return photo.file.read()


@routes.get("/v/{token}/about-call")
def ask(token: str, request: Request, work: ReadDep, who: TrackDep) -> Response:
    """Whoever has said it, or waits for no call, is shown how things stand."""
    call = card_of(work, who.visit_id or "").callback
    if call is None or call.id in briefs_of(work.session, [call.id]):
        return back_to(token)
    return _page(token, request, work, who)


@routes.post("/v/{token}/about-call")
def tell(
    token: str,
    request: Request,
    work: WorkDep,
    who: TrackDep,
    form: Annotated[AboutForm, Form()],
) -> Response:
    """A line about it and one photo, once for each call."""
    with shown_again(lambda fresh, error: _page(token, request, fresh, who, form.note, error)):
        visit = take_visit(work, who.visit_id or "")
        callback = soonest_of(work.session, [visit.id]).get(visit.id)
        if callback is None:
            raise NotFound("No call is promised any more.")
        content = uploaded(form.photo)
        brief(work, callback, text=form.note, picture=drawn_again(content) if content else None)
    return back_to(token)


@routes.get("/board/callbacks/{callback_id}/photo", response_class=JpegResponse)
def show(callback_id: str, work: ReadDep, who: StaffDep) -> Response:
    callback = find_callback(work.session, callback_id, who.territory_id or "")
    told = work.session.get(Brief, callback.id) if callback else None
    if told is None or told.content is None:
        raise NotFound("There is no photo.")
    return a_jpeg(told.content, "call.jpg")


def a_jpeg(content: bytes, name: str) -> Response:
    """A picture that only this browser may keep, and only while it is looked at."""
    named = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
    return JpegResponse(content, headers=named)


def _page(
    token: str,
    request: Request,
    work: Work,
    who: Principal,
    note: str = "",
    error: DispatchError | None = None,
) -> Response:
    """What was typed stays; a photo has to be chosen again, browsers keep none."""
    visit = theirs(work, who)
    return render_page(
        request,
        "about_call.html",
        tongue=tongue_about(request, work, visit),
        status=status_of(error) if error else 200,
        base=base_of(token),
        call=card_of(work, visit.id).callback,
        note=note,
        error=error,
    )
