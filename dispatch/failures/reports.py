"""What a customer says: nobody came."""

from __future__ import annotations

import datetime as dt

from dispatch.callbacks.actions import promise_callback
from dispatch.errors import StateConflict
from dispatch.events import NobodyCameReported
from dispatch.failures.actions import notice
from dispatch.failures.tables import FailureKind, Fault
from dispatch.local_time import local_day
from dispatch.plans.queries import find_assignment
from dispatch.plans.turns import take_visit
from dispatch.promises.queries import current_promise
from dispatch.recoveries.making_good import make_good
from dispatch.technicians.queries import get_technician
from dispatch.technicians.signs_of_life import prompt
from dispatch.territories.queries import get_territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work


def report_nobody_came(work: Work, visit_id: str, *, how: str) -> Visit:
    """Take a customer's word for it.

    Before the window begins: StateConflict with the window. While it runs: kept as a report, and the
    technician is asked where they are. Once it is over, or when somebody claims to be there: a failure,
    repaired at once. Of a visit that is done, a person talks with them. A recovery that is open already
    has its own offers: nothing is doubled.
    """
    visit = take_visit(work, visit_id)
    territory = get_territory(work.session, visit.territory_id)
    promise = current_promise(work.session, visit)
    if visit.state in (VisitState.CANCELLED, VisitState.CLOSED):
        raise StateConflict("Nobody was coming: this visit is over.", current_state=visit.state.value)
    if work.now < promise.start_at:
        words = f"Your window is {promise.local_text}. It has not begun yet."
        raise StateConflict(words, current_state=visit.state.value)
    work.record(NobodyCameReported(visit_id=visit.id, how=how))
    if visit.state is VisitState.FAILED:
        return visit
    if visit.state is VisitState.DONE:  # their word against ours: a person sorts it out
        promise_callback(work, territory_id=territory.id, about="nobody_came", visit_id=visit.id)
        return visit
    if visit.state is VisitState.ON_SITE:
        _believe(work, visit)
    elif work.now >= promise.end_at:
        notice(
            work,
            visit,
            FailureKind.TECHNICIAN_ABSENT,
            noticed_by="customer",
            certain_at=promise.end_at,
            evidence={"reported_at": work.now.isoformat(), "how": how},
        )
    else:
        _ask_technician(work, visit, promise.end_at)
        return visit
    work.session.flush()
    make_good(work, territory, local_day(work.now, territory.zone))
    return visit


def _believe(work: Work, visit: Visit) -> None:
    """The technician says they were there, the customer says nobody came: broken, fault unknown."""
    notice(
        work,
        visit,
        FailureKind.TECHNICIAN_ABSENT,
        noticed_by="customer",
        certain_at=work.now,
        fault=Fault.UNKNOWN,
        evidence={"claimed_arrival_at": visit.arrived_at.isoformat() if visit.arrived_at else None},
    )


def _ask_technician(work: Work, visit: Visit, window_end_at: dt.datetime) -> None:
    placed = find_assignment(work.session, visit.id)
    if placed and placed.technician_id and visit.state is VisitState.BOOKED:
        technician = get_technician(work.session, placed.technician_id)
        prompt(
            work,
            technician,
            visit_id=visit.id,
            promise_version=visit.promise_version,
            leave_by_at=min(placed.busy_from_at or work.now, window_end_at),
        )
