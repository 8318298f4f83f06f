"""Photos of our people: a technician's, set by the office, seen by the customer whom that technician visits; a
dispatcher's, set by that dispatcher, seen by the customer whom they are to ring. Nobody else sees them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import ReadDep, StaffDep, TrackDep, WorkDep
from api.pages.again import Sent, shown_again
from api.pages.calls import a_jpeg, uploaded
from api.pages.office.me import own_page
from api.pages.office.technicians import technician_page
from api.photos import drawn_again
from api.routers.photos import JpegResponse, PhotoRoute
from api.routers.technicians import mine
from api.strict import router
from dispatch.board.card import card_of
from dispatch.board.seen import may_see_portrait
from dispatch.errors import Invalid, NotFound
from dispatch.portraits import get_portrait, remove_portrait, set_portrait
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_dispatcher
from dispatch.territories.tables import Dispatcher
from dispatch.visits.photos import Picture

LONGEST = 480

routes = router(
    "", "portraits", route_class=PhotoRoute, include_in_schema=False, default_response_class=HTMLResponse
)


class PhotoForm(Sent):
    photo: UploadFile | None = None


@routes.post("/office/technicians/{technician_id}/photo")
def put(
    technician_id: str,
    request: Request,
    work: WorkDep,
    who: StaffDep,
    form: Annotated[PhotoForm, Form()],
) -> Response:
    with shown_again(lambda fresh, error: technician_page(request, fresh, who, technician_id, refusal=error)):
        set_portrait(work, mine(work, who, technician_id), _chosen(form))
    return RedirectResponse(f"/office/technicians/{technician_id}?saved=1#photo", 303)


@routes.post("/office/technicians/{technician_id}/photo/remove")
def remove(technician_id: str, work: WorkDep, who: StaffDep) -> Response:
    remove_portrait(work, mine(work, who, technician_id))
    return RedirectResponse(f"/office/technicians/{technician_id}?saved=1#photo", 303)


@routes.get("/office/technicians/{technician_id}/photo", response_class=JpegResponse)
def show(technician_id: str, work: ReadDep, who: StaffDep) -> Response:
    technician = mine(work, who, technician_id)
    return a_jpeg(get_portrait(work, Technician, technician.id), "technician.jpg")


@routes.post("/office/me/photo")
def put_mine(request: Request, work: WorkDep, who: StaffDep, form: Annotated[PhotoForm, Form()]) -> Response:
    with shown_again(lambda fresh, error: own_page(request, fresh, who, error=error)):
        set_portrait(work, get_dispatcher(work.session, who.subject_id), _chosen(form))
    return RedirectResponse("/office/me?saved=1#photo", 303)


@routes.post("/office/me/photo/remove")
def remove_mine(work: WorkDep, who: StaffDep) -> Response:
    remove_portrait(work, get_dispatcher(work.session, who.subject_id))
    return RedirectResponse("/office/me?saved=1#photo", 303)


@routes.get("/office/me/photo", response_class=JpegResponse)
def show_mine(work: ReadDep, who: StaffDep) -> Response:
    return a_jpeg(get_portrait(work, Dispatcher, who.subject_id), "me.jpg")


@routes.get("/v/{token}/technician.jpg", response_class=JpegResponse)
def show_who_comes(token: str, work: ReadDep, who: TrackDep) -> Response:
    """While they come."""
    card = card_of(work, who.visit_id or "")
    if not may_see_portrait(card):
        raise NotFound("There is no photo.")
    return a_jpeg(get_portrait(work, Technician, card.technician_id), "technician.jpg")


@routes.get("/v/{token}/caller.jpg", response_class=JpegResponse)
def show_who_rings(token: str, work: ReadDep, who: TrackDep) -> Response:
    """While a call of theirs is still to be made."""
    call = card_of(work, who.visit_id or "").callback
    return a_jpeg(get_portrait(work, Dispatcher, call.person_id if call else None), "caller.jpg")


def _chosen(form: PhotoForm) -> Picture:
    content = uploaded(form.photo)
    if not content:
        raise Invalid.field("photo", "missing", "Please choose a photo first.")
    return drawn_again(content, longest=LONGEST)
