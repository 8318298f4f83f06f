"""Recording that a promise broke. A recovery opens in the same work."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dispatch.errors import StateConflict
from dispatch.events import FailureContested, FailureNoticed
from dispatch.failures.queries import find_failure
from dispatch.failures.rules import FAULT_OF
from dispatch.failures.tables import Failure, FailureKind, Fault
from dispatch.local_time import local_day
from dispatch.plans.queries import find_assignment
from dispatch.promises.actions import settle_promise
from dispatch.promises.queries import current_promise
from dispatch.promises.states import PromiseState
from dispatch.recoveries.actions import open_recovery, reopen
from dispatch.recoveries.queries import find_open
from dispatch.territories.queries import get_territory
from dispatch.visits.actions import move
from dispatch.visits.states import Signal, VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work

FAILED_ONCE_PRIORITY = 4


def notice(
    work: Work,
    visit: Visit,
    kind: FailureKind,
    *,
    noticed_by: str,
    certain_at: dt.datetime,
    technician_id: str | None = None,
    fault: Fault | None = None,
    evidence: dict[str, Any] | None = None,
) -> Failure:
    """The current promise of `visit` is broken; noticing it twice gives the same failure.

    From now on the visit outranks everything but an emergency, and a recovery with an owner is open. Where
    somebody came after all and it failed again, the failure tells the newer trouble and its recovery starts anew.
    """
    promise = current_promise(work.session, visit)
    known = find_failure(work.session, visit.id, promise.version)
    if known and visit.state is not VisitState.ON_SITE:
        return known
    territory = get_territory(work.session, visit.territory_id)
    placed = find_assignment(work.session, visit.id)
    technician_id = technician_id or visit.technician_id or (placed.technician_id if placed else None)
    settle_promise(work, visit, PromiseState.BROKEN)
    move(work, visit, Signal.FAIL, technician_id=technician_id, reason=kind.value)
    visit.failures, visit.at_risk_at = visit.failures + 1, None
    visit.priority = max(visit.priority, FAILED_ONCE_PRIORITY)
    if placed:
        placed.active = False
        work.session.add(placed)
    failure = Failure(
        id=known.id if known else work.new_id(),
        visit_id=visit.id,
        promise_version=promise.version,
        kind=kind,
        fault=fault or FAULT_OF[kind],
        technician_id=technician_id,
        evidence=evidence or {},
        certain_at=certain_at,
        noticed_at=work.now,
        noticed_by=noticed_by,
    )
    failure = work.session.merge(failure)
    work.session.flush()
    work.record(
        FailureNoticed(
            visit_id=visit.id,
            failure_id=failure.id,
            promise_version=promise.version,
            failure=kind.value,
            fault=failure.fault.value,
            noticed_by=noticed_by,
            certain_at=certain_at,
        )
    )
    before = find_open(work.session, visit.id)
    if known and before and before.failure_id == known.id:
        reopen(work, before, territory, certain_at=certain_at)
    else:
        day = local_day(work.now, territory.zone)
        open_recovery(work, visit, territory, failure_id=failure.id, day=day, certain_at=certain_at)
    return failure


def contest(work: Work, failure: Failure) -> None:
    """'I was at home': one tap, and the fault is no longer the customer's.

    Raises StateConflict for a failure that nobody blamed on the customer, or contested before.
    """
    if failure.kind is not FailureKind.CUSTOMER_ABSENT:
        raise StateConflict("Nobody says that this was your doing.", current_state=failure.fault.value)
    if failure.contested_at is not None:
        raise StateConflict("You have already told us. We believe you.", current_state="contested")
    failure.contested_at, failure.fault = work.now, Fault.UNKNOWN
    work.session.add(failure)
    work.record(FailureContested(visit_id=failure.visit_id, failure_id=failure.id))
