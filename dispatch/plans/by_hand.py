"""A day changed by hand: one visit held over a place, put there, or left where it is. A draft until it is published.

The draft is the day's open proposal: what a search found a dispatcher goes on with, and what one dispatcher has begun
another one sees.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace

import optimizer
from dispatch.customers.queries import customers_of
from dispatch.errors import NotFound, StateConflict
from dispatch.plans.diff import Diff, diff
from dispatch.plans.problem import Problem, load_problem
from dispatch.plans.proposals import draw, require_planned
from dispatch.plans.publish import PlanRefused
from dispatch.plans.queries import find_open_proposal, lock_proposal
from dispatch.plans.standing import Stuck, rearranged, spots_of, standing, timed
from dispatch.plans.states import ProposalState
from dispatch.plans.tables import Proposal
from dispatch.territories.tables import Territory
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class Trial:
    """A visit held over a place: the plan with it there, or the rule that forbids it, told with people's names.

    `changes`: what putting it down would change in the day as it is drawn now; None where a rule forbids it.
    """

    problem: Problem
    found: optimizer.Dropped | optimizer.Blocked
    changes: Diff | None


def hold_over(
    work: Work, territory: Territory, day: dt.date, visit_id: str, technician_id: str, before_id: str | None
) -> Trial:
    """The visit with that technician before the stop `before_id`, or after all others. Nothing is written.

    Raises NotFound for who is not planned that day; StateConflict while a search is under way, and for a day that is
    over or beyond the planning horizon.
    """
    require_planned(work, territory, day)
    problem = load_problem(work, territory, day, lock=False)
    return _tried(work, problem, _draft(work, problem), visit_id, technician_id, before_id)


def put_down(
    work: Work, territory: Territory, day: dt.date, visit_id: str, technician_id: str, before_id: str | None
) -> Proposal:
    """The day's draft with the visit at that place. Raises as `hold_over`; PlanRefused where a rule forbids it."""
    require_planned(work, territory, day)
    problem = load_problem(work, territory, day)
    draft = _draft(work, problem)
    found = _tried(work, problem, draft, visit_id, technician_id, before_id).found
    if isinstance(found, optimizer.Blocked):
        raise PlanRefused(found.sentence, errors=[found.sentence])
    return _drawn(work, problem, draft, found.plan)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The day with what waits in it, as it would go on from now."""

    problem: Problem
    plan: optimizer.Plan


def as_drawn(work: Work, territory: Territory, day: dt.date) -> Drawn:
    """Raises StateConflict as `hold_over` does."""
    require_planned(work, territory, day)
    problem = load_problem(work, territory, day, lock=False)
    return Drawn(problem, _drawn_before(problem, _draft(work, problem)))


def reasons(work: Work, drawn: Drawn) -> dict[str, str]:
    """Of each visit that what waits would move: its price, what leaving it would cost, and the second-best place."""
    moved = optimizer.moves(drawn.problem.day, standing(drawn.problem), drawn.plan)
    return {one.visit: _with_names(work, drawn.problem, one.sentence) for one in moved}


def leave_as_is(
    work: Work, territory: Territory, day: dt.date, proposal_id: str, visit_ids: Collection[str]
) -> Proposal:
    """The proposal without what it would change about `visit_ids`; the rest is timed and compared again.

    With its last change gone it is dismissed. Raises PlanRefused where the rest is not possible without them.
    """
    problem = load_problem(work, territory, day)
    proposal = lock_proposal(work.session, proposal_id)
    if proposal.state is not ProposalState.PROPOSED:
        words = "This proposal no longer waits for a decision."
        raise StateConflict(words, current_state=proposal.state.value)
    wanted = spots_of(optimizer.read_plan(proposal.body or {}))
    plan = _rearranged(problem, {id: spot for id, spot in wanted.items() if id not in visit_ids})
    if isinstance(plan, Stuck):
        words = f"Without this change the others are not possible: {_stuck(problem, plan)}."
        raise PlanRefused(words, errors=[words])
    return _drawn(work, problem, proposal, plan)


def _draft(work: Work, problem: Problem) -> Proposal | None:
    draft = find_open_proposal(work.session, problem.territory.id, problem.date)
    if draft and draft.state is ProposalState.SEARCHING:
        words = (
            "A search for this day is under way. Stop it, or wait for its answer; then move visits by hand."
        )
        raise StateConflict(words, current_state=draft.state.value)
    return draft


def _tried(
    work: Work,
    problem: Problem,
    draft: Proposal | None,
    visit_id: str,
    technician_id: str,
    before_id: str | None,
) -> Trial:
    drawn = _drawn_before(problem, draft)
    if not problem.day.has_visit(visit_id):
        raise NotFound("This visit is not one of those that can still be moved on this day.")
    if technician_id not in problem.crew:
        raise NotFound("This technician does not work on this day.")
    found = optimizer.Dragging(problem.day, drawn, visit_id).at(
        technician_id, _position(drawn, visit_id, technician_id, before_id)
    )
    if isinstance(found, optimizer.Blocked):
        told = _with_names(work, problem, found.sentence)
        return Trial(problem, replace(found, sentence=told), None)
    return Trial(problem, found, diff(problem.day, drawn, found.plan))


def _drawn_before(problem: Problem, draft: Proposal | None) -> optimizer.Plan:
    if draft is None:
        return standing(problem)
    plan = _rearranged(problem, spots_of(optimizer.read_plan(draft.body or {})))
    if isinstance(plan, Stuck):
        words = f"The day went on, and what waits here is not possible any more: {_stuck(problem, plan)}. Dismiss it."
        raise StateConflict(words, current_state=ProposalState.PROPOSED.value)
    return plan


def _rearranged(problem: Problem, wanted: dict[str, tuple[str, int]]) -> optimizer.Plan | Stuck:
    orders = rearranged(problem, wanted)
    placed = {id for order in orders.values() for id in order}
    left = [
        optimizer.Unserved(visit.id, "no_time", "It has no place yet.")
        for visit in problem.day.visits
        if visit.id not in placed
    ]
    return timed(problem, orders, left_out=left)


def _position(plan: optimizer.Plan, visit_id: str, technician_id: str, before_id: str | None) -> int:
    """Raises NotFound when `before_id` is no stop of that technician."""
    routes = (route.visit_ids for route in plan.routes if route.technician == technician_id)
    order = [id for id in next(routes, ()) if id != visit_id]
    if before_id is None:
        return len(order)
    if before_id not in order:
        raise NotFound("The visit before which it should come is not with this technician any more.")
    return order.index(before_id)


def _drawn(work: Work, problem: Problem, draft: Proposal | None, plan: optimizer.Plan) -> Proposal:
    changes = diff(problem.day, standing(problem), plan)
    return draw(
        work, problem.territory, problem.date, draft, base_version=problem.version, plan=plan, found=changes
    )


def _stuck(problem: Problem, stuck: Stuck) -> str:
    member = problem.crew.get(stuck.technician_id)
    return f"{member.name if member else 'somebody'} {stuck.reason}"


def _with_names(work: Work, problem: Problem, sentence: str) -> str:
    """The optimizer knows ids; dispatchers know people."""
    customers = customers_of(work.session, {visit.customer_id for visit in problem.visits.values()})
    names = {id: member.name for id, member in problem.crew.items()}
    names |= {id: f"the visit of {customers[visit.customer_id].name}" for id, visit in problem.visits.items()}
    names |= dict.fromkeys(problem.holds, "the place kept for somebody who is being asked")
    for id, name in names.items():
        sentence = sentence.replace(id, name)
    return f"{sentence[:1].upper()}{sentence[1:]}"
