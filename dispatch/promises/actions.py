"""Making a promise and settling it. Older versions stay for ever."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from dispatch.errors import Invalid
from dispatch.events import PromiseMade, PromiseSettled
from dispatch.local_time import say_window
from dispatch.promises.queries import current_promise
from dispatch.promises.states import Agreed, PromiseState, settle
from dispatch.promises.tables import Promise
from dispatch.visits.tables import Visit
from dispatch.work import Work


def make_promise(
    work: Work,
    visit: Visit,
    *,
    start_at: datetime,
    end_at: datetime,
    zone: ZoneInfo,
    agreed_by: Agreed,
    agreed_how: str,
    version: int,
) -> Promise:
    """Promise version `version` of `visit`. Raises Invalid for a window that is empty or over."""
    if end_at <= start_at:
        raise Invalid.field("end_at", "window_empty", "A window ends after it begins.")
    if end_at <= work.now:
        raise Invalid.field("end_at", "window_past", "This window is already over.")
    promise = Promise(
        id=work.new_id(),
        visit_id=visit.id,
        version=version,
        start_at=start_at,
        end_at=end_at,
        zone=zone.key,
        local_text=say_window(start_at, end_at, zone),
        state=PromiseState.OPEN,
        made_at=work.now,
        agreed_by=agreed_by,
        agreed_how=agreed_how,
    )
    visit.promise_version = version
    work.session.add_all([promise, visit])
    work.session.flush()
    work.record(
        PromiseMade(
            visit_id=visit.id,
            version=version,
            start_at=start_at,
            end_at=end_at,
            zone=zone.key,
            agreed_by=agreed_by.value,
            agreed_how=agreed_how,
        )
    )
    return promise


def settle_promise(work: Work, visit: Visit, outcome: PromiseState) -> Promise:
    """Settle the current promise of `visit`; settling it the same way twice changes nothing."""
    promise = current_promise(work.session, visit)
    if promise.state is outcome:
        return promise
    promise.state, promise.settled_at = settle(promise.state, outcome), work.now
    work.session.add(promise)
    work.record(PromiseSettled(visit_id=visit.id, version=promise.version, outcome=outcome.value))
    return promise
