"""What a regulator asks: payments for missed appointments, due and given, and the share of appointments that were kept.

An appointment is a promise that came due. It is *missed* where nobody was at the door inside its window and that was
the company's fault. *Given* is the credit on our record; booking it is for whoever keeps the customers' accounts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select as pick
from sqlmodel import Session, col

from dispatch.errors import NotFound
from dispatch.failures.tables import Failure, Fault
from dispatch.ledger import LedgerEntry
from dispatch.local_time import local_day, midnight
from dispatch.promises.states import PromiseState
from dispatch.promises.tables import Promise
from dispatch.recoveries.credits import MISSED, MissedRule
from dispatch.recoveries.tables import Recovery
from dispatch.reports.material import Promised, gather_promises
from dispatch.territories.tables import Territory

STATES = ("in_time", "given_late", "short", "waiting", "overdue")
LATE = ("given_late", "overdue")
COUNTED = ("kept", "missed", "left_out", "due")
NOT_OURS = ("customer", "third_party")
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Missed:
    """One missed appointment: `owed_cents` are to be given by the end of `due_on`, `given_on` is when they were."""

    visit_id: str
    day: dt.date
    due_on: dt.date
    owed_cents: int
    given_cents: int
    given_on: dt.date | None
    today: dt.date

    @property
    def state(self) -> str:
        """One of STATES: given in time or late, given too little, still in time to be given, or overdue."""
        if self.given_on is not None:
            if self.given_cents < self.owed_cents:
                return "short"
            return "in_time" if self.given_on <= self.due_on else "given_late"
        return "waiting" if self.today <= self.due_on else "overdue"


@dataclass(frozen=True, slots=True)
class Payments:
    """Of one state: how many missed appointments, what is owed for them, and what was given."""

    state: str
    count: int
    owed_cents: int
    given_cents: int


@dataclass(frozen=True, slots=True)
class Quarter:
    """A calendar quarter. `missed` broke by the company or nobody knows by whom; `left_out` by the customer or by
    somebody else, which counts for nothing."""

    name: str
    first: dt.date
    last: dt.date
    kept: int
    missed: int
    left_out: int

    @property
    def percent(self) -> float | None:
        """Kept, of a hundred that were kept or missed; None of none."""
        return 100 * self.kept / (self.kept + self.missed) if self.kept + self.missed else None


def working_days_after(day: dt.date, count: int) -> dt.date:
    """The day by whose end so many working days have gone: Monday to Friday, public holidays not known."""
    while count:
        day += dt.timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day


def payments(missed: Sequence[Missed]) -> list[Payments]:
    """One line for each state, in the order of STATES."""
    return [
        Payments(
            state,
            len(mine),
            sum(one.owed_cents for one in mine),
            sum(one.given_cents for one in mine if one.given_on),
        )
        for state in STATES
        for mine in [[one for one in missed if one.state == state]]
    ]


def quarters(first: dt.date, last: dt.date) -> list[tuple[str, dt.date, dt.date]]:
    """Every calendar quarter that these days touch: its name, like `2026q1`, its first and its last day."""
    found, year, number = [], first.year, (first.month - 1) // 3
    while (begin := dt.date(year, 3 * number + 1, 1)) <= last:
        name = f"{year}q{number + 1}"
        year, number = (year, number + 1) if number < 3 else (year + 1, 0)
        found.append((name, begin, dt.date(year, 3 * number + 1, 1) - dt.timedelta(days=1)))
    return found


def kept_in(
    name: str, first: dt.date, last: dt.date, promises: Sequence[Promised], zone: dt.tzinfo
) -> Quarter:
    """The quarter's own promises, counted."""
    mine = _of_quarter(promises, first, last, zone)
    outcomes = [outcome_of(one) for one in mine]
    return Quarter(name, first, last, *(outcomes.count(one) for one in ("kept", "missed", "left_out")))


def _of_quarter(
    promises: Sequence[Promised], first: dt.date, last: dt.date, zone: dt.tzinfo
) -> list[Promised]:
    return [one for one in promises if one.start_at and first <= one.start_at.astimezone(zone).date() <= last]


