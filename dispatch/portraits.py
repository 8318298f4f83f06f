"""What our people look like, for the customer whom they visit or ring: so that whoever comes is known at the door."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import defer

from dispatch.errors import NotFound
from dispatch.events import DispatcherPictured, Fact, TechnicianPictured
from dispatch.ledger import commit_to
from dispatch.store import PortraitRow
from dispatch.technicians.tables import Portrait, Technician
from dispatch.territories.tables import Dispatcher, DispatcherPortrait
from dispatch.visits.photos import Picture
from dispatch.work import Work

Person = Technician | Dispatcher


def set_portrait(work: Work, person: Person, picture: Picture) -> None:
    """The one photo; a new one takes the place of the one before, of which nothing is kept."""
    row = _kept(work, type(person), person.id) or _first(work, person)
    row.version, row.set_at = row.version + 1, work.now
    row.content, row.width, row.height = picture.content, picture.width, picture.height
    work.session.add(row)
    work.record(_pictured(person, commit_to(person.salt, picture.content.hex())))


def remove_portrait(work: Work, person: Person) -> None:
    """None is fine: customers read the first name alone. Twice changes nothing."""
    row = find_portrait(work, type(person), person.id)
    if row is None:
        return
    row.content, row.width, row.height = None, 0, 0
    work.session.add(row)
    work.record(_pictured(person, None))


def find_portrait(work: Work, kind: type[Person], person_id: str | None) -> PortraitRow | None:
    """The photo's version and size; the photo itself is read when it is asked for."""
    row = _kept(work, kind, person_id) if person_id else None
    return row if row and row.width else None


def get_portrait(work: Work, kind: type[Person], person_id: str | None) -> bytes:
    """A JPEG. Raises NotFound where there is none."""
    row = find_portrait(work, kind, person_id)
    if row is None or row.content is None:
        raise NotFound("There is no photo.")
    return row.content


def _kept(work: Work, kind: type[Person], person_id: str) -> PortraitRow | None:
    table: Any = Portrait if kind is Technician else DispatcherPortrait
    row: PortraitRow | None = work.session.get(table, person_id, options=[defer(table.content)])
    return row


def _first(work: Work, person: Person) -> PortraitRow:
    if isinstance(person, Technician):
        return Portrait(technician_id=person.id, version=0, set_at=work.now)
    return DispatcherPortrait(dispatcher_id=person.id, version=0, set_at=work.now)


def _pictured(person: Person, commitment: str | None) -> Fact:
    if isinstance(person, Technician):
        return TechnicianPictured(technician_id=person.id, commitment=commitment)
    return DispatcherPictured(
        dispatcher_id=person.id, territory_id=person.territory_id, commitment=commitment
    )
