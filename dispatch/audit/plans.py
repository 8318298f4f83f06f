"""Published plans: one current version a day, every visit in it once, legal by the independent checker."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlmodel import col, select

import optimizer
from dispatch.audit.calendar import Office, offices
from dispatch.audit.check import Check, Finding, pick
from dispatch.holds.tables import HoldPurpose
from dispatch.local_time import midnight
from dispatch.plans.problem import Problem, load_problem, sliced
from dispatch.plans.tables import Assignment, Plan, PlanDay, PlanState
from dispatch.promises.tables import Promise
from dispatch.visits.states import UNSTARTED
from dispatch.visits.tables import Visit
from dispatch.work import Work

Key = tuple[str, dt.date]
ENOUGH_ERRORS = 5


class OnePlanADay(Check):
    number = "I-40"
    rule = (
        "The plan versions of a territory's day run from 1 without a gap, each made from the one before it, and "
        "the last one alone is published."
    )
    when_it_fires = (
        "Stop publishing for that day, look in the ledger at who published what from which version, and "
        "publish the day once more from its current state."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        row = Plan
        query = pick(row.territory_id, row.day, row.version, row.base_version, row.state)
        query = query.order_by(row.territory_id, row.day, row.version)
        rows = work.session.exec(query).all()
        plans = {key: list(part) for key, part in groupby(rows, key=lambda one: (one[0], one[1]))}
        days = pick(PlanDay.territory_id, PlanDay.day, PlanDay.version)
        current = {(territory_id, day): version for territory_id, day, version in work.session.exec(days)}
        for key in sorted(plans.keys() | current.keys()):
            for sentence in _version_faults(plans.get(key, []), current.get(key, 0)):
                yield self.finding(f"{key[0]} {key[1]}", f"The plan of {key[1]} {sentence}")


def _version_faults(rows: list[Any], current: int) -> Iterator[str]:
    versions = [row.version for row in rows]
    if versions != list(range(1, current + 1)):
        yield f"is at version {current} and has versions {versions}."
    published = [row.version for row in rows if row.state is PlanState.PUBLISHED]
    if rows and published != versions[-1:]:
        yield f"has {published or 'nothing'} published, not version {versions[-1]} alone."
    for row in rows:
        if row.base_version != row.version - 1:
            yield f"in version {row.version} was made from version {row.base_version}."


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A visit that was not begun: where it is promised, and where the rows have it."""

    visit_id: str
    reference: str
    key: Key
    row: Assignment | None


