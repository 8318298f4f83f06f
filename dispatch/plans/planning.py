"""Searching for better days: every evening and after changes, never inside a transaction."""

from __future__ import annotations

import datetime as dt

import optimizer
from dispatch.errors import Invalid, StalePlan
from dispatch.events import PlanKept
from dispatch.local_time import instant, local_day, midnight
from dispatch.plans.claiming import claimed, planned_at
from dispatch.plans.diff import diff
from dispatch.plans.problem import Problem, load_problem
from dispatch.plans.proposal_search import search_asked
from dispatch.plans.proposals import propose_unasked
from dispatch.plans.publish import PlanRefused, publish, require_legal
from dispatch.plans.queries import (
    days_due,
    find_day,
    find_open_proposal,
    last_of_causes,
    lock_day,
    next_replan_at,
)
from dispatch.plans.solver import PLANNER, TRIES, Solver, heard
from dispatch.plans.standing import standing, whole, why_not
from dispatch.plans.tables import PlanDay
from dispatch.plans.undo import SEARCH
from dispatch.promises.queries import promised_between
from dispatch.territories.queries import get_territory, list_territories
from dispatch.territories.tables import Territory
from dispatch.visits.states import UNSTARTED
from dispatch.work import Work, Workshop


def plan_due(workshop: Workshop, solver: Solver) -> int:
    """Answer who asked for a better day, then plan every day that is due; returns how many were searched here."""
    searched = search_asked(workshop, solver)
    with workshop.read() as work:
        due = [(one.territory_id, one.day) for one in days_due(work.session, work.now)]
        for territory in list_territories(work.session):
            due += [(territory.id, day) for day in _evening_days(work, territory)]
        seen = {key: planned_at(work, *key) for key in due}
    for (territory_id, day), before in seen.items():
        with claimed(workshop, territory_id, day, planned_at=before) as is_ours:
            if is_ours:
                plan_day(workshop, territory_id, day, solver)
                searched += 1
    return searched


def next_planning_at(workshop: Workshop) -> dt.datetime | None:
    """When the next day is due for planning: a request, or the coming evening."""
    with workshop.read() as work:
        asked = next_replan_at(work.session, work.now)
        evenings = [_evening(territory, work.now, 0) for territory in list_territories(work.session)]
        evenings += [_evening(territory, work.now, 1) for territory in list_territories(work.session)]
        coming = [at for at in [asked, *evenings] if at and at > work.now]
    return min(coming, default=None)


def plan_day(workshop: Workshop, territory_id: str, day: dt.date, solver: Solver) -> None:
    """Read, search with no transaction open, publish only against the version that was read.

    When somebody published in between, the search starts again from the new state, warm. When the
    answer is refused or no better, the current plan stands and that is recorded.
    """
    start: optimizer.Plan | None = None
    asked: dt.datetime | None = None
    for _ in range(TRIES):
        with workshop.read() as work:
            territory = get_territory(work.session, territory_id)
            problem = load_problem(work, territory, day, lock=False)
            known = find_day(work.session, territory_id, day)
            asked = known.replan_at if known else None
        plan = heard(solver(problem.day, float(territory.policies.planning_seconds), start)).plan
        try:
            _publish_if_better(workshop, problem, plan, asked)
        except StalePlan:
            start = plan
        else:
            return
    _keep(workshop, territory_id, day, asked, "others kept publishing")


def _publish_if_better(
    workshop: Workshop, problem: Problem, plan: optimizer.Plan, asked: dt.datetime | None
) -> None:
    with workshop.work(PLANNER, "planning") as work:
        plan_day = lock_day(work.session, problem.territory.id, problem.date)
        if plan_day.version != problem.version:
            raise StalePlan("Somebody published in between.", current_version=plan_day.version)
        _note_planned(work, plan_day, asked)
        why = why_not(problem, plan)
        if why is None:
            try:
                why = _publish_or_propose(work, problem, plan)
            except PlanRefused as refused:
                why = refused.code
        if why:
            _record_kept(work, problem.territory.id, problem.date, version=problem.version, why=why)


def _publish_or_propose(work: Work, problem: Problem, plan: optimizer.Plan) -> str | None:
    """Publish the better day, or let it wait for a dispatcher; why neither, if neither.

    What no longer holds, or leaves somebody without a place, is mended at once.
    """
    if whole(problem) is None or not _waits(work, problem):
        publish(work, problem, plan, cause="planning")
        return None
    require_legal(problem, plan, problem.crew)
    found = diff(problem.day, standing(problem), plan)
    made = propose_unasked(
        work, problem.territory, problem.date, base_version=problem.version, plan=plan, found=found
    )
    return None if made else "a proposal waits"


def _waits(work: Work, problem: Problem) -> bool:
    """Whether a dispatcher decides: by policy, because they look at a proposal, or took the last change back."""
    territory, day = problem.territory, problem.date
    if not territory.policies.planning_publishes or find_open_proposal(work.session, territory.id, day):
        return True
    last = last_of_causes(work.session, territory.id, day, SEARCH.history)
    return last is not None and last.cause == SEARCH.undone


def _evening_days(work: Work, territory: Territory) -> list[dt.date]:
    """The coming days with visits that were not planned since this evening began."""
    evening = _evening(territory, work.now, 0)
    if evening is None or work.now < evening:
        return []
    found = []
    today = local_day(work.now, territory.zone)
    for ahead in range(1, territory.policies.planning_horizon_days + 1):  # the last one enters tonight
        day = today + dt.timedelta(days=ahead)
        known = find_day(work.session, territory.id, day)
        if known and known.planned_at and known.planned_at >= evening:
            continue
        start, end = midnight(day, territory.zone), midnight(day + dt.timedelta(days=1), territory.zone)
        if promised_between(work.session, territory.id, from_at=start, until_at=end, states=UNSTARTED):
            found.append(day)
    return found


def _evening(territory: Territory, now: dt.datetime, ahead: int) -> dt.datetime | None:
    day = local_day(now, territory.zone) + dt.timedelta(days=ahead)
    try:
        return instant(day, territory.policies.clock_time("evening_planning_at"), territory.zone)
    except Invalid:
        return None


def _note_planned(work: Work, plan_day: PlanDay, asked: dt.datetime | None) -> None:
    """The wish that was there when the day was read is answered; one of meanwhile stays."""
    plan_day.planned_at = work.now
    if plan_day.replan_at == asked:
        plan_day.replan_at = None
    work.session.add(plan_day)


def _keep(workshop: Workshop, territory_id: str, day: dt.date, asked: dt.datetime | None, why: str) -> None:
    """Give up for now; the evening tries again."""
    with workshop.work(PLANNER, "planning") as work:
        plan_day = lock_day(work.session, territory_id, day)
        _note_planned(work, plan_day, asked)
        _record_kept(work, territory_id, day, version=plan_day.version, why=why)


def _record_kept(work: Work, territory_id: str, day: dt.date, *, version: int, why: str) -> None:
    work.record(PlanKept(territory_id=territory_id, day=day, version=version, why=why))
