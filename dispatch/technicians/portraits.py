"""A technician's photo, for the customer whom they visit: so that whoever rings at the door is known."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import defer

from dispatch.errors import NotFound
from dispatch.events import TechnicianPictured
from dispatch.ledger import commit_to
from dispatch.technicians.tables import Portrait, Technician
from dispatch.work import Work


def set_portrait(work: Work, technician: Technician, content: bytes, *, width: int, height: int) -> None:
    """The one photo; a new one takes the place of the one before, of which nothing is kept."""
    row = work.session.get(Portrait, technician.id) or Portrait(
        technician_id=technician.id, version=0, set_at=work.now
    )
    row.version, row.set_at = row.version + 1, work.now
    row.content, row.width, row.height = content, width, height
    work.session.add(row)
    commitment = commit_to(technician.salt, content.hex())
    work.record(TechnicianPictured(technician_id=technician.id, commitment=commitment))


def remove_portrait(work: Work, technician: Technician) -> None:
    """None is fine: customers read the first name alone. Twice changes nothing."""
    row = find_portrait(work, technician.id)
    if row is None:
        return
    row.content, row.width, row.height = None, 0, 0
    work.session.add(row)
    work.record(TechnicianPictured(technician_id=technician.id))


def find_portrait(work: Work, technician_id: str | None) -> Portrait | None:
    """The photo's version and size; the photo itself is read when it is asked for."""
    if technician_id is None:
        return None
    photo: Any = Portrait.content
    row = work.session.get(Portrait, technician_id, options=[defer(photo)])
    return row if row and row.width else None


def get_portrait(work: Work, technician_id: str | None) -> Portrait:
    """Raises NotFound where there is none."""
    row = find_portrait(work, technician_id)
    if row is None:
        raise NotFound("There is no photo.")
    return row
