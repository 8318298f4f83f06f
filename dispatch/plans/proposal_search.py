"""Searching for what somebody asked for: outside any transaction; the answer waits for a dispatcher."""

from __future__ import annotations

from dataclasses import asdict

import optimizer
from dispatch.clock import stopwatch
from dispatch.plans.claiming import claimed, planned_at
from dispatch.plans.diff import diff
from dispatch.plans.problem import Problem, load_problem
from dispatch.plans.proposals import propose, settle
from dispatch.plans.queries import list_searching, lock_day, lock_proposal
from dispatch.plans.solver import PLANNER, TRIES, Solver, heard
from dispatch.plans.standing import rearranged, spots_of, standing, timed
from dispatch.plans.states import ProposalSignal, ProposalState
from dispatch.plans.tables import Proposal
from dispatch.territories.queries import get_territory
from dispatch.work import Work, Workshop

STALE = "others kept publishing"


def search_asked(workshop: Workshop, solver: Solver) -> int:
    """Answer everybody who waits for a better day; returns how many days were searched here."""
    searched = 0
    with workshop.read() as work:
        waiting = [
            (one.id, one.territory_id, one.day, planned_at(work, one.territory_id, one.day))
            for one in list_searching(work.session)
        ]
    for proposal_id, territory_id, day, before in waiting:
        with claimed(workshop, territory_id, day, planned_at=before) as is_ours:
            if is_ours:
                _search(workshop, proposal_id, solver)
                searched += 1
    return searched


def _search(workshop: Workshop, proposal_id: str, solver: Solver) -> None:
    """Whatever happens to the search, the question gets an end; the current plan stands meanwhile."""
    over = False
    try:
        _search_until_fresh(workshop, proposal_id, solver)
        over = True
    finally:
        if not over:
            _break_off(workshop, proposal_id, "the search failed")


def _search_until_fresh(workshop: Workshop, proposal_id: str, solver: Solver) -> None:
    """Search until an answer meets the version it was made from; warm from the second time on."""
    clock, found = stopwatch(), None
    for _ in range(TRIES):
        with workshop.read() as work:
            proposal = work.session.get_one(Proposal, proposal_id)
            if proposal.state is not ProposalState.SEARCHING:
                return
            problem = _problem_of(work, proposal)
            start = _warm(problem, found or _plan_of(work, proposal.warm_from_id))
        seconds = float(problem.territory.policies.planning_seconds)
        solved = heard(solver(problem.day, seconds, start))
        found = solved.plan
        with workshop.work(PLANNER, "proposal") as work:
            proposal, version = _locked(work, proposal_id)
            if version == problem.version:
                proposal.looked_milliseconds = clock()
                _answer(work, proposal, problem, solved)
                return
    _break_off(workshop, proposal_id, STALE)


def _break_off(workshop: Workshop, proposal_id: str, why: str) -> None:
    with workshop.work(PLANNER, "proposal") as work:
        proposal, _ = _locked(work, proposal_id)
        if proposal.state is ProposalState.SEARCHING:
            settle(work, proposal, ProposalSignal.BREAK_OFF, why=why)


def _answer(work: Work, proposal: Proposal, problem: Problem, solved: optimizer.Solved) -> None:
    """Propose what is legal and better; say why not, otherwise. Nobody waits for it once it was dismissed."""
    if proposal.state is not ProposalState.SEARCHING:
        return
    if solved.cause:
        settle(work, proposal, ProposalSignal.BREAK_OFF, why=solved.cause)
        return
    if not optimizer.check(problem.day, solved.plan).legal:
        settle(work, proposal, ProposalSignal.BREAK_OFF, why="the answer breaks a rule")
        return
    found = diff(problem.day, standing(problem), solved.plan)
    if found.sums.then.price < found.sums.now.price - 0.01:
        propose(work, proposal, base_version=problem.version, plan=solved.plan, found=found)
        return
    proposal.sums, proposal.base_version = asdict(found.sums), problem.version
    settle(work, proposal, ProposalSignal.FIND_NOTHING)


def _locked(work: Work, proposal_id: str) -> tuple[Proposal, int]:
    """The proposal and its day's version now. The day is taken first, as everybody does."""
    known = work.session.get_one(Proposal, proposal_id)
    version = lock_day(work.session, known.territory_id, known.day).version
    return lock_proposal(work.session, proposal_id), version


def _problem_of(work: Work, proposal: Proposal) -> Problem:
    return load_problem(work, get_territory(work.session, proposal.territory_id), proposal.day, lock=False)


def _plan_of(work: Work, proposal_id: str | None) -> optimizer.Plan | None:
    known = work.session.get(Proposal, proposal_id) if proposal_id else None
    return optimizer.read_plan(known.body) if known and known.body else None


def _warm(problem: Problem, plan: optimizer.Plan | None) -> optimizer.Plan | None:
    """`plan` with what has come since where it stands now: a start must hold everybody. None if it no longer holds."""
    if plan is None:
        return None
    orders = rearranged(problem, spots_of(plan))
    placed = {id for order in orders.values() for id in order}
    left = [
        optimizer.Unserved(visit.id, "no_time", "It has no place yet.")
        for visit in problem.day.visits
        if visit.id not in placed
    ]
    start = timed(problem, orders, left_out=left)
    return start if isinstance(start, optimizer.Plan) else None
