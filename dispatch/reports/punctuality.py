"""Punctuality that is true: the ranges that customers were told against the arrivals, windows against what they
needed, and how often the first visit was enough.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select as pick
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from dispatch.errors import NotFound
from dispatch.plans.ranges import LEAD_NAMES
from dispatch.plans.tables import ToldRange
from dispatch.promises.states import PromiseState
from dispatch.promises.tables import Promise
from dispatch.reports.making_good import nine_in_ten
from dispatch.reports.spells import Spell, gather_spells, gather_spells_of_done
from dispatch.territories.tables import Territory
from dispatch.visits.tables import Visit

LEAST_HELD, MOST_HELD = 75.0, 85.0  # of a hundred: a range is meant to hold eight times in ten
ENOUGH = 20  # ranges: of fewer, one more or less would say something else
OUTCOMES = ("held", "early", "late", "nobody")
LATE_ARRIVALS = dt.timedelta(days=1)  # after the days, for ranges and windows at their end


@dataclass(frozen=True, slots=True)
class Range:
    """A range that was told, and when somebody arrived under the same promise; None where nobody did."""

    visit_id: str
    lead: str
    from_at: dt.datetime
    until_at: dt.datetime
    arrived_at: dt.datetime | None

    @property
    def outcome(self) -> str:
        """`held`, too `early`, too `late`, or `nobody` came."""
        if self.arrived_at is None:
            return "nobody"
        if self.arrived_at < self.from_at:
            return "early"
        return "held" if self.arrived_at <= self.until_at else "late"


@dataclass(frozen=True, slots=True)
class Lead:
    """The ranges that were told so long before. Where nobody came it did not hold either."""

    name: str
    held: int
    early: int
    late: int
    nobody: int

    @property
    def told(self) -> int:
        return self.held + self.early + self.late + self.nobody

    @property
    def held_of_hundred(self) -> float | None:
        return 100 * self.held / self.told if self.told else None

    @property
    def verdict(self) -> str:
        """`true` where they hold as often as they should, else `narrow` or `wide`; `few` where nobody can say yet."""
        held = self.held_of_hundred
        if held is None or self.told < ENOUGH:
            return "few"
        return "narrow" if held < LEAST_HELD else "wide" if held > MOST_HELD else "true"


def calibrate(ranges: Sequence[Range]) -> list[Lead]:
    """How often ranges held, by how long before they were told."""
    return [_lead(name, [one.outcome for one in ranges if one.lead == name]) for name in LEAD_NAMES]


def _lead(name: str, outcomes: Sequence[str]) -> Lead:
    return Lead(name, *(outcomes.count(outcome) for outcome in OUTCOMES))


@dataclass(frozen=True, slots=True)
class Window:
    """A window that was promised, and how long after its begin somebody arrived; 0 for whoever came before."""

    visit_id: str
    service_id: str
    promised_seconds: float
    used_seconds: float


@dataclass(frozen=True, slots=True)
class Needed:
    """Of one service: `needed_seconds` after the begin of the window nine in ten had somebody at the door."""

    service_id: str
    windows: int
    promised_seconds: float
    needed_seconds: float


def needed(windows: Sequence[Window]) -> list[Needed]:
    """For each service how long windows were on average, and how long they needed to be for nine in ten."""
    found = []
    for id in sorted({one.service_id for one in windows}):
        mine = [one for one in windows if one.service_id == id]
        mean = sum(one.promised_seconds for one in mine) / len(mine)
        found.append(Needed(id, len(mine), mean, nine_in_ten([one.used_seconds for one in mine]) or 0.0))
    return found


@dataclass(frozen=True, slots=True)
class Fixed:
    """A visit that was done, and whether the first time at its door was enough."""

    visit_id: str
    service_id: str
    at_once: bool


def fixed(spells: Sequence[Spell]) -> list[Fixed]:
    """Of all the times at the doors of visits that were done: whether one was enough."""
    times = Counter(one.visit_id for one in spells)
    return [Fixed(one.visit_id, one.service_id, times[one.visit_id] == 1) for one in spells if one.done]


@dataclass(frozen=True, slots=True)
class Punctuality:
    """What the figures about punctuality are made of."""

    ranges: Sequence[Range] = ()
    windows: Sequence[Window] = ()
    fixed: Sequence[Fixed] = ()


def visits_told(found: Punctuality, figure: str) -> list[str]:
    """The visits that a figure about punctuality counts, like `range:held:soon`. Raises NotFound for no figure."""
    name, *details = figure.split(":")
    if name == "range" and len(details) == 2 and details[0] in ("told", *OUTCOMES):
        outcome, lead = details
        mine = [one for one in found.ranges if one.lead == lead]
        return [one.visit_id for one in mine if outcome in ("told", one.outcome)]
    if name == "window" and len(details) == 1:
        return [one.visit_id for one in found.windows if one.service_id == details[0]]
    if name == "fixed" and len(details) == 2 and details[0] in ("at_once", "again", "all"):
        kind, service_id = details
        done = [one for one in found.fixed if service_id in (one.service_id, "all")]
        return [one.visit_id for one in done if kind == "all" or one.at_once is (kind == "at_once")]
    raise NotFound("There is no such figure.")


def gather_punctuality(
    session: Session, territory: Territory, from_at: dt.datetime, until_at: dt.datetime
) -> Punctuality:
    """Ranges told and windows begun in [from_at, until_at) whose promise is kept or broken, and what was done in it."""
    arrivals: dict[str, list[dt.datetime]] = defaultdict(list)
    for one in gather_spells(session, territory, from_at, until_at + LATE_ARRIVALS):
        arrivals[one.visit_id].append(one.arrived_at)
    told, begun = ([col(at) >= from_at, col(at) < until_at] for at in (ToldRange.told_at, Promise.start_at))
    ranges = _promises(ToldRange.lead, ToldRange.from_at, ToldRange.until_at, ToldRange.told_at)
    of_promise = (col(ToldRange.visit_id) == col(Promise.visit_id)) & (
        col(ToldRange.promise_version) == col(Promise.version)
    )
    ranges = ranges.join(ToldRange, of_promise).where(col(Visit.territory_id) == territory.id, *told)
    windows = _promises(Promise.start_at, Promise.end_at, col(Promise.made_at).label("told_at"))
    windows = windows.where(col(Visit.territory_id) == territory.id, *begun)
    return Punctuality(
        [
            Range(row.visit_id, row.lead, row.from_at, row.until_at, _arrival(arrivals, row))
            for row in session.execute(ranges.order_by(col(ToldRange.told_at), col(ToldRange.id)))
        ],
        [
            Window(
                row.visit_id,
                row.service_id,
                (row.end_at - row.start_at).total_seconds(),
                max(0.0, (arrived_at - row.start_at).total_seconds()),
            )
            for row in session.execute(windows.order_by(col(Promise.start_at), col(Promise.id)))
            if (arrived_at := _arrival(arrivals, row))
        ],
        fixed(gather_spells_of_done(session, territory, from_at, until_at)),
    )


def _promises(*more: Any) -> Any:
    """Promises that are kept or broken, and until when they were the ones that counted."""
    later = aliased(Promise)
    columns: list[Any] = [Promise.visit_id, Visit.service_id, col(later.made_at).label("replaced_at"), *more]
    replaced = (col(later.visit_id) == col(Promise.visit_id)) & (
        col(later.version) == col(Promise.version) + 1
    )
    return (
        pick(*columns)
        .select_from(Promise)
        .join(Visit, col(Promise.visit_id) == col(Visit.id))
        .outerjoin(later, replaced)
        .where(col(Promise.state).in_((PromiseState.KEPT, PromiseState.BROKEN)))
    )


def _arrival(arrivals: Mapping[str, Sequence[dt.datetime]], row: Any) -> dt.datetime | None:
    """The first one since it was told, under the same promise."""
    fits = [
        at
        for at in arrivals.get(row.visit_id, ())
        if at >= row.told_at and (row.replaced_at is None or at < row.replaced_at)
    ]
    return min(fits, default=None)