class PlansHoldEverybody(Check):
    number = "I-41"
    rule = (
        "The published plan of today and each coming day has every visit of that day once, as the rows have "
        "it, and nobody else's; and the independent checker finds the coming days legal."
    )
    when_it_fires = (
        "Plan the day again. Until that is published, read the day from the board's list of visits and not "
        "from the routes; a technician who can no longer come shows up here first."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        houses = offices(work)
        plans = _published(work, houses)
        waiting = _waiting(work, houses)
        for one in waiting.values():
            if one.row and one.key not in plans and one.key[1] >= houses[one.key[0]].today:
                words = f"Visit {one.reference} is placed on {one.key[1]}, which has no published plan."
                yield self.finding(one.visit_id, words)
        for key, plan in plans.items():
            body = optimizer.read_plan(plan.body)
            yield from self._members(key, body, houses[key[0]], waiting)
            if key[1] > houses[key[0]].today:
                yield from self._illegal(work, houses[key[0]], plan, body)

    def _members(
        self, key: Key, body: optimizer.Plan, office: Office, waiting: Mapping[str, _Waiting]
    ) -> Iterator[Finding]:
        """Each visit of the day once and as its row says, no visit of another day."""
        left = [one.visit for one in body.unserved]
        times = Counter([*left, *(id for route in body.routes for id in route.visit_ids)])
        start = midnight(key[1], office.zone)
        for visit_id, count in times.items():
            one = waiting.get(visit_id)
            if one and one.key != key:
                words = f"The plan of {key[1]} has visit {one.reference}, which is promised for {one.key[1]}."
                yield self.finding(visit_id, words)
            elif one and count > 1:
                yield self.finding(visit_id, f"The plan of {key[1]} has visit {one.reference} {count} times.")
        for one in waiting.values():
            if one.key != key or one.row is None or times[one.visit_id] > 1:
                continue
            if not times[one.visit_id]:
                yield self.finding(one.visit_id, f"The plan of {key[1]} does not have visit {one.reference}.")
            elif _says(body, one.visit_id, start) != (one.row.technician_id, one.row.start_at):
                words = f"The plan of {key[1]} and the row of visit {one.reference} say different things."
                yield self.finding(one.visit_id, words)

    def _illegal(self, work: Work, office: Office, plan: Plan, body: optimizer.Plan) -> Iterator[Finding]:
        problem = load_problem(work, office.territory, plan.day, lock=False)
        errors = _judge(problem, body)
        for error in errors[:ENOUGH_ERRORS]:
            subject = f"{plan.territory_id} {plan.day}"
            yield self.finding(subject, f"The plan of {plan.day} for {office.name} breaks a rule: {error}.")


def _published(work: Work, houses: Mapping[str, Office]) -> dict[Key, Plan]:
    """The current plans of today and later, by territory and day."""
    first = min((office.today for office in houses.values()), default=dt.date.max)
    query = select(Plan).where(Plan.state == PlanState.PUBLISHED, Plan.day >= first)
    return {
        (plan.territory_id, plan.day): plan
        for plan in work.session.exec(query.order_by(col(Plan.territory_id), col(Plan.day)))
        if plan.territory_id in houses and plan.day >= houses[plan.territory_id].today
    }


def _waiting(work: Work, houses: Mapping[str, Office]) -> dict[str, _Waiting]:
    """Every visit not begun yet, with its row where that is active."""
    query = (
        pick(Visit.id, Visit.reference, Visit.territory_id, Promise.start_at, Assignment)
        .join(Promise, col(Promise.visit_id) == col(Visit.id))
        .outerjoin(Assignment, (col(Assignment.visit_id) == col(Visit.id)) & col(Assignment.active))
        .where(Promise.version == Visit.promise_version, col(Visit.state).in_(UNSTARTED))
    )
    found = {}
    for visit_id, reference, territory_id, start_at, row in work.session.exec(query):
        if territory_id in houses:
            key = territory_id, houses[territory_id].day_of(start_at)
            found[visit_id] = _Waiting(visit_id, reference, key, row)
    return found


def _says(body: optimizer.Plan, visit_id: str, start: dt.datetime) -> tuple[str | None, dt.datetime | None]:
    """With whom and when the plan has a visit; (None, None) when it is left out."""
    second = body.start_of(visit_id)
    return body.technician_of(visit_id), None if second is None else start + dt.timedelta(seconds=second)


def _judge(problem: Problem, body: optimizer.Plan) -> list[str]:
    """The checker's errors for what of the published plan is still to be done.

    The place of a visit that was just cancelled is judged as the hold that keeps it.
    """
    kept = {
        hold.visit_id: id
        for id, hold in problem.holds.items()
        if hold.visit_id and hold.purpose is HoldPurpose.UNDO
    }
    routes = []
    for route in body.routes:
        named = [
            optimizer.Stop(
                stop.kind,
                stop.id if problem.day.has_visit(stop.id) else kept.get(stop.id, ""),
                stop.start,
                stop.end,
            )
            if stop.kind == "visit"
            else stop
            for stop in route.stops
        ]
        stops = tuple(stop for stop in named if stop.kind == "break" or stop.id)
        if any(stop.kind == "visit" for stop in stops):
            routes.append(optimizer.Route(route.technician, stops, route.finish))
    unserved = tuple(one for one in body.unserved if problem.day.has_visit(one.visit))
    plan = optimizer.Plan(problem.day.name, tuple(routes), unserved)
    ids = {id for route in routes for id in route.visit_ids} | {one.visit for one in unserved}
    return list(optimizer.check(sliced(problem.day, problem.crew, ids), plan).errors)
