"""Nothing jumps: every step on record is an arrow of its table, and the rows stand where the steps led."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import col, or_

from dispatch.audit.check import Check, Finding, pick
from dispatch.audit.ledger_fold import Told, told_by_visit
from dispatch.promises.states import ARROWS as PROMISE_ARROWS
from dispatch.promises.states import PromiseState
from dispatch.promises.tables import Promise
from dispatch.recoveries.states import RecoveryState
from dispatch.recoveries.tables import Recovery
from dispatch.visits.states import ARROWS, Signal, VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work

OVER = (VisitState.DONE, VisitState.CLOSED, VisitState.CANCELLED)


class LegalMovesOnly(Check):
    number = "I-6"
    rule = (
        "Visits and promises moved along the arrows of their tables only, and what belongs together "
        "ended together: no open promise or recovery is left on a visit that is over."
    )
    when_it_fires = (
        "Read the visit's record and ring the customer about how it really stands, then close what was left "
        "open. A step that no table has means that another program wrote: find it."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        outcomes: dict[tuple[str, int], PromiseState] = {}
        for visit_id, entries in told_by_visit(work):
            for sentence in (*_bad_steps(entries), *_bad_settlements(visit_id, entries, outcomes)):
                yield self.finding(visit_id, sentence)
        yield from self._promise_rows(work, outcomes)
        yield from self._recovery_rows(work)

    def _promise_rows(self, work: Work, told: dict[tuple[str, int], PromiseState]) -> Iterator[Finding]:
        query = pick(Promise.visit_id, Promise.version, Promise.state, Visit.state, Visit.reference)
        query = query.join(Visit, col(Visit.id) == col(Promise.visit_id))
        for visit_id, version, state, visit_state, reference in work.session.exec(query):
            known = told.get((visit_id, version))
            if known is not None and known is not state:
                words = f"Promise {version} of visit {reference} is {state}, its record ends with {known}."
                yield self.finding(visit_id, words)
            elif visit_state in OVER and state is PromiseState.OPEN:
                words = f"Visit {reference} is {visit_state} and its promise {version} was never settled."
                yield self.finding(visit_id, words)

    def _recovery_rows(self, work: Work) -> Iterator[Finding]:
        query = (
            pick(Recovery, Visit.state, Visit.reference, Visit.undo_until_at)
            .join(Visit, col(Visit.id) == col(Recovery.visit_id))
            .where(
                or_(
                    col(Visit.state).in_(OVER),
                    Recovery.state == RecoveryState.CLOSED,
                    Recovery.state == RecoveryState.ARRANGED,
                    col(Recovery.closed_at).is_not(None),
                )
            )
        )
        for recovery, state, reference, undo_until_at in work.session.exec(query):
            closed = recovery.state is RecoveryState.CLOSED
            undoable = undo_until_at is not None and undo_until_at > work.now
            if closed != (recovery.closed_at is not None):
                words = f"The recovery of visit {reference} is {recovery.state}, its end says otherwise."
            elif recovery.state is RecoveryState.ARRANGED and recovery.arranged_at is None:
                words = f"The recovery of visit {reference} is arranged, and nobody knows since when."
            elif state in OVER and not closed and not undoable:
                words = f"Visit {reference} is {state}, and its recovery is still {recovery.state}."
            else:
                continue
            yield self.finding(recovery.id, words)


def _bad_steps(entries: list[Told]) -> Iterator[str]:
    """What is wrong with a visit's steps, each against the table and the step before it."""
    state = VisitState.BOOKED
    for entry in (one for one in entries if one.kind == "visit_stepped"):
        before, after = VisitState(entry.data["from_state"]), VisitState(entry.data["to_state"])
        signal = Signal(entry.data["signal"])
        if before is not state:
            yield f"Entry {entry.seq} moves a visit from {before}, but it was {state}."
        if ARROWS.get((before, signal)) is not after:
            yield f"Entry {entry.seq} moves a visit from {before} by {signal} to {after}: there is no such arrow."
        state = after


def _bad_settlements(
    visit_id: str, entries: list[Told], outcomes: dict[tuple[str, int], PromiseState]
) -> Iterator[str]:
    """The same for its promises; keeps each one's last state in `outcomes`."""
    for entry in entries:
        if entry.kind == "promise_made":
            outcomes[visit_id, entry.data["version"]] = PromiseState.OPEN
        elif entry.kind == "promise_settled":
            key, after = (visit_id, entry.data["version"]), PromiseState(entry.data["outcome"])
            before = outcomes.get(key)
            if before is None or (before, after) not in PROMISE_ARROWS:
                yield f"Entry {entry.seq} settles promise {key[1]} from {before} as {after}: no such arrow."
            outcomes[key] = after
