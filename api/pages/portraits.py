"""A technician's photo: set by the office, seen by the customer whom that technician visits, and by nobody else."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import ReadDep, StaffDep, TrackDep, WorkDep
from api.pages.again import Sent, shown_again
from api.pages.calls import a_jpeg, uploaded
from api.pages.office.technicians import technician_page
from api.pages.tracking import theirs
from api.photos import drawn_again
from api.routers.photos import JpegResponse, PhotoRoute
from api.routers.technicians import mine
from api.strict import router
from dispatch.board.card import card_of
from dispatch.board.seen import may_see_portrait
from dispatch.errors import Invalid, NotFound
from dispatch.technicians.portraits import get_portrait, remove_portrait, set_portrait

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
        technician = mine(work, who, technician_id)
        content = uploaded(form.photo)
        if not content:
            raise Invalid.field("photo", "missing", "Please choose a photo first.")
        drawn = drawn_again(content, longest=LONGEST)
        set_portrait(work, technician, drawn.content, width=drawn.width, height=drawn.height)
    return RedirectResponse(f"/office/technicians/{technician_id}?saved=1#photo", 303)


@routes.post("/office/technicians/{technician_id}/photo/remove")
def remove(technician_id: str, work: WorkDep, who: StaffDep) -> Response:
    remove_portrait(work, mine(work, who, technician_id))
    return RedirectResponse(f"/office/technicians/{technician_id}?saved=1#photo", 303)


@routes.get("/office/technicians/{technician_id}/photo", response_class=JpegResponse)
def show(technician_id: str, work: ReadDep, who: StaffDep) -> Response:
    technician = mine(work, who, technician_id)
    return a_jpeg(get_portrait(work, technician.id).content or b"", "technician.jpg")


@routes.get("/v/{token}/technician.jpg", response_class=JpegResponse)
def show_to_customer(token: str, work: ReadDep, who: TrackDep) -> Response:
    """Who comes, while they come."""
    card = card_of(work, theirs(work, who))
    if not may_see_portrait(card):
        raise NotFound("There is no photo.")
    return a_jpeg(get_portrait(work, card.technician_id).content or b"", "technician.jpg")
