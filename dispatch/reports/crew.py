"""Promises by technician, with what stood in their way: a table to talk about, not to rank people by.

For whoever leads people. What breaks a promise is seldom the person who was to keep it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select as pick
from sqlmodel import Session, col

from dispatch.errors import NotFound
from dispatch.promises.states import PromiseState
from dispatch.reports.material import Promised, gather_asked, gather_promises
from dispatch.reports.spells import Spell, Trails, gather_spells
from dispatch.territories.tables import Territory
from dispatch.visits.tables import Visit

ENOUGH = 5  # visits that were made good: of fewer, nothing can be said about whom they ask
MUCH_LESS = 0.25  # of all customers; asking after trouble may be a little rarer, phones being what they are
CLEARED_BY = {
    "plan": "plan",
    "wrong_parts": "part",
    "customer_absent": "customer",
    "no_access": "customer",
    "not_finished": "time",
}
DONE = ("done_after", "asked_after", "done_else", "asked_else")
REASONS = ("plan", "time", "part", "customer", "earlier", "away", "word", "nothing")


@dataclass(frozen=True, slots=True)
class Done:
    """A visit that was done: by whom, and whether a promise had been broken before."""

    visit_id: str
    technician_id: str
    failed_before: bool


@dataclass(frozen=True, slots=True)
class Member:
    """One technician's promises that came due, and what stood in the way of the broken ones, by REASONS."""

    technician_id: str
    kept: int
    broken: int
    reasons: dict[str, int]


@dataclass(frozen=True, slots=True)
class Asking:
    """Whose customers were asked how it went: after a promise was broken, and otherwise."""

    technician_id: str
    done_after: int
    asked_after: int
    done_else: int
    asked_else: int

    @property
    def asks_less(self) -> bool:
        """Whether customers to whom a promise was broken are asked much less often than the others."""
        if self.done_after < ENOUGH or not self.done_else:
            return False
        return self.asked_else / self.done_else - self.asked_after / self.done_after >= MUCH_LESS


def reason_of(one: Promised, trails: Trails, zone: dt.tzinfo) -> str:
    """What stood in the way of a broken promise, one of REASONS; `nothing` where nothing is known that did.

    *Earlier*: the visit at which the technician was just before took longer than planned and its spread.
    """
    if one.fault in ("customer", "third_party"):
        return "customer"
    if one.noticed_by == "absence":
        return "away"
    if one.fault == "unknown":
        return "word"  # theirs against the customer's
    if one.kind in CLEARED_BY:
        return CLEARED_BY[one.kind]
    last = was_last(one, trails, zone)
    if last and one.certain_at and last.ran_over_by(one.certain_at):
        return "earlier"
    return "nothing"


def was_last(one: Promised, trails: Trails, zone: dt.tzinfo) -> Spell | None:
    """Where the technician was just before it was certain that this promise breaks, on the day of its window."""
    if not one.start_at or not one.certain_at:
        return None
    day = one.start_at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return trails.before(one.technician_id, one.certain_at, day)


def by_technician(promises: Sequence[Promised], spells: Sequence[Spell], zone: dt.tzinfo) -> list[Member]:
    """Everybody with a promise that came due; in no order that says who is better."""
    found, trails = [], Trails(spells)
    for id in sorted({one.technician_id for one in promises} - {""}):
        kept = [one for one in promises if one.technician_id == id and one.state is PromiseState.KEPT]
        broken = broken_by(promises, id)
        reasons = Counter(reason_of(one, trails, zone) for one in broken)
        if kept or broken:
            found.append(Member(id, len(kept), len(broken), dict(reasons)))
    return found


def broken_by(promises: Sequence[Promised], technician_id: str) -> list[Promised]:
    return [
        one for one in promises if one.technician_id == technician_id and one.state is PromiseState.BROKEN
    ]


def asking(done: Sequence[Done], asked: frozenset[str]) -> list[Asking]:
    """For everybody who finished a visit, how often the customer was asked."""
    found = []
    for id in sorted({one.technician_id for one in done}):
        after = {one.visit_id for one in done if one.technician_id == id and one.failed_before}
        other = {one.visit_id for one in done if one.technician_id == id and not one.failed_before}
        found.append(Asking(id, len(after), len(after & asked), len(other), len(other & asked)))
    return found


def gather_done(
    session: Session, territory: Territory, from_at: dt.datetime, until_at: dt.datetime
) -> list[Done]:
    columns: list[Any] = [Visit.id, Visit.technician_id, Visit.failures]
    query = (
        pick(*columns)
        .where(col(Visit.territory_id) == territory.id, col(Visit.technician_id).is_not(None))
        .where(col(Visit.done_at) >= from_at, col(Visit.done_at) < until_at)
        .order_by(col(Visit.done_at), col(Visit.id))
    )
    return [Done(row.id, row.technician_id, row.failures > 0) for row in session.execute(query)]


def gather_crew(
    session: Session, territory: Territory, from_at: dt.datetime, until_at: dt.datetime, now: dt.datetime
) -> CrewMaterial:
    """What is said about the technicians of a territory in [from_at, until_at)."""
    return CrewMaterial(
        gather_promises(session, territory, from_at, until_at),
        gather_spells(session, territory, from_at, until_at),
        gather_done(session, territory, from_at, until_at),
        gather_asked(session, territory.id, from_at, now),
        territory.zone,
    )


@dataclass(frozen=True, slots=True)
class CrewMaterial:
    """What the figures about technicians are made of. `asked` also after the days, of whoever was done in them."""

    promises: Sequence[Promised]
    spells: Sequence[Spell]
    done: Sequence[Done]
    asked: frozenset[str]
    zone: dt.tzinfo


def visits_of(crew: CrewMaterial, technician_id: str, what: str) -> list[str]:
    """The visits that a figure about a technician counts: `kept`, `broken`, one of REASONS or of DONE.

    Raises NotFound for no figure.
    """
    promises = crew.promises
    broken = broken_by(promises, technician_id)
    if what == "kept":
        kept = [one for one in promises if one.state is PromiseState.KEPT]
        return [one.visit_id for one in kept if one.technician_id == technician_id]
    if what == "broken":
        return [one.visit_id for one in broken]
    if what in REASONS:
        trails = Trails(crew.spells)
        return [one.visit_id for one in broken if reason_of(one, trails, crew.zone) == what]
    if what not in DONE:
        raise NotFound("There is no such figure.")
    mine = [one for one in crew.done if one.technician_id == technician_id]
    after = what.endswith("_after")
    ids = [one.visit_id for one in mine if one.failed_before is after]
    return [id for id in ids if id in crew.asked] if what.startswith("asked") else ids