def outcome_of(one: Promised) -> str:
    """`kept`, `missed`, `left_out`, or `open` for what has not come due or was moved or cancelled by the customer."""
    if one.state is PromiseState.KEPT:
        return "kept"
    if one.state is not PromiseState.BROKEN:
        return "open"
    return "left_out" if one.fault in NOT_OURS else "missed"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the figures for a regulator are made of: appointments missed in the days asked for, and all promises of the
    quarters that these days touch."""

    missed: Sequence[Missed]
    quarters: Sequence[tuple[str, dt.date, dt.date]]
    promises: Sequence[Promised]
    zone: dt.tzinfo

    def table(self) -> list[Quarter]:
        return [kept_in(*one, self.promises, self.zone) for one in self.quarters]


def visits_asked(found: Asked, figure: str) -> list[str]:
    """The visits behind `missed:overdue` or `quarter:2026q1:kept`. Raises NotFound for no figure."""
    name, *details = figure.split(":")
    if name == "missed" and len(details) == 1 and details[0] in (*STATES, "late", "all"):
        which = {"late": LATE, "all": STATES}.get(details[0], details)
        return [one.visit_id for one in found.missed if one.state in which]
    known = {quarter: (first, last) for quarter, first, last in found.quarters}
    if name == "quarter" and len(details) == 2 and details[0] in known and details[1] in COUNTED:
        mine = _of_quarter(found.promises, *known[details[0]], found.zone)
        wanted = ("kept", "missed") if details[1] == "due" else (details[1],)
        return [one.visit_id for one in mine if outcome_of(one) in wanted]
    raise NotFound("There is no such figure.")


def gather_asked_by_regulator(
    session: Session, territory: Territory, from_at: dt.datetime, until_at: dt.datetime, now: dt.datetime
) -> Asked:
    zone = territory.zone
    first, last = local_day(from_at, zone), local_day(until_at, zone) - dt.timedelta(days=1)
    touched = quarters(first, last)
    begin, end = midnight(touched[0][1], zone), midnight(touched[-1][2] + dt.timedelta(days=1), zone)
    return Asked(
        _missed(session, territory, from_at, until_at, local_day(now, zone)),
        touched,
        gather_promises(session, territory, begin, end),
        zone,
    )


def _missed(
    session: Session, territory: Territory, from_at: dt.datetime, until_at: dt.datetime, today: dt.date
) -> list[Missed]:
    """Appointments whose window began in [from_at, until_at) and that were missed; none where nothing is owed."""
    policies, zone = territory.policies, territory.zone
    if not policies.missed_payment_cents:
        return []
    version = (col(Promise.visit_id) == col(Failure.visit_id)) & (
        col(Promise.version) == col(Failure.promise_version)
    )
    rule = MissedRule(policies.missed_payment_cents, policies.missed_payment_notice_seconds)
    columns: list[Any] = [Failure.visit_id, Promise.start_at, Recovery.id, Recovery.told_at]
    columns += [Recovery.credit_cents, Recovery.credit_state]
    query = (
        pick(*columns)
        .join(Promise, version)
        .join(Recovery, col(Recovery.failure_id) == col(Failure.id))
        .where(col(Recovery.territory_id) == territory.id)
        .where(col(Promise.start_at) >= from_at, col(Promise.start_at) < until_at)
        .where(col(Failure.kind).in_(MISSED), col(Failure.fault) == Fault.COMPANY)
        .order_by(col(Promise.start_at), col(Failure.id))
    )
    rows = [row for row in session.execute(query) if rule.counts(row.start_at, row.told_at)]
    given = _given(session, [row.visit_id for row in rows])
    found = []
    for row in rows:
        day = local_day(row.start_at, zone)
        found.append(
            Missed(
                row.visit_id,
                day,
                working_days_after(day, policies.missed_payment_working_days),
                policies.missed_payment_cents,
                row.credit_cents if row.credit_state == "given" else 0,
                local_day(given[row.id], zone) if row.credit_state == "given" else None,
                today,
            )
        )
    return found


def _given(session: Session, visit_ids: Sequence[str]) -> dict[str, dt.datetime]:
    """When each recovery's credit was given, by the record."""
    columns: list[Any] = [LedgerEntry.at, LedgerEntry.data]
    query = (
        pick(*columns)
        .where(col(LedgerEntry.visit_id).in_(visit_ids), col(LedgerEntry.kind) == "credit_decided")
        .order_by(col(LedgerEntry.seq))
    )
    return {row.data["recovery_id"]: row.at for row in session.execute(query) if row.data["state"] == "given"}
