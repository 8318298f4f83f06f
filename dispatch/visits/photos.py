"""Pictures of a visit: what the door looked like, and the work when it was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select

from dispatch.errors import NotFound, StateConflict
from dispatch.events import PhotoKept
from dispatch.ledger import commit_to
from dispatch.technicians.tables import Technician
from dispatch.visits.tables import Photo, Visit
from dispatch.work import Work

MOST = 12


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG of ours: nothing of the file that came is in it but what can be seen."""

    content: bytes
    width: int
    height: int


def keep_photo(
    work: Work,
    technician: Technician,
    visit: Visit,
    picture: Picture,
    *,
    client_photo_id: str,
    taken_at: datetime,
) -> Photo:
    """Keep it once, however often it is sent. Raises StateConflict for more than anybody looks at."""
    query = select(Photo).where(
        Photo.technician_id == technician.id, Photo.client_photo_id == client_photo_id
    )
    known = work.session.exec(query).first()
    if known is not None:
        return known
    count = work.session.exec(select(func.count()).select_from(Photo).where(Photo.visit_id == visit.id)).one()
    if count >= MOST:
        raise StateConflict(f"A visit has at most {MOST} photos.", current_state="full")
    photo = Photo(
        id=work.new_id(),
        visit_id=visit.id,
        technician_id=technician.id,
        client_photo_id=client_photo_id,
        taken_at=min(taken_at, work.now),
        received_at=work.now,
        width=picture.width,
        height=picture.height,
        content=picture.content,
        salt=work.chance.salt(),
    )
    work.session.add(photo)
    commitment = commit_to(photo.salt, picture.content.hex())
    work.record(PhotoKept(visit_id=visit.id, photo_id=photo.id, commitment=commitment))
    return photo


def list_photos(work: Work, visit_id: str) -> Sequence[Photo]:
    """In the order in which they were taken."""
    query = select(Photo).where(Photo.visit_id == visit_id)
    return work.session.exec(query.order_by(col(Photo.taken_at), col(Photo.id))).all()


def get_photo(work: Work, visit_id: str, photo_id: str) -> Photo:
    photo = work.session.get(Photo, photo_id)
    if photo is None or photo.visit_id != visit_id:
        raise NotFound("There is no such photo.")
    return photo
