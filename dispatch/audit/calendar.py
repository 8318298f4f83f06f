"""Each territory's local calendar: its zone, its policies and which day it is there now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dispatch.errors import Invalid
from dispatch.local_time import local_day, midnight, zone
from dispatch.policies import Policies
from dispatch.territories.queries import list_territories
from dispatch.territories.tables import Territory
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class Office:
    """A territory, read once: its policies are parsed only here."""

    territory: Territory
    zone: ZoneInfo
    policies: Policies
    today: dt.date

    @property
    def name(self) -> str:
        return self.territory.name

    def day_of(self, at: dt.datetime) -> dt.date:
        return local_day(at, self.zone)

    def ends_at(self, day: dt.date) -> dt.datetime:
        """The instant at which the local `day` is over."""
        return midnight(day + dt.timedelta(days=1), self.zone)

    def is_planned(self, day: dt.date) -> bool:
        """Whether the day is inside the planning horizon; days that are over count as inside."""
        return (day - self.today).days < self.policies.planning_horizon_days


def offices(work: Work) -> dict[str, Office]:
    """Every territory by id; one whose zone nobody knows is left to the check of the zones."""
    found = {}
    for territory in list_territories(work.session):
        try:
            where = zone(territory.time_zone)
        except Invalid:
            continue
        found[territory.id] = Office(territory, where, territory.policies, local_day(work.now, where))
    return found
