"""A dispatcher publishes a proposal, if the day is still the one that it was made for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import optimizer
from dispatch.errors import StalePlan, StateConflict
from dispatch.plans.diff import diff
from dispatch.plans.problem import HELD, Problem, load_problem
from dispatch.plans.proposals import lines_of, settle
from dispatch.plans.publish import is_legal, publish
from dispatch.plans.queries import list_versions, lock_day, lock_proposal
from dispatch.plans.standing import Spot, Stuck, rearranged, spots_of, standing, timed, without_gone
from dispatch.plans.states import ProposalSignal, ProposalState, step
from dispatch.plans.tables import Plan, Proposal
from dispatch.territories.tables import Territory
from dispatch.visits.queries import get_visit
from dispatch.visits.references import spoken
from dispatch.visits.states import VisitState
from dispatch.work import Work

ASK_AGAIN = "Look for a better plan again: the search starts from this one."


def publish_proposal(work: Work, territory: Territory, day: dt.date, proposal_id: str) -> StalePlan | None:
    """Make the proposal the current plan. None when done; the refusal, when the day is another one now.

    The refusal is an answer and no exception, because something is written with it: the proposal is
    overtaken. Raises StateConflict for a proposal that does not wait for a decision.
    """
    lock_day(work.session, territory.id, day)
    proposal = lock_proposal(work.session, proposal_id)
    if proposal.state is ProposalState.OVERTAKEN:
        return _overtaken(work, proposal)
    if proposal.state in (ProposalState.PUBLISHED, ProposalState.DISMISSED):
        words = f"Somebody was quicker: this proposal is {proposal.state} already."
        raise StateConflict(words, current_state=proposal.state.value)
    step(proposal.state, ProposalSignal.PUBLISH)
    problem = load_problem(work, territory, day)
    plan = _as_reviewed(work, problem, proposal)
    if isinstance(plan, str):
        settle(work, proposal, ProposalSignal.OVERTAKE, why=plan, code="the day went on")
        return _overtaken(work, proposal)
    settle(work, proposal, ProposalSignal.PUBLISH)
    work.session.flush()
    proposal.published_version = publish(work, problem, plan, cause="proposal").version
    return None


def changed_since(work: Work, proposal: Proposal) -> list[str]:
    """What was published since the proposal was made, in words: who came onto the day, who left it, who moved."""
    versions = list_versions(work.session, proposal.territory_id, proposal.day)
    base = next((one for one in versions if one.version == proposal.base_version), None)
    later = [one for one in versions if one.version > proposal.base_version]
    if not later:
        return [proposal.why] if proposal.why else []
    known = spots_of(optimizer.read_plan(proposal.body or {}))
    return _differences(work, base, later, known)


def _overtaken(work: Work, proposal: Proposal) -> StalePlan:
    changes = changed_since(work, proposal)
    words = f"The day has changed since this was searched. {' '.join(changes)} {ASK_AGAIN}"
    current = list_versions(work.session, proposal.territory_id, proposal.day)[-1:]
    return StalePlan(words, current_version=current[0].version if current else 0, changes=changes)


def _differences(work: Work, base: Plan | None, later: Sequence[Plan], known: Collection[str]) -> list[str]:
    """Between two versions of a day, of those whom the proposal knew and of those who are new."""
    before = spots_of(optimizer.read_plan(base.body)) if base else {}
    after = spots_of(optimizer.read_plan(later[-1].body))
    old, new = _visits(set(known)), _visits(after.keys() - before.keys() - set(known))
    left = [id for id in old if id not in after and not _has_begun(work, id)]
    moved = [id for id in old if id in before and id in after and before[id][0] != after[id][0]]
    said = [_name(work, "Came onto the day", new), _name(work, "Left the day", left)]
    said.append(_name(work, "Went to somebody else", moved))
    causes = dict.fromkeys(one.cause for one in later)
    return [words for words in said if words] or [f"Published since: {', '.join(causes)}."]


def _visits(ids: Collection[str]) -> list[str]:
    return [id for id in ids if not id.startswith(HELD)]


def _name(work: Work, what: str, visit_ids: Sequence[str]) -> str:
    references = sorted(spoken(get_visit(work.session, id).reference) for id in visit_ids)
    return f"{what}: {', '.join(references)}." if references else ""


def _as_reviewed(work: Work, problem: Problem, proposal: Proposal) -> optimizer.Plan | str:
    """What was reviewed, as it stands or timed from this moment; else what is different now.

    Minutes pass while somebody reads. The same people must come in the same order, nobody may be
    disturbed who was not on the list, and no promise may break that was to be kept.
    """
    whole = optimizer.read_plan(proposal.body or {})
    gone = _gone(work, problem, spots_of(whole))
    if gone:
        return gone
    reviewed = without_gone(problem, whole)
    spots = spots_of(reviewed)
    came = [id for id in problem.visits if id not in spots and id not in _left_out(reviewed)]
    if came:
        return _name(work, "Came onto the day", came)
    if is_legal(problem, reviewed, problem.crew):
        return reviewed
    plan = timed(problem, rearranged(problem, spots), left_out=reviewed.unserved)
    if isinstance(plan, Stuck):
        return f"The day went on: now one of the technicians {plan.reason}."
    return _surprise(work, problem, proposal, plan) or plan


def _surprise(work: Work, problem: Problem, proposal: Proposal, plan: optimizer.Plan) -> str:
    """What `plan` does to somebody that the reviewed list did not say."""
    seen = {line.visit_id: line for line in lines_of(proposal)}
    for line in diff(problem.day, standing(problem), plan).lines:
        before = seen.get(line.visit_id)
        if line.disturbed and not (before and before.disturbed):
            return f"The day went on: now it would disturb {_who(work, line.visit_id)} too."
        if line.kept_now and not line.kept_then and not (before and not before.kept_then):
            return f"The day went on: now the promise to {_who(work, line.visit_id)} would break."
    if not is_legal(problem, plan, problem.crew):
        return "The day went on: now its routes would break a rule."
    return ""


def _gone(work: Work, problem: Problem, spots: Mapping[str, Spot]) -> str:
    """Who was called off, or begun by somebody else than was proposed."""
    for id, (technician_id, _) in spots.items():
        if id.startswith(HELD):
            continue  # whoever was asked decided, or their time ran out: the place is free
        if id not in problem.visits:
            visit = get_visit(work.session, id)
            if not (_has_begun(work, id) and visit.technician_id == technician_id):
                return f"{spoken(visit.reference)} is {visit.state.value.replace('_', ' ')} by now."
        elif problem.day.visit(id).locked and problem.visits[id].technician_id != technician_id:
            return f"Somebody else is on the way to {_who(work, id)} by now."
    return ""


def _has_begun(work: Work, visit_id: str) -> bool:
    return get_visit(work.session, visit_id).state in (VisitState.ON_SITE, VisitState.DONE)


def _left_out(plan: optimizer.Plan) -> set[str]:
    return {one.visit for one in plan.unserved}


def _who(work: Work, id: str) -> str:
    if id.startswith(HELD):
        return "somebody who is being asked"
    return spoken(get_visit(work.session, id).reference)
