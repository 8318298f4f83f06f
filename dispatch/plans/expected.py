"""When the technician will be there, as far as the rows know: a range, never a single minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from dispatch.plans.queries import find_assignment
from dispatch.plans.tables import Assignment
from dispatch.promises.tables import Promise
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit

STEP_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Arrival:
    technician_id: str
    from_at: datetime
    until_at: datetime


def expect_arrival(session: Session, visit: Visit, promise: Promise, now: datetime) -> Arrival | None:
    """`arrival_by` the place where the visit stands now."""
    return arrival_by(find_assignment(session, visit.id), visit, promise, now)


def arrival_by(row: Assignment | None, visit: Visit, promise: Promise, now: datetime) -> Arrival | None:
    """The earliest arrival and that plus the visit's spread, in steps of five minutes; None without a plan.

    On the way: the drive counted from when they left. Not yet: as planned, or the drive from now.
    """
    if row is None or not row.active or not (row.technician_id and row.busy_from_at and row.start_at):
        return None
    drive = row.start_at - row.busy_from_at
    if visit.state is VisitState.EN_ROUTE and visit.left_at:
        earliest = max(visit.left_at + drive, promise.start_at, now)
    else:
        earliest = max(row.start_at, now + drive)
    latest = earliest + timedelta(seconds=max(visit.spread_seconds, 2 * STEP_SECONDS))
    return Arrival(row.technician_id, _stepped(earliest), _stepped(latest, up=True))


def _stepped(at: datetime, *, up: bool = False) -> datetime:
    past = timedelta(seconds=at.timestamp() % STEP_SECONDS)
    down = at - past
    return down + timedelta(seconds=STEP_SECONDS) if up and past else down
