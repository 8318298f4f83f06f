"""Asking for a better day, and what becomes of the question. Publishing the answer: see deciding.py."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

import optimizer
from dispatch.errors import StateConflict
from dispatch.events import Fact, ProposalAsked, ProposalMade, ProposalRedrawn, ProposalSettled
from dispatch.local_time import local_day
from dispatch.plans.diff import Diff, Line, Side, Sums
from dispatch.plans.queries import find_open_proposal, list_proposals, lock_day, lock_proposal
from dispatch.plans.states import ProposalSignal, ProposalState, step
from dispatch.plans.tables import Proposal
from dispatch.territories.tables import Territory
from dispatch.work import Work


def ask(work: Work, territory: Territory, day: dt.date) -> Proposal:
    """Have the day searched for something better; the answer waits for a dispatcher.

    While one is being searched for, that one is the answer. One that waits makes room for the new
    question. Raises StateConflict for a day that is over, or beyond the planning horizon.
    """
    require_planned(work, territory, day)
    plan_day = lock_day(work.session, territory.id, day)
    before = find_open_proposal(work.session, territory.id, day)
    if before and before.state is ProposalState.SEARCHING:
        return before
    if before:
        settle(work, before, ProposalSignal.DISMISS, why="asked again")
        work.session.flush()
    return _begin(
        work, territory, day, base_version=plan_day.version, warm_from_id=_warm(work, territory, day)
    )


def propose_unasked(
    work: Work, territory: Territory, day: dt.date, *, base_version: int, plan: optimizer.Plan, found: Diff
) -> Proposal | None:
    """What the planner found waits for a dispatcher; None where something is open already. The day is locked."""
    if find_open_proposal(work.session, territory.id, day):
        return None
    proposal = _begin(work, territory, day, base_version=base_version, warm_from_id=None)
    propose(work, proposal, base_version=base_version, plan=plan, found=found)
    return proposal


def draw(
    work: Work,
    territory: Territory,
    day: dt.date,
    draft: Proposal | None,
    *,
    base_version: int,
    plan: optimizer.Plan,
    found: Diff,
) -> Proposal:
    """A dispatcher's own plan of the day, in place of what waits; dismissed where it changes nothing any more.

    The day is locked. Raises StateConflict for a first move that moves nobody.
    """
    if draft is None and not found.lines:
        raise StateConflict("This changes nothing: the visit is there already.", day=day)
    if draft is None:
        draft = _begin(work, territory, day, base_version=base_version, warm_from_id=None)
        propose(work, draft, base_version=base_version, plan=plan, found=found)
        return draft
    if not found.lines:
        settle(work, draft, ProposalSignal.DISMISS, why="nothing left to change")
        return draft
    _write(work, draft, base_version=base_version, plan=plan, found=found)
    work.record(
        ProposalRedrawn(
            proposal_id=draft.id,
            territory_id=draft.territory_id,
            day=draft.day,
            lines=len(found.lines),
            disturbed=found.sums.disturbed,
        )
    )
    return draft


def propose(work: Work, proposal: Proposal, *, base_version: int, plan: optimizer.Plan, found: Diff) -> None:
    """A better plan than version `base_version` was found."""
    advance(proposal, ProposalSignal.PROPOSE)
    _write(work, proposal, base_version=base_version, plan=plan, found=found)
    work.record(
        ProposalMade(
            proposal_id=proposal.id,
            territory_id=proposal.territory_id,
            day=proposal.day,
            base_version=base_version,
            lines=len(found.lines),
            disturbed=found.sums.disturbed,
        )
    )


def _write(work: Work, proposal: Proposal, *, base_version: int, plan: optimizer.Plan, found: Diff) -> None:
    proposal.base_version, proposal.made_at = base_version, work.now
    proposal.body = optimizer.plan_to_json(plan)
    proposal.lines, proposal.sums = [asdict(line) for line in found.lines], asdict(found.sums)
    work.session.add(proposal)
    work.session.flush()


def dismiss(work: Work, territory: Territory, day: dt.date, proposal_id: str) -> Proposal:
    """A dispatcher does not want it, or does not wait for it. Raises StateConflict once it is over."""
    lock_day(work.session, territory.id, day)
    proposal = lock_proposal(work.session, proposal_id)
    settle(work, proposal, ProposalSignal.DISMISS)
    return proposal


def overtake(work: Work, territory_id: str, day: dt.date, *, why: str) -> None:
    """The day has a new version: what was proposed against another one is no answer any more."""
    waiting = find_open_proposal(work.session, territory_id, day)
    if waiting and waiting.state is ProposalState.PROPOSED:
        settle(work, waiting, ProposalSignal.OVERTAKE, why=why)


def settle(
    work: Work, proposal: Proposal, signal: ProposalSignal, *, why: str = "", code: str | None = None
) -> None:
    """The end of a proposal: published, dismissed, overtaken, nothing found, broken off.

    The ledger gets `code` where `why` is a sentence about somebody.
    """
    advance(proposal, signal)
    proposal.settled_at, proposal.settled_by, proposal.why = work.now, str(work.actor), why[:300]
    work.session.add(proposal)
    work.record(
        ProposalSettled(
            proposal_id=proposal.id,
            territory_id=proposal.territory_id,
            day=proposal.day,
            state=proposal.state.value,
            why=code or why[:300] or None,
        )
    )


def advance(proposal: Proposal, signal: ProposalSignal) -> None:
    """The one writer of a proposal's state. Raises StateConflict where its table has no such arrow."""
    proposal.state = step(proposal.state, signal)


def lines_of(proposal: Proposal) -> tuple[Line, ...]:
    return tuple(Line(**line) for line in proposal.lines)


def sums_of(proposal: Proposal) -> Sums | None:
    """Both plans side by side; None while nothing was compared."""
    if proposal.sums is None:
        return None
    told: dict[str, Any] = dict(proposal.sums)
    now, then = Side(**told.pop("now")), Side(**told.pop("then"))
    return Sums(now, then, **told)


def _begin(
    work: Work, territory: Territory, day: dt.date, *, base_version: int, warm_from_id: str | None
) -> Proposal:
    proposal = Proposal(
        id=work.new_id(),
        territory_id=territory.id,
        day=day,
        base_version=base_version,
        state=ProposalState.SEARCHING,
        asked_by=str(work.actor),
        asked_at=work.now,
        warm_from_id=warm_from_id,
    )
    work.session.add(proposal)
    work.session.flush()
    work.record(_asked(proposal))
    return proposal


def _asked(proposal: Proposal) -> Fact:
    return ProposalAsked(
        proposal_id=proposal.id,
        territory_id=proposal.territory_id,
        day=proposal.day,
        base_version=proposal.base_version,
    )


def _warm(work: Work, territory: Territory, day: dt.date) -> str | None:
    """The newest proposal, where the day went on without it: its plan is a good place to start from."""
    for last in list_proposals(work.session, territory.id, day, limit=1):
        asked_again = last.state is ProposalState.DISMISSED and last.why == "asked again"
        if last.body and (asked_again or last.state is ProposalState.OVERTAKEN):
            return last.id
    return None


def require_planned(work: Work, territory: Territory, day: dt.date) -> None:
    ahead = (day - local_day(work.now, territory.zone)).days
    if ahead < 0:
        raise StateConflict("This day is over; there is nothing left to plan.", day=day)
    horizon = territory.policies.planning_horizon_days
    if ahead >= horizon:
        words = f"Routes are planned {horizon} days ahead; until then, hours are counted. Ask again later."
        raise StateConflict(words, day=day)
