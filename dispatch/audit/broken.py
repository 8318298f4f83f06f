"""Broken promises do not go unnoticed, unowned or untold."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import col, select

from dispatch.audit.calendar import Office, offices
from dispatch.audit.check import Check, Finding, pick
from dispatch.callbacks.tables import Callback
from dispatch.failures.tables import Failure
from dispatch.promises.states import PromiseState
from dispatch.promises.tables import Promise
from dispatch.recoveries.states import RecoveryState
from dispatch.recoveries.tables import Offer, Recovery
from dispatch.visits.tables import Visit
from dispatch.work import Work

NOTICED = dt.timedelta(minutes=5)
OWNED = dt.timedelta(minutes=10)
TOLD = dt.timedelta(minutes=15)
OUTCOMES = frozenset({"done_same_day", "done_later", "closed", "customer_cancelled", "failed_again"})


class LateIsAFailure(Check):
    number = "I-31"
    rule = (
        "Where nobody had arrived when the window and its grace were over, that promise has its one failure "
        "five minutes later."
    )
    when_it_fires = (
        "The watch of the day is not running, or missed this one. Check that the jobs run (`makegood doctor`), "
        "report 'nobody came' for the visit, and ring the customer."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        houses = offices(work)
        query = (
            pick(
                Promise,
                Visit.territory_id,
                Visit.reference,
                Visit.promise_version,
                Visit.arrived_at,
                Failure.id,
            )
            .join(Visit, col(Visit.id) == col(Promise.visit_id))
            .outerjoin(
                Failure,
                (col(Failure.visit_id) == col(Promise.visit_id))
                & (col(Failure.promise_version) == col(Promise.version)),
            )
            .where(Promise.end_at <= work.now - NOTICED)
            .execution_options(yield_per=1000)
        )
        seen: set[str] = set()
        for promise, territory_id, reference, version, arrived_at, failure_id in work.session.exec(query):
            office = houses.get(territory_id)
            if failure_id and promise.id in seen:
                words = f"Promise {promise.version} of visit {reference} has failed twice."
                yield self.finding(promise.visit_id, words)
            seen.add(promise.id)
            if failure_id or office is None:
                continue
            late_at = promise.end_at + dt.timedelta(seconds=office.policies.grace_seconds)
            arrived = arrived_at if promise.version == version else None
            if work.now >= late_at + NOTICED and not _in_time(promise, arrived, late_at):
                words = f"Nobody had come to visit {reference} by {late_at:%d %b %H:%M} UTC: no failure is on record."
                yield self.finding(promise.visit_id, words)


def _in_time(promise: Promise, arrived_at: dt.datetime | None, late_at: dt.datetime) -> bool:
    """Whether somebody came, or the promise was moved or given up, before it was late."""
    if arrived_at is not None and arrived_at <= late_at:
        return True
    settled = promise.state not in (PromiseState.OPEN, PromiseState.BROKEN)
    return settled and promise.settled_at is not None and promise.settled_at <= late_at


@dataclass(frozen=True, slots=True)
class _Trace:
    """What people did about recoveries: calls by visit, and which recoveries have an option or a call."""

    calls: dict[str, list[Callback]]
    answered: set[str]


class FailuresAreMadeGood(Check):
    number = "I-32"
    rule = (
        "A failure is noticed within 5 minutes of being certain, owned within 10, told or in a person's hands "
        "within 15; by the day's end there is an option or a conversation; and it ends in an allowed way."
    )
    when_it_fires = (
        "Take the recovery over, ring the customer now and offer something concrete. When many fire together, "
        "the jobs or the texts stood still: `makegood doctor` says which."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        houses = offices(work)
        trace = _traces(work)
        query = (
            pick(Failure, Visit.territory_id, Visit.reference, Recovery)
            .join(Visit, col(Visit.id) == col(Failure.visit_id))
            .outerjoin(Recovery, col(Recovery.failure_id) == col(Failure.id))
            .execution_options(yield_per=1000)
        )
        for failure, territory_id, reference, recovery in work.session.exec(query):
            office = houses.get(territory_id)
            if office is None:
                continue
            for sentence in _shortcomings(failure, recovery, office, trace, now=work.now):
                yield self.finding(recovery.id if recovery else failure.id, f"Visit {reference}: {sentence}")


def _traces(work: Work) -> _Trace:
    calls: dict[str, list[Callback]] = defaultdict(list)
    answered = set(work.session.exec(select(Offer.recovery_id).distinct()))
    for call in work.session.exec(select(Callback).where(col(Callback.visit_id).is_not(None))):
        calls[call.visit_id or ""].append(call)
        answered.add(call.recovery_id or "")
    return _Trace(calls, answered)


def _shortcomings(
    failure: Failure, recovery: Recovery | None, office: Office, trace: _Trace, *, now: dt.datetime
) -> Iterator[str]:
    grace = dt.timedelta(seconds=office.policies.grace_seconds if failure.noticed_by == "window_over" else 0)
    if failure.noticed_at > failure.certain_at + grace + NOTICED:
        late = (failure.noticed_at - failure.certain_at) // dt.timedelta(minutes=1)
        yield f"a broken promise was noticed {late} minutes after it was certain."
    if recovery is None:
        yield "a failure has no recovery."
        return
    if recovery.owner_id is None and now > recovery.noticed_at + OWNED:
        yield "nobody owns the recovery."
    if now > recovery.noticed_at + TOLD and not _was_told(recovery, trace.calls.get(recovery.visit_id, [])):
        yield "the customer was not told in time, and nobody was asked to ring."
    if now >= office.ends_at(office.day_of(recovery.noticed_at)) and not _was_answered(recovery, trace):
        yield "the day ended without an option or a conversation."
    if recovery.state is RecoveryState.CLOSED:
        if recovery.outcome not in OUTCOMES:
            yield f"the recovery ended as {recovery.outcome!r}, which is no way to end."
        elif recovery.outcome == "closed" and not (recovery.decided_by and recovery.decided_reason):
            yield "the recovery was closed by nobody, or for no reason."


def _was_told(recovery: Recovery, calls: list[Callback]) -> bool:
    """Told by text, heard from, over, or a person had it, by the time limit."""
    limit = recovery.noticed_at + TOLD
    if any(
        at is not None and at <= limit for at in (recovery.told_at, recovery.chosen_at, recovery.closed_at)
    ):
        return True
    return any(
        call.opened_at <= limit and (call.done_at is None or call.done_at >= recovery.noticed_at)
        for call in calls
    )


def _was_answered(recovery: Recovery, trace: _Trace) -> bool:
    over = recovery.state is RecoveryState.CLOSED or recovery.decided_by is not None
    return over or recovery.id in trace.answered
