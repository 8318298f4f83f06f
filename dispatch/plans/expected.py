"""When the technician will be there, as far as the rows know: a range, never a single minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session

from dispatch.plans.queries import find_assignment
from dispatch.plans.tables import Assignment
from dispatch.promises.tables import Promise
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit

STEP_SECONDS = 300


class Planned(NamedTuple):
    """With whom a visit stands: when they leave for it, and when they are there."""

    technician_id: str
    leave_at: datetime
    start_at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    technician_id: str
    from_at: datetime
    until_at: datetime


def expect_arrival(session: Session, visit: Visit, promise: Promise, now: datetime) -> Arrival | None:
    """`arrival_by` the place where the visit stands now."""
    row = find_assignment(session, visit.id)
    planned = planned_by(row) if row and row.active else None
    left_at = visit.left_at if visit.state is VisitState.EN_ROUTE else None
    return arrival_by(
        planned,
        left_at=left_at,
        promised_at=promise.start_at,
        spread_seconds=visit.spread_seconds,
        now=now,
    )


def planned_by(row: Assignment) -> Planned | None:
    """What a place in the plan says, whether the visit still stands there or not; None where it is left out."""
    if not (row.technician_id and row.busy_from_at and row.start_at):
        return None
    return Planned(row.technician_id, row.busy_from_at, row.start_at)


def arrival_by(
    planned: Planned | None,
    *,
    left_at: datetime | None,
    promised_at: datetime,
    spread_seconds: int,
    now: datetime,
) -> Arrival | None:
    """The earliest arrival and that plus the visit's spread, in steps of five minutes; None without a plan.

    On the way since `left_at`: the drive counted from then. Not yet: as planned, or the drive from now.
    """
    if planned is None:
        return None
    drive = planned.start_at - planned.leave_at
    earliest = max(left_at + drive, promised_at, now) if left_at else max(planned.start_at, now + drive)
    latest = earliest + timedelta(seconds=max(spread_seconds, 2 * STEP_SECONDS))
    return Arrival(planned.technician_id, _stepped(earliest), _stepped(latest, up=True))


def _stepped(at: datetime, *, up: bool = False) -> datetime:
    past = timedelta(seconds=at.timestamp() % STEP_SECONDS)
    down = at - past
    return down + timedelta(seconds=STEP_SECONDS) if up and past else down
