"""Nobody is forgotten: every live visit has a keeper, and every day closes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlmodel import col, select

from dispatch.audit.calendar import Office, offices
from dispatch.audit.check import Check, Finding, pick
from dispatch.failures.tables import Failure
from dispatch.plans.tables import Assignment, PlanDay
from dispatch.promises.states import Agreed, PromiseState
from dispatch.promises.tables import Promise
from dispatch.recoveries.states import RecoveryState
from dispatch.recoveries.tables import Recovery
from dispatch.visits.states import LIVE, UNSTARTED, VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work

CLOSING = dt.timedelta(minutes=30)
SECOND = dt.timedelta(seconds=1)


class EveryVisitHasAKeeper(Check):
    number = "I-7"
    rule = (
        "Every live visit inside the planning horizon is placed in its day's plan or left out with a reason "
        "and an owner; on site it has a technician, failed it has an open recovery with an owner."
    )
    when_it_fires = (
        "Nobody is coming to this customer and nobody knows. Plan the day again; where that does not help, "
        "take the visit over by name and ring the customer before the window begins."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        houses = offices(work)
        owners = _owners(work)
        versions = _versions(work)
        query = (
            pick(Visit, Promise.start_at, Assignment)
            .join(Promise, col(Promise.visit_id) == col(Visit.id))
            .outerjoin(Assignment, col(Assignment.visit_id) == col(Visit.id))
            .where(Promise.version == Visit.promise_version, col(Visit.state).in_(LIVE))
        )
        for visit, start_at, row in work.session.exec(query):
            office = houses.get(visit.territory_id)
            if visit.state is VisitState.ON_SITE:
                sentence = None if visit.technician_id else "is on site with nobody."
            elif visit.state is VisitState.FAILED:
                sentence = _unowned(visit.id, owners)
            elif office is None or not office.is_planned(office.day_of(start_at)):
                continue
            else:
                sentence = _unplaced(row, office, office.day_of(start_at), versions)
            if sentence:
                yield self.finding(visit.id, f"Visit {visit.reference} {sentence}")
        promised = select(Promise.id).where(
            Promise.visit_id == Visit.id, Promise.version == Visit.promise_version
        )
        bare = pick(Visit.id, Visit.reference).where(col(Visit.state).in_(LIVE), ~promised.exists())
        for visit_id, reference in work.session.exec(bare):
            yield self.finding(visit_id, f"Visit {reference} is live without a promise.")


def _owners(work: Work) -> dict[str, str | None]:
    query = pick(Recovery.visit_id, Recovery.owner_id).where(Recovery.state != RecoveryState.CLOSED)
    return dict(work.session.exec(query).all())


def _versions(work: Work) -> dict[tuple[str, dt.date], int]:
    query = pick(PlanDay.territory_id, PlanDay.day, PlanDay.version)
    return {(territory_id, day): version for territory_id, day, version in work.session.exec(query)}


def _unowned(visit_id: str, owners: dict[str, str | None]) -> str | None:
    if visit_id not in owners:
        return "has failed and nothing is being done about it."
    return None if owners[visit_id] else "has failed and nobody owns its recovery."


def _unplaced(
    row: Assignment | None, office: Office, day: dt.date, versions: dict[tuple[str, dt.date], int]
) -> str | None:
    """Why this assignment keeps nobody, for a visit promised on `day`; None when it does."""
    if row is None or not row.active:
        return f"is promised for {day} and stands in no plan."
    if (row.territory_id, row.day) != (office.territory.id, day):
        return f"is promised for {day} and planned for {row.day}."
    if row.technician_id and not (row.busy_from_at and row.start_at and row.end_at):
        return f"is with a technician on {day}, at no time."
    if not row.technician_id and not (row.reason and row.owner_id):
        return f"is left out of {day} without a reason and an owner."
    if row.plan_version > versions.get((row.territory_id, row.day), 0):
        return f"claims a plan of {day} that was never published."
    return None


class EveryDayCloses(Check):
    number = "I-8"
    rule = (
        "Half an hour after a local day ends, every visit promised for it is done, cancelled, moved with the "
        "customer's agreement, or has a failure that somebody owns."
    )
    when_it_fires = (
        "Ring the customer now: say what happened, agree on what comes next, and record it. "
        "Ask the technician for the steps that are missing."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        houses = offices(work)
        owned, agreed = _failure_owners(work), _agreements(work)
        query = (
            pick(
                Promise,
                Visit.territory_id,
                Visit.state,
                Visit.reference,
                Visit.promise_version,
                Visit.arrived_at,
                Visit.duration_seconds,
            )
            .join(Visit, col(Visit.id) == col(Promise.visit_id))
            .where(Promise.start_at < work.now)
            .execution_options(yield_per=1000)
        )
        rows = work.session.exec(query)
        for promise, territory_id, state, reference, version, arrived_at, work_seconds in rows:
            office = houses.get(territory_id)
            if office is None:
                continue
            day = office.day_of(promise.start_at)
            if work.now < office.ends_at(day) + CLOSING:
                continue
            current = state if promise.version == version else None
            if current is VisitState.ON_SITE and arrived_at:
                over_at = max(office.ends_at(office.day_of(arrived_at)), arrived_at + work_seconds * SECOND)
                if work.now < over_at + CLOSING:
                    continue
            sentence = _left_open(promise, current, owned, agreed)
            if sentence:
                yield self.finding(promise.visit_id, f"{day} is over: visit {reference} {sentence}")


def _failure_owners(work: Work) -> dict[tuple[str, int], str | None]:
    """Who owns the recovery of each failure, by visit and promise version."""
    query = pick(Failure.visit_id, Failure.promise_version, Recovery.owner_id).outerjoin(
        Recovery, col(Recovery.failure_id) == col(Failure.id)
    )
    return {(visit_id, version): owner_id for visit_id, version, owner_id in work.session.exec(query)}


def _agreements(work: Work) -> dict[tuple[str, int], Agreed]:
    query = pick(Promise.visit_id, Promise.version, Promise.agreed_by).where(Promise.version > 1)
    return {(visit_id, version): agreed_by for visit_id, version, agreed_by in work.session.exec(query)}


def _left_open(
    promise: Promise,
    current: VisitState | None,
    owned: dict[tuple[str, int], str | None],
    agreed: dict[tuple[str, int], Agreed],
) -> str | None:
    """What is still open about a promise of a day that is over; `current` is None for an older version."""
    if current is VisitState.ON_SITE:
        return "is still on site."
    if promise.state is PromiseState.BROKEN:
        return None if owned.get((promise.visit_id, promise.version)) else "failed, and nobody owns that."
    if promise.state is PromiseState.MOVED:
        how = agreed.get((promise.visit_id, promise.version + 1))
        return (
            None if how in (Agreed.CUSTOMER, Agreed.OFFICE) else "was moved without the customer's agreement."
        )
    if current in UNSTARTED:
        return "was neither done nor cancelled nor noticed as broken."
    return None
