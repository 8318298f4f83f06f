"""What the figures of some days are made of: promises, broken promises, and who was asked how it went.

Everything that a figure counts has its visit, so that whoever doubts a number can look at what it counts.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select as pick
from sqlmodel import Session, col, select

from dispatch.customers.tables import Address
from dispatch.failures.tables import Failure
from dispatch.ledger import LedgerEntry
from dispatch.promises.states import PromiseState
from dispatch.promises.tables import Promise
from dispatch.recoveries.tables import Recovery
from dispatch.reports.areas import area_of
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.visits.tables import Rating, Visit

REACHED_A_PHONE = ("accepted", "delivered")
SILENT_AFTER = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """One promise, its window, and what it was about. `hour` and `weekday` (Monday 0) are those of the window's
    begin on the wall clock. Who kept or broke it, and how it broke, is empty where nobody or nothing did.
    """

    visit_id: str
    state: PromiseState
    service_id: str = ""
    area: str = "middle"
    hour: int = 8
    weekday: int = 0
    start_at: dt.datetime | None = None
    end_at: dt.datetime | None = None
    technician_id: str = ""
    kind: str = ""
    fault: str = ""
    noticed_by: str = ""
    certain_at: dt.datetime | None = None

    def is_open_since(self, at: dt.datetime) -> bool:
        """Whether the window was over by then, and the promise is still neither kept nor known to be broken."""
        return self.state is PromiseState.OPEN and self.end_at is not None and self.end_at <= at


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One broken promise and what became of it; an instant is None where it has not come so far.

    `day` is the local day on which it was noticed, `there_at` the first arrival after a new time was arranged,
    from `start_at` to `end_at` the window that was not kept.
    """

    visit_id: str
    kind: str
    fault: str
    day: dt.date
    certain_at: dt.datetime
    noticed_at: dt.datetime
    told_at: dt.datetime | None = None
    arranged_at: dt.datetime | None = None
    there_at: dt.datetime | None = None
    outcome: str | None = None
    credit_cents: int = 0
    credit_state: str = "none"
    repair_milliseconds: int | None = None
    start_at: dt.datetime | None = None
    end_at: dt.datetime | None = None
    noticed_by: str = ""
    contested_at: dt.datetime | None = None

    def took(self, step: str) -> float | None:
        """The seconds of one of STEPS, never below zero; None while it is not over."""
        begin, end = (getattr(self, name) for name in STEPS[step])
        return _seconds(begin, end)

    def since_certain(self, step: str) -> float | None:
        """The seconds from when the break was certain until one of STEPS was over; None while it is not."""
        return _seconds(self.certain_at, getattr(self, STEPS[step][1]))

    @property
    def lost_seconds(self) -> float:
        """How much of the window the customer waited in vain: until they were told, else all of it.

        Nothing where it was their own doing.
        """
        if self.fault == "customer" or not self.start_at or not self.end_at:
            return 0.0
        told_at = min(self.told_at or self.end_at, self.end_at)
        return _seconds(self.start_at, told_at) or 0.0

    @property
    def was_silent(self) -> bool:
        """Whether nobody noticed it for longer than is allowed."""
        return self.noticed_at - self.certain_at > SILENT_AFTER


def _seconds(begin: dt.datetime | None, end: dt.datetime | None) -> float | None:
    return max(0.0, (end - begin).total_seconds()) if begin and end else None


STEPS: Mapping[str, tuple[str, str]] = {
    "noticed": ("certain_at", "noticed_at"),
    "told": ("noticed_at", "told_at"),
    "accepted": ("told_at", "arranged_at"),
    "there": ("arranged_at", "there_at"),
}


@dataclass(frozen=True, slots=True)
class Material:
    """Promises that began in the days, cases noticed in them, scores given in them, each with its visit.

    `asked` are the visits whose customers were asked in these days how it went, `answered` those who said it
    since. `again` are visits that failed in these days and had failed before, `silent` those whose window is over
    while nobody came and nobody noticed. `overrides`: what the house had offered and a dispatcher took back in these
    days, with the code of the reason.
    """

    promises: Sequence[Promised] = ()
    cases: Sequence[Case] = ()
    scores: Sequence[tuple[str, int]] = ()
    asked: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()
    again: Sequence[str] = ()
    silent: Sequence[str] = ()
    overrides: Sequence[tuple[str, str]] = ()


