"""Whom one click on the demo's page means: whoever is missed soonest, the visit that comes up, the emergency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from dispatch.board.leaving import Leaving, leaving
from dispatch.local_time import local_day, midnight
from dispatch.promises.queries import promised_between
from dispatch.territories.queries import list_territories
from dispatch.territories.tables import Territory
from dispatch.visits.states import UNSTARTED, VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work

AT_WORK = (VisitState.ON_SITE, VisitState.EN_ROUTE)


@dataclass(frozen=True, slots=True)
class Victims:
    """`leaving` are the technicians who must set out next, those already broken left out."""

    leaving: Sequence[Leaving]
    coming_up: Visit | None
    absent_at: Visit | None
    emergency_at: Visit | None
    at_work_id: str | None

    @property
    def missed_soonest(self) -> Leaving | None:
        return self.leaving[0] if self.leaving else None


def victims(work: Work, broken: Collection[str]) -> Victims:
    """From the plans as they stand now; `broken` are ids of people and visits that were broken before."""
    territories = list_territories(work.session)
    soonest = sorted(
        (one for place in territories for one in leaving(work, place) if one.technician_id not in broken),
        key=lambda one: (one.leave_by_at, one.technician_id),
    )
    coming = [visit for place in territories for visit in _coming(work, place)]
    fresh = [visit for visit in coming if visit.id not in broken]
    driving = [visit for visit in fresh if visit.state is VisitState.EN_ROUTE]
    later = [visit for visit in fresh if visit.state is VisitState.BOOKED and visit.failures == 0]
    at_work = work.session.exec(
        select(Visit.technician_id)
        .where(col(Visit.state).in_(AT_WORK), col(Visit.technician_id).is_not(None))
        .order_by(col(Visit.state_at).desc())
    ).first()
    return Victims(
        leaving=soonest,
        coming_up=coming[0] if coming else None,
        absent_at=next(iter([*driving, *later]), None),
        emergency_at=later[-1] if later else None,
        at_work_id=at_work or (soonest[0].technician_id if soonest else None),
    )


def _coming(work: Work, territory: Territory) -> Sequence[Visit]:
    """Today's visits that nobody has begun and whose window is not over, the earliest window first."""
    today, day = local_day(work.now, territory.zone), dt.timedelta(days=1)
    start, end = midnight(today, territory.zone), midnight(today + day, territory.zone)
    rows = promised_between(work.session, territory.id, from_at=start, until_at=end, states=UNSTARTED)
    return [visit for visit, promise in rows if promise.end_at > work.now]
