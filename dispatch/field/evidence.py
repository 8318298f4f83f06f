"""What a step is measured by when it comes late: how long somebody was at the door, and for which promise they came."""

from __future__ import annotations

import datetime as dt

from sqlmodel import col, select

from dispatch.errors import StateConflict
from dispatch.local_time import local_day, say_window
from dispatch.promises.queries import current_promise
from dispatch.technicians.tables import DeviceEvent
from dispatch.territories.queries import get_territory
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.work import Work


def seconds_at_the_door(work: Work, visit: Visit, occurred_at: dt.datetime | None) -> int:
    """By our clock since the arrival came in, or between the two instants that a phone without a network said."""
    ours = (work.now - (visit.arrived_at or work.now)).total_seconds()
    arrived_at = _said_arrival(work, visit) if occurred_at else None
    theirs = (occurred_at - arrived_at).total_seconds() if occurred_at and arrived_at else 0.0
    return round(max(ours, theirs, 0.0))


def _said_arrival(work: Work, visit: Visit) -> dt.datetime | None:
    """When the newest arrival happened, as the phone of whoever is there said."""
    query = select(DeviceEvent.occurred_at).where(
        DeviceEvent.technician_id == visit.technician_id,
        DeviceEvent.visit_id == visit.id,
        DeviceEvent.kind == "arrive",
        DeviceEvent.result == "applied",
    )
    return work.session.exec(query.order_by(col(DeviceEvent.occurred_at).desc()).limit(1)).first()


def require_same_day(work: Work, visit_id: str, promise_version: int) -> None:
    """A step towards a promise that has since been moved to another day. Raises StateConflict."""
    visit = get_visit(work.session, visit_id)
    if visit.promise_version == promise_version:
        return
    zone = get_territory(work.session, visit.territory_id).zone
    promise = current_promise(work.session, visit)
    if local_day(promise.start_at, zone) != local_day(work.now, zone):
        window = say_window(promise.start_at, promise.end_at, zone)
        raise StateConflict(f"This visit was moved to {window} meanwhile.", current_state=visit.state.value)
