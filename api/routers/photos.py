"""Photos of a visit: sent by the phone of whoever is there, seen by them and by the office, by nobody else."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from api.deps import CrewOrOfficeDep, ReadDep, WorkDep
from api.device_rate import PhoneDep
from api.photos import MOST_BYTES, drawn_again
from api.routers.visits import may_see, theirs
from api.schemas.base import InstantIn
from api.schemas.device import ClientEventId, PhotoOut
from api.strict import StrictRoute, router
from dispatch.errors import NotFound
from dispatch.field.reports import OLDEST, true_time, was_theirs
from dispatch.technicians.queries import get_technician
from dispatch.visits.photos import get_photo, keep_photo
from dispatch.visits.queries import get_visit


class PhotoRoute(StrictRoute):
    max_bytes = MOST_BYTES


async def the_body(request: Request) -> bytes:
    return await request.body()


BodyDep = Annotated[bytes, Depends(the_body)]
A_PHOTO = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "image/webp")
        },
    }
}


class JpegResponse(Response):
    media_type = "image/jpeg"


routes = router("/api/v1/visits/{visit_id}/photos", "visits", route_class=PhotoRoute)


@routes.post("", status_code=201, openapi_extra=A_PHOTO)
def send(
    visit_id: str,
    body: BodyDep,
    work: WorkDep,
    who: PhoneDep,
    client_photo_id: ClientEventId,
    at: InstantIn,
    sent_at: Annotated[InstantIn | None, Query()] = None,
) -> PhotoOut:
    """One photo as it is; `at` and `sent_at` are what the phone's clock showed. Sent again it is the same photo.

    Also of a visit that somebody else has by now, within a day: the phone that took it may have had no network.
    """
    technician = get_technician(work.session, who.subject_id)
    taken_at = true_time(at, work.now - sent_at) if sent_at else at
    visit = get_visit(work.session, visit_id)
    is_late_word = was_theirs(work, technician, visit.id) and taken_at >= work.now - OLDEST
    if not (may_see(work, who, visit) or is_late_word):
        raise NotFound("There is no such visit.")
    picture = drawn_again(body)
    photo = keep_photo(work, technician, visit, picture, client_photo_id=client_photo_id, taken_at=taken_at)
    return PhotoOut(photo_id=photo.id, width=photo.width, height=photo.height)


@routes.get("/{photo_id}", response_class=JpegResponse)
def show(visit_id: str, photo_id: str, work: ReadDep, who: CrewOrOfficeDep) -> Response:
    visit = theirs(work, who, visit_id)
    photo = get_photo(work, visit.id, photo_id)
    name = f"{visit.reference}-{photo.id[-6:]}.jpg"
    return JpegResponse(
        photo.content,
        headers={"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"},
    )
