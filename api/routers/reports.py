"""The manager's questions: how often promises broke, and how well they were made good."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from api.deps import ReadDep, StaffDep
from api.principal import Principal
from api.schemas.base import NEWEST, OLDEST, DayIn
from api.schemas.reports import ReportOut
from api.strict import router
from dispatch.errors import Invalid
from dispatch.local_time import local_day, midnight
from dispatch.reports.making_good import sum_up
from dispatch.reports.material import Material, gather
from dispatch.territories.queries import get_territory
from dispatch.territories.tables import Territory
from dispatch.work import Work

MOST_DAYS = 366

routes = router("/api/v1/reports", "reports")


@routes.get("/making-good")
def making_good(
    work: ReadDep,
    who: StaffDep,
    from_day: Annotated[DayIn | None, Query(alias="from")] = None,
    to_day: Annotated[DayIn | None, Query(alias="to")] = None,
) -> ReportOut:
    """From one local day to another, both included; today when left out."""
    return read_report(work, who, from_day, to_day)


def read_report(work: Work, who: Principal, from_day: dt.date | None, to_day: dt.date | None) -> ReportOut:
    """Raises Invalid when the last day lies before the first."""
    days = read_days(work, who, from_day, to_day)
    return ReportOut.of(sum_up(gather_days(work, who, days)), days.first, days.last)


@dataclass(frozen=True, slots=True)
class Days:
    """Local days from `first` to `last`, both included."""

    first: dt.date
    last: dt.date

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1


def read_days(work: Work, who: Principal, from_day: dt.date | None, to_day: dt.date | None) -> Days:
    """The days that were asked for: today when left out. Raises Invalid for none, and for too many."""
    territory = get_territory(work.session, who.territory_id or "")
    first = from_day or to_day or local_day(work.now, territory.zone)
    days = Days(first, to_day or first)
    if days.last < days.first:
        raise Invalid.field("to", "window_empty", "The last day lies before the first.")
    if days.count > MOST_DAYS or not OLDEST <= days.first <= days.last <= NEWEST:
        raise Invalid.field(
            "to", "too_many_days", f"At most {MOST_DAYS} days at once, all of them near ours."
        )
    return days


def instants(work: Work, who: Principal, days: Days) -> tuple[Territory, dt.datetime, dt.datetime]:
    """The asker's own territory, and the instants at which the days begin and end there."""
    territory = get_territory(work.session, who.territory_id or "")
    until_at = midnight(days.last + dt.timedelta(days=1), territory.zone)
    return territory, midnight(days.first, territory.zone), until_at


def gather_days(work: Work, who: Principal, days: Days) -> Material:
    """What the figures of these days are made of, in the asker's own territory."""
    return gather(work.session, *instants(work, who, days), work.now)
