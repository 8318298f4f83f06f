"""A technician cannot take a visit: somebody else does, in the promised time, or nothing changes."""

from __future__ import annotations

import datetime as dt

from dispatch.bookings.actions import place_visit
from dispatch.errors import Invalid, NotFound, SlotTaken, StateConflict
from dispatch.events import VisitDeclined
from dispatch.field.listed import NOT_LISTED, take_listed
from dispatch.plans.actions import take_out
from dispatch.technicians.signs_of_life import hear_from
from dispatch.technicians.tables import Decline, Technician
from dispatch.territories.queries import get_territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.words import clean
from dispatch.work import Work

SHORTEST = 3


def decline(work: Work, technician: Technician, visit_id: str, reason: str) -> Visit:
    """Hand a visit that was not begun to whoever else can keep its promise; it does not come back to them.

    Raises StateConflict when nobody can: a promise is not left without anybody. Then people decide.
    """
    if len(reason.strip()) < SHORTEST:
        raise Invalid.field("note", "reason_missing", "Please say why, in a few words.")
    visit, day = _theirs(work, technician, visit_id)
    hear_from(work, technician, "declined")
    visit.excluded = [*visit.excluded, technician.id]
    work.session.add(visit)
    work.session.add(
        Decline(
            id=work.new_id(),
            visit_id=visit.id,
            technician_id=technician.id,
            reason=clean(reason, "note", limit=300),
            declined_at=work.now,
        )
    )
    work.record(VisitDeclined(visit_id=visit.id, technician_id=technician.id))
    territory = get_territory(work.session, visit.territory_id)
    take_out(work, territory, day, visit.id, cause="declined")
    try:
        place_visit(work, visit, day, cause="declined")
    except SlotTaken:
        ring = f" Please ring the office: {territory.office_phone}." if territory.office_phone else ""
        raise StateConflict(
            f"Nobody else can be there in the promised time: it stays with you.{ring}",
            current_state=visit.state.value,
        ) from None
    return visit


def _theirs(work: Work, technician: Technician, visit_id: str) -> tuple[Visit, dt.date]:
    """The visit and its day, when it stands with them and was not begun."""
    visit, placed = take_listed(work, visit_id)
    if placed is None or placed.technician_id != technician.id:
        raise NotFound(NOT_LISTED)
    if visit.state is not VisitState.BOOKED or not placed.active:
        raise StateConflict(
            "Only a visit that was not begun can be handed on.", current_state=visit.state.value
        )
    return visit, placed.day
