"""A recovery told step by step: from the broken promise to the work done, each step with its instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from dispatch.failures.tables import Failure, FailureKind
from dispatch.ledger import LedgerEntry
from dispatch.recoveries.states import RecoveryState
from dispatch.recoveries.tables import Offer, Recovery
from dispatch.territories.queries import find_dispatcher
from dispatch.visits.states import Signal

DONE = ("done_same_day", "done_later")
NOBODY_CAME = (FailureKind.TECHNICIAN_ABSENT, FailureKind.LATE, FailureKind.PLAN)


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a visit along its arrows, as the record has it."""

    signal: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Step:
    """`at` is None for a step that has not been reached; `seconds` count from when the break was certain."""

    name: str
    at: dt.datetime | None
    seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """`was_held` says that a place was held for the customer; where none was found, a person decides."""

    recovery_id: str
    visit_id: str
    kind: str
    fault: str
    technician_id: str | None
    owner: str | None
    state: RecoveryState
    outcome: str | None
    answer_by_at: dt.datetime | None
    was_held: bool
    is_withheld: bool
    steps: tuple[Step, ...]

    @property
    def certain_at(self) -> dt.datetime | None:
        return self.steps[0].at

    @property
    def is_over(self) -> bool:
        return self.state is RecoveryState.CLOSED

    @property
    def waits_for(self) -> str | None:
        """The step after the last one that was reached."""
        if self.is_over:
            return None
        last = max(number for number, step in enumerate(self.steps) if step.at)
        return self.steps[last + 1].name if last + 1 < len(self.steps) else None


def steps_of(recovery: Recovery, moves: Iterable[Move]) -> tuple[Step, ...]:
    """broken, noticed, repaired, told, chosen, on_the_way, done.

    On the way is whoever set out last and was not called back; who forgot to say so is on the way when there.
    """
    instants = {
        "broken": recovery.certain_at,
        "noticed": recovery.noticed_at,
        "repaired": recovery.repaired_at,
        "told": recovery.told_at,
        "chosen": recovery.arranged_at or recovery.chosen_at,
        "on_the_way": _set_out_at(recovery, moves),
        "done": recovery.closed_at if recovery.outcome in DONE else None,
    }
    began = recovery.certain_at
    return tuple(
        Step(name, at, max(0.0, (at - began).total_seconds()) if at else None)
        for name, at in instants.items()
    )


def _set_out_at(recovery: Recovery, moves: Iterable[Move]) -> dt.datetime | None:
    found: dt.datetime | None = None
    for move in moves:
        if move.at < recovery.noticed_at or (recovery.closed_at and move.at > recovery.closed_at):
            continue
        if move.signal in (Signal.FAIL, Signal.STAND_DOWN):
            found = None
        elif move.signal == Signal.LEAVE or (move.signal == Signal.ARRIVE and found is None):
            found = move.at
    return found


def stories_of(session: Session, recoveries: Sequence[Recovery]) -> list[Story]:
    """Each recovery's story, in the order given."""
    held = _held(session, [one.id for one in recoveries])
    failures = _failures(session, [one.failure_id for one in recoveries])
    moves = _moves(session, {one.visit_id for one in recoveries})
    return [
        _story(
            session,
            one,
            failures[one.failure_id],
            was_held=one.id in held,
            moves=moves.get(one.visit_id, []),
        )
        for one in recoveries
    ]


def _story(
    session: Session, recovery: Recovery, failure: Failure, *, was_held: bool, moves: Sequence[Move]
) -> Story:
    owner = find_dispatcher(session, recovery.owner_id)
    return Story(
        recovery_id=recovery.id,
        visit_id=recovery.visit_id,
        kind=failure.kind.value,
        fault=failure.fault.value,
        technician_id=failure.technician_id,
        owner=owner.name if owner else None,
        state=recovery.state,
        outcome=recovery.outcome,
        answer_by_at=recovery.answer_by_at,
        was_held=was_held,
        is_withheld=recovery.is_withheld,
        steps=steps_of(recovery, moves),
    )


def _failures(session: Session, ids: Collection[str]) -> dict[str, Failure]:
    found = session.exec(select(Failure).where(col(Failure.id).in_(ids)))
    return {failure.id: failure for failure in found}


def _held(session: Session, recovery_ids: Collection[str]) -> set[str]:
    query = select(Offer.recovery_id).where(
        col(Offer.recovery_id).in_(recovery_ids), col(Offer.hold_id).is_not(None)
    )
    return set(session.exec(query))


def _moves(session: Session, visit_ids: Collection[str]) -> dict[str, list[Move]]:
    query = select(LedgerEntry).where(
        col(LedgerEntry.visit_id).in_(visit_ids), LedgerEntry.kind == "visit_stepped"
    )
    found: dict[str, list[Move]] = {}
    for entry in session.exec(query.order_by(col(LedgerEntry.seq))):
        found.setdefault(entry.visit_id or "", []).append(Move(entry.data["signal"], entry.at))
    return found


def broken_with(
    session: Session, technician_id: str, from_at: dt.datetime, until_at: dt.datetime | None
) -> Sequence[Recovery]:
    """Recoveries of promises that broke because that technician did not come, noticed from `from_at` on."""
    query = (
        select(Recovery)
        .join(Failure, col(Recovery.failure_id) == col(Failure.id))
        .where(
            Failure.technician_id == technician_id,
            col(Failure.kind).in_(NOBODY_CAME),
            Failure.noticed_at >= from_at,
        )
    )
    if until_at:
        query = query.where(Failure.noticed_at < until_at)
    return session.exec(query.order_by(col(Failure.noticed_at), col(Failure.id))).all()


def moved_from(
    session: Session, technician_id: str, from_at: dt.datetime, until_at: dt.datetime | None
) -> list[tuple[str, str]]:
    """Visits that stood with that technician and went to another one since `from_at`, each with whom it went to."""
    mine = select(LedgerEntry.visit_id).where(
        LedgerEntry.kind == "visit_assigned",
        col(LedgerEntry.data)["technician_id"].as_string() == technician_id,
    )
    query = select(LedgerEntry).where(
        LedgerEntry.kind == "visit_assigned", col(LedgerEntry.visit_id).in_(mine)
    )
    with_whom: dict[str, str] = {}
    moved: dict[str, str] = {}
    for entry in session.exec(query.order_by(col(LedgerEntry.seq))):
        visit_id, now_with = entry.visit_id or "", entry.data["technician_id"]
        in_time = entry.at >= from_at and (until_at is None or entry.at < until_at)
        if in_time and with_whom.get(visit_id) == technician_id != now_with:
            moved[visit_id] = now_with
        with_whom[visit_id] = now_with
    return list(moved.items())


def heard_from_at(session: Session, technician_id: str, after: dt.datetime) -> dt.datetime | None:
    """The first time after `after` at which a technician who had fallen silent was heard of again."""
    query = select(LedgerEntry.at).where(
        LedgerEntry.kind == "technician_heard_from",
        LedgerEntry.at > after,
        col(LedgerEntry.data)["technician_id"].as_string() == technician_id,
    )
    return session.exec(query.order_by(col(LedgerEntry.seq))).first()
