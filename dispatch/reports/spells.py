"""Times at doors, from the record: who set out when, was there from when until when, and whether the work was done.

A visit's own row only knows the last of them.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import select as pick
from sqlmodel import Session, col, select

from dispatch.customers.tables import Address
from dispatch.ledger import LedgerEntry
from dispatch.promises.tables import Promise
from dispatch.reports.areas import area_of
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.visits.tables import Visit

ENDS = ("finish", "fail")
NEAR = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """One time at one door. `planned_seconds` and `spread_seconds` are what the visit was booked with; `left_at` is
    None where the technician did not say that they set out, `ended_at` while they are there.
    """

    visit_id: str
    technician_id: str
    arrived_at: dt.datetime
    left_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    done: bool = False
    service_id: str = ""
    area: str = "middle"
    planned_seconds: int = 2700
    spread_seconds: int = 600

    @property
    def work_seconds(self) -> float | None:
        """How long the work took, where it was done."""
        return (self.ended_at - self.arrived_at).total_seconds() if self.done and self.ended_at else None

    @property
    def drive_seconds(self) -> float | None:
        return (self.arrived_at - self.left_at).total_seconds() if self.left_at else None

    def ran_over_by(self, at: dt.datetime) -> bool:
        """Whether it had by then taken longer than planned and than the spread on top."""
        until = min(self.ended_at or at, at)
        return (until - self.arrived_at).total_seconds() > self.planned_seconds + self.spread_seconds


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of the record: a signal that a visit got, at the time at which it happened."""

    visit_id: str
    signal: str
    at: dt.datetime
    technician_id: str = ""


def spells_of(steps: Iterable[Step]) -> list[Spell]:
    """The spells that these steps, in the order of the record, make; in the order in which they began."""
    left: dict[str, dt.datetime] = {}
    there: dict[str, Spell] = {}
    found: list[Spell] = []
    for one in steps:
        if one.signal == "leave":
            left[one.visit_id] = one.at
        elif one.signal == "arrive":
            there[one.visit_id] = Spell(
                visit_id=one.visit_id,
                technician_id=one.technician_id,
                left_at=left.pop(one.visit_id, None),
                arrived_at=one.at,
            )
        else:
            left.pop(one.visit_id, None)
            if one.signal in ENDS and one.visit_id in there:
                begun = there.pop(one.visit_id)
                found.append(replace(begun, ended_at=one.at, done=one.signal == "finish"))
    return sorted([*found, *there.values()], key=lambda one: (one.arrived_at, one.visit_id))


def gather_spells(
    session: Session, territory: Territory, from_at: dt.datetime, until_at: dt.datetime
) -> list[Spell]:
    """Every time at a door of this territory that is on record for [from_at, until_at).

    Found by their visits' windows, which are near: the record of years has no index by time.
    """
    near = select(Promise.visit_id).where(
        Promise.start_at >= from_at - NEAR, Promise.start_at < until_at + NEAR
    )
    return _read(
        session,
        territory,
        col(LedgerEntry.visit_id).in_(near),
        col(LedgerEntry.at) >= from_at,
        col(LedgerEntry.at) < until_at,
    )


def gather_spells_of_done(
    session: Session, territory: Territory, from_at: dt.datetime, until_at: dt.datetime
) -> list[Spell]:
    """Every time, however long ago, at the doors of visits that were done in [from_at, until_at)."""
    return _read(session, territory, col(Visit.done_at) >= from_at, col(Visit.done_at) < until_at)


def _read(session: Session, territory: Territory, *conditions: ColumnElement[bool]) -> list[Spell]:
    columns: list[Any] = [LedgerEntry.visit_id, LedgerEntry.at, LedgerEntry.data]
    columns += [Visit.service_id, Visit.duration_seconds, Visit.spread_seconds, Address.lat, Address.lng]
    query = (
        pick(*columns)
        .join(Visit, col(LedgerEntry.visit_id) == col(Visit.id))
        .join(Address, col(Visit.address_id) == col(Address.id))
        .where(col(Visit.territory_id) == territory.id, col(LedgerEntry.kind) == "visit_stepped", *conditions)
        .order_by(col(LedgerEntry.seq))
    )
    rows = session.execute(query).all()
    about = {row.visit_id: row for row in rows}
    centre = Point(territory.centre_lat, territory.centre_lng)
    return [
        replace(
            one,
            service_id=about[one.visit_id].service_id,
            planned_seconds=about[one.visit_id].duration_seconds,
            spread_seconds=about[one.visit_id].spread_seconds,
            area=area_of(Point(about[one.visit_id].lat, about[one.visit_id].lng), centre),
        )
        for one in spells_of(_step(row) for row in rows)
    ]


def _step(row: Any) -> Step:
    """What a phone without a network says later happened when it says, not when we heard of it."""
    said = row.data.get("occurred_at")
    at = dt.datetime.fromisoformat(said) if said else row.at
    return Step(row.visit_id, row.data["signal"], at, row.data.get("technician_id") or "")


class Trails:
    """Everybody's way from door to door: their spells in the order in which they arrived."""

    def __init__(self, spells: Iterable[Spell]) -> None:
        self._of: dict[str, list[Spell]] = defaultdict(list)
        for one in sorted(spells, key=_arrival):
            self._of[one.technician_id].append(one)

    def before(self, technician_id: str, at: dt.datetime, day_began_at: dt.datetime) -> Spell | None:
        """Where that technician was last, of all doors of that day at which they arrived before `at`."""
        theirs = self._of.get(technician_id, [])
        place = bisect_left(theirs, at, key=_arrival)
        last = theirs[place - 1] if place else None
        return last if last and last.arrived_at >= day_began_at else None


def _arrival(one: Spell) -> dt.datetime:
    return one.arrived_at
