"""From the optimizer's answer back to rows: judged first, then a new version, whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import optimizer
from dispatch.errors import DispatchError, StalePlan
from dispatch.events import PlanPublished, VisitAssigned, VisitLeftOut
from dispatch.holds.tables import Hold
from dispatch.plans.problem import Problem, sliced
from dispatch.plans.proposals import overtake
from dispatch.plans.queries import assignments_of, current_plan, list_left_out, lock_day
from dispatch.plans.tables import Assignment, Plan, PlanDay, PlanState
from dispatch.territories.queries import list_ladder
from dispatch.visits.tables import Visit
from dispatch.work import Work


class PlanRefused(DispatchError):
    """The independent checker found the answer illegal; the current plan stands."""

    code = "plan-refused"
    title = "This plan breaks a rule"


def publish(
    work: Work,
    problem: Problem,
    plan: optimizer.Plan,
    *,
    cause: str,
    technicians: Collection[str] | None = None,
    new_holds: Mapping[str, Hold] | None = None,
    gone: Collection[str] = (),
) -> Plan:
    """Make `plan` the day's current version; the visits of `gone` stand in no route of it any more.

    With `technicians`, only their routes and the unserved visits are new: an insertion touches one
    route and must not wait for the others to be legal. A guest stays only as one of `new_holds`, which
    maps its id to its hold. Raises StalePlan when somebody published since the problem was
    read, PlanRefused when the checker says no.
    """
    plan_day = lock_day(work.session, problem.territory.id, problem.date)
    if plan_day.version != problem.version:
        raise StalePlan("Somebody published in between.", current_version=plan_day.version)
    touched = set(problem.crew) if technicians is None else set(technicians)
    require_legal(problem, plan, touched)
    version = problem.version + 1
    overtake(work, problem.territory.id, problem.date, why=cause)
    _write_stops(work, problem, plan, touched, holds={**problem.holds, **(new_holds or {})}, version=version)
    return _write_version(work, problem, plan_day, plan, touched=touched, gone=gone, cause=cause)


def require_legal(problem: Problem, plan: optimizer.Plan, technicians: Collection[str]) -> None:
    """Raises PlanRefused when the independent checker finds a hard rule broken on these routes."""
    routes = tuple(route for route in plan.routes if route.technician in technicians)
    ids = {id for route in routes for id in route.visit_ids} | {one.visit for one in plan.unserved}
    part = optimizer.Plan(plan.day, routes, plan.unserved)
    verdict = optimizer.check(sliced(problem.day, technicians, ids), part)
    if not verdict.legal:
        raise PlanRefused(
            "The plan breaks a rule: " + "; ".join(verdict.errors[:3]), errors=list(verdict.errors)
        )


def is_legal(problem: Problem, plan: optimizer.Plan, technicians: Collection[str]) -> bool:
    try:
        require_legal(problem, plan, technicians)
    except PlanRefused:
        return False
    return True


def _write_stops(
    work: Work,
    problem: Problem,
    plan: optimizer.Plan,
    technicians: Collection[str],
    *,
    holds: Mapping[str, Hold],
    version: int,
) -> None:
    routes = [route for route in plan.routes if route.technician in technicians]
    left_out = [left for left in plan.unserved if left.visit in problem.visits]
    written = {id for route in routes for id in route.visit_ids} | {left.visit for left in left_out}
    rows = assignments_of(work.session, written)
    for route in routes:
        leave_at = departures(problem, route)
        for stop in route.stops:
            if stop.kind == "visit" and stop.id in holds:
                _move_hold(work, holds[stop.id], route.technician, problem.at(stop.start))
            elif stop.kind == "visit" and stop.id in problem.visits:
                row = rows.get(stop.id) or _blank(problem, problem.visits[stop.id])
                _place(
                    work,
                    problem,
                    row,
                    route.technician,
                    stop=stop,
                    busy_from=leave_at[stop.id],
                    version=version,
                )
    if left_out:
        owner = next(iter(list_ladder(work.session, problem.territory.id)), None)
        for left in left_out:
            row = rows.get(left.visit) or _blank(problem, problem.visits[left.visit])
            _leave_out(work, problem, row, left, owner_id=owner.id if owner else None, version=version)


def departures(problem: Problem, route: optimizer.Route) -> dict[str, int]:
    """The second at which each drive must start at the latest, by stop id."""
    travel, here = problem.day.travel, problem.day.technician(route.technician).ready_location
    found = {}
    for stop in route.stops:
        if stop.kind == "visit":
            location = problem.day.visit(stop.id).location
            found[stop.id] = stop.start - int(travel[here, location])
            here = location
    return found


def _blank(problem: Problem, visit: Visit) -> Assignment:
    return Assignment(
        visit_id=visit.id, territory_id=problem.territory.id, day=problem.date, plan_version=0, reason="new"
    )


def _place(
    work: Work,
    problem: Problem,
    row: Assignment,
    technician_id: str,
    *,
    stop: optimizer.Stop,
    busy_from: int,
    version: int,
) -> None:
    moved = row.technician_id != technician_id or row.day != problem.date or not row.active
    row.day, row.active, row.plan_version = problem.date, True, version
    row.technician_id, row.reason, row.detail, row.owner_id = technician_id, None, "", None
    row.busy_from_at = problem.at(busy_from)
    row.start_at, row.end_at = problem.at(stop.start), problem.at(stop.end)
    work.session.add(row)
    if moved:
        work.record(
            VisitAssigned(
                visit_id=row.visit_id, technician_id=technician_id, plan_version=version, day=problem.date
            )
        )


def _leave_out(
    work: Work,
    problem: Problem,
    row: Assignment,
    left: optimizer.Unserved,
    *,
    owner_id: str | None,
    version: int,
) -> None:
    new = row.technician_id is not None or row.reason != left.reason or not row.active
    row.day, row.active, row.plan_version = problem.date, True, version
    row.technician_id = row.busy_from_at = row.start_at = row.end_at = None
    row.reason, row.detail, row.owner_id = left.reason, left.detail[:300], row.owner_id or owner_id
    work.session.add(row)
    if new:
        work.record(
            VisitLeftOut(
                visit_id=row.visit_id,
                plan_version=version,
                day=problem.date,
                reason=left.reason,
                owner_id=row.owner_id,
            )
        )


def _move_hold(work: Work, read: Hold, technician_id: str, start_at: dt.datetime) -> None:
    """`read` may come from the session that the search began with: the row itself is asked for again."""
    hold = work.session.get_one(Hold, read.id)
    hold.technician_id, hold.planned_start_at = technician_id, start_at
    work.session.add(hold)


def _write_version(
    work: Work,
    problem: Problem,
    plan_day: PlanDay,
    plan: optimizer.Plan,
    *,
    touched: Collection[str],
    gone: Collection[str],
    cause: str,
) -> Plan:
    before = current_plan(work.session, problem.territory.id, problem.date)
    work.session.flush()
    body = _body(problem, plan, before.body if before else {}, touched, gone)
    body["unserved"] = _left_out(work, problem)
    if before:
        before.state = PlanState.SUPERSEDED
        work.session.add(before)
    plan_day.version = problem.version + 1
    work.session.add(plan_day)
    work.session.flush()
    row = Plan(
        id=work.new_id(),
        territory_id=problem.territory.id,
        day=problem.date,
        version=plan_day.version,
        base_version=problem.version,
        state=PlanState.PUBLISHED,
        cause=cause,
        published_by=str(work.actor),
        published_at=work.now,
        body=body,
    )
    work.session.add(row)
    work.session.flush()
    work.record(
        PlanPublished(
            plan_id=row.id,
            territory_id=row.territory_id,
            day=row.day,
            version=row.version,
            base_version=row.base_version,
            cause=cause,
        )
    )
    return row


def _left_out(work: Work, problem: Problem) -> list[dict[str, str]]:
    """Everything of the day that stands with nobody, also from before: a plan forgets no live visit."""
    return [
        {
            "visit": row.visit_id,
            "reason": row.reason or "no_time",
            "detail": row.detail or "No place was found.",
        }
        for row in list_left_out(work.session, problem.territory.id, problem.date)
    ]


def _body(
    problem: Problem,
    plan: optimizer.Plan,
    before: Mapping[str, Any],
    touched: Collection[str],
    gone: Collection[str],
) -> dict[str, Any]:
    """The new version's document: touched routes as planned now, the others as they were, less who is `gone`.

    What is planned now stands nowhere else: a cancelled visit keeps its stop in the old route, and may come
    back with somebody else.
    """
    body = optimizer.plan_to_json(plan)
    placed = {id for route in plan.routes if route.technician in touched for id in route.visit_ids} | {*gone}
    kept = [
        {**route, "stops": [stop for stop in route["stops"] if stop.get("visit") not in placed]}
        for route in before.get("routes", ())
        if route["technician"] not in touched
    ]
    body["routes"] = kept + [route for route in body["routes"] if route["technician"] in touched]
    body["routes"].sort(key=lambda route: str(route["technician"]))
    return body
