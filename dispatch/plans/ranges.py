"""The arrival ranges that customers were told, kept as they were told: only so can anybody say how often they held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.plans.expected import Arrival
from dispatch.plans.tables import ToldRange
from dispatch.store import inserting
from dispatch.visits.tables import Visit
from dispatch.work import Work

ON_PAGE = "page"
LEADS = (
    ("soon", timedelta(minutes=30)),
    ("within_2_hours", timedelta(hours=2)),
    ("within_8_hours", timedelta(hours=8)),
)
LONG_BEFORE = "long_before"
LEAD_NAMES = (*(name for name, _ in LEADS), LONG_BEFORE)


@dataclass(frozen=True, slots=True)
class Told:
    """One range as somebody was told it: by the visit's `page`, or by a text of that kind."""

    visit_id: str
    promise_version: int
    technician_id: str
    from_at: datetime
    until_at: datetime
    told_at: datetime
    told_by: str

    @property
    def lead(self) -> str:
        """How long before the range begins: one of LEAD_NAMES."""
        return lead_of(self.from_at - self.told_at)


def lead_of(before: timedelta) -> str:
    return next((name for name, most in LEADS if before <= most), LONG_BEFORE)


def told(visit: Visit, arrival: Arrival, at: datetime, by: str) -> Told:
    version = visit.promise_version
    return Told(visit.id, version, arrival.technician_id, arrival.from_at, arrival.until_at, at, by)


def keep_ranges(work: Work, ranges: Iterable[Told]) -> None:
    """One row for each promise, way of telling and lead: what was told first. A page that is open all day asks again
    and again, and what it said at eight is no truer for having been said at nine."""
    for one in sorted(ranges, key=lambda one: (one.visit_id, one.promise_version, one.told_by, one.told_at)):
        row = inserting(work.session, ToldRange).values(
            id=work.new_id(),
            visit_id=one.visit_id,
            promise_version=one.promise_version,
            told_by=one.told_by,
            lead=one.lead,
            technician_id=one.technician_id,
            told_at=one.told_at,
            from_at=one.from_at,
            until_at=one.until_at,
        )
        work.session.execute(row.on_conflict_do_nothing())
