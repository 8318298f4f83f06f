"""What stands with a technician from today on, as published: no proposals, nothing held, nothing called off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, or_, select, tuple_

from dispatch.board.card import Card, cards_of
from dispatch.local_time import local_day
from dispatch.plans.tables import Assignment, Plan
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work

MOST_VERSIONS = 100_000  # of one day's plan; only a new version of the promise takes a visit to another day
TO_DO = (VisitState.BOOKED, VisitState.EN_ROUTE, VisitState.ON_SITE)


@dataclass(frozen=True, slots=True)
class Coming:
    """One visit as the plan has it. `revision` grows whenever it moves, `changed_at` is when that was."""

    card: Card
    leave_at: dt.datetime
    start_at: dt.datetime
    end_at: dt.datetime
    revision: int
    changed_at: dt.datetime


def coming_visits(work: Work, technician: Technician) -> list[Coming]:
    """In time order: what is to do, and what was done today."""
    today = local_day(work.now, get_territory(work.session, technician.territory_id).zone)
    query = (
        select(Assignment)
        .join(Visit, col(Visit.id) == col(Assignment.visit_id))
        .where(
            Assignment.technician_id == technician.id,
            Assignment.day >= today,
            or_(col(Assignment.active) & col(Visit.state).in_(TO_DO), Visit.state == VisitState.DONE),
        )
        .order_by(col(Assignment.start_at), col(Visit.id))
    )
    rows = [row for row in work.session.exec(query) if row.start_at and row.busy_from_at]
    published = _published(work.session, rows)
    cards = cards_of(work, [row.visit_id for row in rows])
    return [_coming(row, card, published) for row, card in zip(rows, cards, strict=True)]


def _coming(row: Assignment, card: Card, published: Mapping[str, dt.datetime]) -> Coming:
    assert row.busy_from_at
    assert row.start_at
    assert row.end_at
    return Coming(
        card=card,
        leave_at=row.busy_from_at,
        start_at=row.start_at,
        end_at=row.end_at,
        revision=card.promise_version * MOST_VERSIONS + row.plan_version,
        changed_at=published[row.visit_id],
    )


def _published(session: Session, rows: Sequence[Assignment]) -> dict[str, dt.datetime]:
    """When the plan was published that put each of these visits where it stands."""
    wanted = {(row.territory_id, row.day, row.plan_version) for row in rows}
    if not wanted:
        return {}
    version = tuple_(col(Plan.territory_id), col(Plan.day), col(Plan.version))
    found = {
        (one.territory_id, one.day, one.version): one.published_at
        for one in session.exec(select(Plan).where(version.in_(wanted)))
    }
    return {row.visit_id: found[row.territory_id, row.day, row.plan_version] for row in rows}