def gather(
    session: Session, territory: Territory, from_at: dt.datetime, until_at: dt.datetime, now: dt.datetime
) -> Material:
    """Everything that the figures of [from_at, until_at) are made of, in one territory."""
    territory_id = territory.id
    asked = gather_asked(session, territory_id, from_at, until_at)
    since = (
        select(Rating.visit_id)
        .join(Visit, col(Rating.visit_id) == col(Visit.id))
        .where(Visit.territory_id == territory_id, Rating.rated_at >= from_at)
    )
    rated = set(session.exec(since))
    promises = gather_promises(session, territory, from_at, until_at)
    unseen_since = now - SILENT_AFTER - dt.timedelta(seconds=territory.policies.grace_seconds)
    return Material(
        promises=promises,
        cases=_cases(session, territory_id, from_at, until_at),
        scores=_scores(session, territory_id, from_at, until_at),
        asked=asked,
        answered=asked & rated,
        again=_again(session, territory_id, from_at, until_at),
        silent=[one.visit_id for one in promises if one.is_open_since(unseen_since)],
        overrides=_overrides(session, territory_id, from_at, until_at),
    )


def gather_promises(
    session: Session, territory: Territory, from_at: dt.datetime, until_at: dt.datetime
) -> list[Promised]:
    """The promises whose windows begin in [from_at, until_at), in that order."""
    failed = (col(Failure.visit_id) == col(Promise.visit_id)) & (
        col(Failure.promise_version) == col(Promise.version)
    )
    columns: list[Any] = [Promise.visit_id, Promise.state, Promise.start_at, Promise.end_at]
    columns += [Visit.service_id, Visit.technician_id, Address.lat, Address.lng]
    columns += [
        Failure.kind,
        Failure.fault,
        Failure.noticed_by,
        Failure.certain_at,
        col(Failure.technician_id).label("failed_by"),
    ]
    query = (
        pick(*columns)
        .join(Visit, col(Promise.visit_id) == col(Visit.id))
        .join(Address, col(Visit.address_id) == col(Address.id))
        .outerjoin(Failure, failed)
        .where(col(Visit.territory_id) == territory.id)
        .where(col(Promise.start_at) >= from_at, col(Promise.start_at) < until_at)
        .order_by(col(Promise.start_at), col(Promise.id))
    )
    return [_promised(territory, row) for row in session.execute(query)]


def _promised(territory: Territory, row: Any) -> Promised:
    """Columns and no rows: a year has ten thousands of them."""
    begin = row.start_at.astimezone(territory.zone)
    kept_by = row.technician_id if row.state is PromiseState.KEPT else None
    return Promised(
        visit_id=row.visit_id,
        state=row.state,
        service_id=row.service_id,
        area=area_of(Point(row.lat, row.lng), Point(territory.centre_lat, territory.centre_lng)),
        hour=begin.hour,
        weekday=begin.weekday(),
        start_at=row.start_at,
        end_at=row.end_at,
        technician_id=(row.failed_by if row.kind else kept_by) or "",
        kind=row.kind or "",
        fault=row.fault or "",
        noticed_by=row.noticed_by or "",
        certain_at=row.certain_at,
    )


def _cases(
    session: Session, territory_id: str, from_at: dt.datetime, until_at: dt.datetime
) -> Sequence[Case]:
    version = (col(Promise.visit_id) == col(Failure.visit_id)) & (
        col(Promise.version) == col(Failure.promise_version)
    )
    query = (
        select(Failure, Recovery, Promise)
        .join(Recovery, col(Recovery.failure_id) == col(Failure.id))
        .join(Promise, version)
        .where(
            Recovery.territory_id == territory_id,
            Failure.noticed_at >= from_at,
            Failure.noticed_at < until_at,
        )
        .order_by(col(Failure.noticed_at), col(Failure.id))
    )
    rows = session.exec(query).all()
    arrivals = _arrivals(session, {failure.visit_id for failure, _, _ in rows})
    return [
        _case(failure, recovery, promise, arrivals[failure.visit_id]) for failure, recovery, promise in rows
    ]


def _case(failure: Failure, recovery: Recovery, promise: Promise, arrivals: Sequence[dt.datetime]) -> Case:
    return Case(
        visit_id=failure.visit_id,
        kind=failure.kind.value,
        fault=failure.fault.value,
        day=recovery.day,
        certain_at=recovery.certain_at,
        noticed_at=recovery.noticed_at,
        told_at=recovery.told_at,
        arranged_at=recovery.arranged_at,
        there_at=first_arrival(arrivals, recovery.arranged_at, recovery.closed_at),
        outcome=recovery.outcome,
        credit_cents=recovery.credit_cents,
        credit_state=recovery.credit_state,
        repair_milliseconds=recovery.repair_milliseconds,
        start_at=promise.start_at,
        end_at=promise.end_at,
        noticed_by=failure.noticed_by,
        contested_at=failure.contested_at,
    )


