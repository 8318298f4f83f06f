"""What a customer may change: another window, or none, with ten minutes to think again."""

from __future__ import annotations

import datetime as dt

from dispatch.bookings.actions import place_visit, request_of, use_hold, wanted_for
from dispatch.customers.actions import record_address
from dispatch.customers.queries import get_customer
from dispatch.errors import SlotTaken, StateConflict
from dispatch.events import VisitPlaceChanged
from dispatch.holds.actions import consume, make_hold, release
from dispatch.holds.queries import find_undo_hold
from dispatch.holds.tables import Hold, HoldPurpose
from dispatch.local_time import local_day
from dispatch.plans.actions import take_out
from dispatch.plans.queries import find_assignment, lock_day
from dispatch.promises.actions import make_promise, settle_promise
from dispatch.promises.queries import current_promise
from dispatch.promises.states import Agreed, PromiseState
from dispatch.promises.tables import Promise
from dispatch.territories.queries import get_territory
from dispatch.travel.port import Point
from dispatch.visits.actions import move
from dispatch.visits.states import Signal, VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work


def reschedule(work: Work, visit: Visit, hold: Hold, *, agreed_by: Agreed) -> None:
    """Move a booked visit to the window that `hold` keeps; the old promise stays in the record as moved.

    The place that it leaves is kept for the minutes in which the move can be undone, unless this undoes one.
    Raises StateConflict unless the visit is booked, SlotTaken when the hold ran out.
    """
    if visit.state is not VisitState.BOOKED:
        words = f"A visit that is {visit.state.replace('_', ' ')} cannot be moved here."
        raise StateConflict(words, current_state=visit.state.value)
    if hold.service_id != visit.service_id:
        raise SlotTaken("This time was kept for another kind of work.", alternatives=[])
    territory = get_territory(work.session, visit.territory_id)
    old = current_promise(work.session, visit)
    leaving = find_assignment(work.session, visit.id)
    place = (leaving.technician_id, leaving.start_at) if leaving and leaving.active else (None, None)
    take_out(work, territory, local_day(old.start_at, territory.zone), visit.id, cause="moved away")
    settle_promise(work, visit, PromiseState.MOVED)
    _forget_undoing(work, visit, but=hold)
    if hold.purpose is not HoldPurpose.UNDO:
        _keep_for_undoing(work, visit, old, place)
    lock_day(work.session, territory.id, hold.day)
    make_promise(
        work,
        visit,
        start_at=hold.start_at,
        end_at=hold.end_at,
        zone=territory.zone,
        agreed_by=agreed_by,
        agreed_how="reschedule",
        version=old.version + 1,
    )
    visit.at_risk_at = None
    use_hold(work, visit, hold, cause="moved here")


def undo_reschedule(work: Work, visit: Visit, *, agreed_by: Agreed) -> None:
    """Back to the window that the visit was moved away from. Raises StateConflict once the minutes are over."""
    hold = find_undo_hold(work.session, visit.id, work.now)
    if hold is None or visit.state is not VisitState.BOOKED:
        words = "The ten minutes are over. Please choose a time again."
        raise StateConflict(words, current_state=visit.state.value)
    reschedule(work, visit, hold, agreed_by=agreed_by)


def change_place(work: Work, visit: Visit, *, line: str, place: Point) -> None:
    """The same promise at another address, where the day can still keep it.

    Raises StateConflict unless the visit is booked and somebody can be there in the promised time, OutOfArea where we
    do not come, Invalid for an unfit address.
    """
    if visit.state is not VisitState.BOOKED:
        raise StateConflict(
            "The address cannot be changed now. Please ring us.", current_state=visit.state.value
        )
    territory = get_territory(work.session, visit.territory_id)
    customer = get_customer(work.session, visit.customer_id)
    address = record_address(work, customer, territory, line=line, place=place)
    if address.id == visit.address_id:
        return
    day = local_day(current_promise(work.session, visit).start_at, territory.zone)
    row = find_assignment(work.session, visit.id)
    is_placed = row is not None and row.active and row.technician_id is not None
    if is_placed:
        take_out(work, territory, day, visit.id, cause="another address")
    visit.address_id = address.id
    work.session.add(visit)
    work.session.flush()
    if is_placed:
        try:
            place_visit(work, visit, day, cause="another address")
        except SlotTaken as taken:
            words = "We cannot be there in the promised time. Please choose another time first, or ring us."
            raise StateConflict(words, current_state=visit.state.value) from taken
    work.record(VisitPlaceChanged(visit_id=visit.id, address_id=address.id))


def cancel(work: Work, visit: Visit, *, reason: str = "customer") -> None:
    """Cancel before the work began; a hold keeps the place for the minutes in which it can be undone.

    Raises StateConflict for a visit that is on site, done or broken; cancelling twice changes nothing.
    """
    if visit.state is VisitState.CANCELLED:
        return
    promise = current_promise(work.session, visit)
    row = find_assignment(work.session, visit.id)
    placed = (row.technician_id, row.start_at) if row and row.active else (None, None)
    move(work, visit, Signal.CANCEL, reason=reason)
    visit.at_risk_at = None
    settle_promise(work, visit, PromiseState.RELEASED)
    if row:
        row.active = False
        work.session.add(row)
    _forget_undoing(work, visit)
    _keep_for_undoing(work, visit, promise, placed)


def undo_cancel(work: Work, visit: Visit) -> None:
    """Take a cancellation back while its hold lives. Raises StateConflict once the minutes are over."""
    hold = find_undo_hold(work.session, visit.id, work.now)
    if hold is None or visit.state is not VisitState.CANCELLED:
        words = "The ten minutes are over. Please book again; we have kept your details."
        raise StateConflict(words, current_state=visit.state.value)
    move(work, visit, Signal.UNDO_CANCEL)
    visit.undo_until_at = None
    settle_promise(work, visit, PromiseState.OPEN)
    consume(work, hold, visit.id)
    row = find_assignment(work.session, visit.id)
    if hold.technician_id:
        place_visit(work, visit, hold.day, cause="cancellation undone")
    elif row:  # it was left out before, and its owner has it again
        row.active = True
        work.session.add(row)


def _keep_for_undoing(
    work: Work, visit: Visit, promise: Promise, place: tuple[str | None, dt.datetime | None]
) -> None:
    """Nobody else gets the window, nor the place that stood in it, until the policy's minutes are over."""
    territory = get_territory(work.session, visit.territory_id)
    visit.undo_until_at = work.now + dt.timedelta(seconds=territory.policies.cancel_undo_seconds)
    wanted = wanted_for(
        request_of(work, visit),
        local_day(promise.start_at, territory.zone),
        start_at=promise.start_at,
        end_at=promise.end_at,
        visit_id=visit.id,
    )
    technician_id, start_at = place
    make_hold(
        work,
        wanted,
        HoldPurpose.UNDO,
        expires_at=visit.undo_until_at,
        technician_id=technician_id,
        planned_start_at=start_at,
    )


def _forget_undoing(work: Work, visit: Visit, *, but: Hold | None = None) -> None:
    """What was kept for an earlier change of mind is given back; only the newest can be undone."""
    visit.undo_until_at = None
    kept = find_undo_hold(work.session, visit.id, work.now)
    if kept and kept is not but:
        release(work, kept)
        work.session.flush()