def first_arrival(
    arrivals: Sequence[dt.datetime], arranged_at: dt.datetime | None, closed_at: dt.datetime | None
) -> dt.datetime | None:
    """The first arrival since a new time was arranged, as long as this recovery was not over."""
    if arranged_at is None:
        return None
    fits = [at for at in arrivals if at >= arranged_at and (closed_at is None or at <= closed_at)]
    return min(fits, default=None)


def _arrivals(session: Session, visit_ids: Collection[str]) -> Mapping[str, list[dt.datetime]]:
    """From the record: a visit's own row only knows the last one."""
    query = select(LedgerEntry).where(
        col(LedgerEntry.visit_id).in_(visit_ids),
        LedgerEntry.kind == "visit_stepped",
        col(LedgerEntry.data)["signal"].as_string() == "arrive",
    )
    found: dict[str, list[dt.datetime]] = defaultdict(list)
    for entry in session.exec(query):
        found[entry.visit_id or ""].append(entry.at)
    return found


def _again(session: Session, territory_id: str, from_at: dt.datetime, until_at: dt.datetime) -> Sequence[str]:
    """From the record, once for each failure in these days that was not the visit's first."""
    query = (
        select(LedgerEntry.visit_id, LedgerEntry.at)
        .join(Visit, col(LedgerEntry.visit_id) == col(Visit.id))
        .where(Visit.territory_id == territory_id, Visit.failures >= 2, LedgerEntry.at < until_at)
        .where(LedgerEntry.kind == "failure_noticed")
        .order_by(col(LedgerEntry.seq))
    )
    seen: set[str] = set()
    found = []
    for visit_id, at in session.exec(query):
        if visit_id in seen and at >= from_at:
            found.append(visit_id or "")
        seen.add(visit_id or "")
    return found


def _scores(
    session: Session, territory_id: str, from_at: dt.datetime, until_at: dt.datetime
) -> Sequence[tuple[str, int]]:
    query = (
        select(Rating.visit_id, Rating.score)
        .join(Visit, col(Rating.visit_id) == col(Visit.id))
        .where(Visit.territory_id == territory_id, Rating.rated_at >= from_at, Rating.rated_at < until_at)
        .order_by(col(Rating.rated_at), col(Rating.visit_id))
    )
    return [(visit_id, score) for visit_id, score in session.exec(query)]


def _overrides(
    session: Session, territory_id: str, from_at: dt.datetime, until_at: dt.datetime
) -> Sequence[tuple[str, str]]:
    query = (
        select(LedgerEntry.visit_id, col(LedgerEntry.data)["why"].as_string())
        .join(Visit, col(LedgerEntry.visit_id) == col(Visit.id))
        .where(Visit.territory_id == territory_id, LedgerEntry.kind == "offer_taken_back")
        .where(LedgerEntry.at >= from_at, LedgerEntry.at < until_at)
        .order_by(col(LedgerEntry.seq))
    )
    return [(visit_id or "", why) for visit_id, why in session.exec(query)]


def gather_asked(
    session: Session, territory_id: str, from_at: dt.datetime, until_at: dt.datetime
) -> frozenset[str]:
    """Whose question 'how did it go' was queued in these days and reached a phone, by the record."""
    ours = select(LedgerEntry.visit_id, col(LedgerEntry.data)["message_id"].as_string())
    ours = ours.join(Visit, col(LedgerEntry.visit_id) == col(Visit.id))
    ours = ours.where(Visit.territory_id == territory_id, LedgerEntry.at >= from_at)
    queued = ours.where(
        LedgerEntry.kind == "message_queued",
        LedgerEntry.at < until_at,
        col(LedgerEntry.data)["purpose"].as_string() == "rate",
    )
    settled = ours.where(
        LedgerEntry.kind == "message_settled",
        col(LedgerEntry.data)["outcome"].as_string().in_(REACHED_A_PHONE),
    )
    arrived = {message_id for _, message_id in session.exec(settled)}
    return frozenset(id for id, message_id in session.exec(queued) if id and message_id in arrived)
