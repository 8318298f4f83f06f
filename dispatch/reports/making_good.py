"""How well broken promises were made good: counts, rates and seconds per step, by kind and fault."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from sqlmodel import Session, col, select

from dispatch.failures.tables import Failure
from dispatch.promises.states import PromiseState
from dispatch.promises.tables import Promise
from dispatch.recoveries.tables import Recovery
from dispatch.visits.tables import Rating, Visit


@dataclass(frozen=True, slots=True)
class Steps:
    """Seconds of one step over all recoveries that got there: how many, the median, the slowest."""

    count: int
    median_seconds: float | None
    slowest_seconds: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """`recovered_same_day` counts failures whose work was done on the day they were noticed."""

    promises: int
    kept: int
    broken: int
    recovered_same_day: int
    recovered_later: int
    still_open: int
    by_kind: dict[str, int]
    by_fault: dict[str, int]
    noticed: Steps
    told: Steps
    accepted: Steps
    slowest_repair_milliseconds: int | None
    credit_cents: int
    ratings: dict[int, int]

    @property
    def same_day_rate(self) -> float | None:
        """Recovered the same day per broken promise; None when none broke."""
        return self.recovered_same_day / self.broken if self.broken else None


def report(session: Session, territory_id: str, from_at: dt.datetime, until_at: dt.datetime) -> Report:
    """Promises that began, and failures noticed, in [from_at, until_at)."""
    promises = _promises(session, territory_id, from_at, until_at)
    rows = _failures(session, territory_id, from_at, until_at)
    recoveries = [recovery for _, recovery in rows]
    outcomes = Counter(recovery.outcome for recovery in recoveries)
    states = Counter(promise.state for promise in promises)
    repairs = [one.repair_milliseconds for one in recoveries if one.repair_milliseconds is not None]
    return Report(
        promises=len(promises),
        kept=states[PromiseState.KEPT],
        broken=len(rows),
        recovered_same_day=outcomes["done_same_day"],
        recovered_later=outcomes["done_later"],
        still_open=outcomes[None],
        by_kind=dict(Counter(failure.kind.value for failure, _ in rows)),
        by_fault=dict(Counter(failure.fault.value for failure, _ in rows)),
        noticed=_steps(recoveries, lambda one: one.certain_at, lambda one: one.noticed_at),
        told=_steps(recoveries, lambda one: one.noticed_at, lambda one: one.told_at),
        accepted=_steps(recoveries, lambda one: one.told_at, lambda one: one.arranged_at),
        slowest_repair_milliseconds=max(repairs, default=None),
        credit_cents=sum(one.credit_cents for one in recoveries if one.credit_state == "given"),
        ratings=_ratings(session, territory_id, from_at, until_at),
    )


def _promises(
    session: Session, territory_id: str, from_at: dt.datetime, until_at: dt.datetime
) -> Sequence[Promise]:
    query = (
        select(Promise)
        .join(Visit, col(Promise.visit_id) == col(Visit.id))
        .where(Visit.territory_id == territory_id, Promise.start_at >= from_at, Promise.start_at < until_at)
    )
    return session.exec(query).all()


def _failures(
    session: Session, territory_id: str, from_at: dt.datetime, until_at: dt.datetime
) -> Sequence[tuple[Failure, Recovery]]:
    query = (
        select(Failure, Recovery)
        .join(Recovery, col(Recovery.failure_id) == col(Failure.id))
        .where(
            Recovery.territory_id == territory_id,
            Failure.noticed_at >= from_at,
            Failure.noticed_at < until_at,
        )
        .order_by(col(Failure.noticed_at))
    )
    return session.exec(query).all()


def _steps(
    recoveries: Sequence[Recovery],
    begin: Callable[[Recovery], dt.datetime | None],
    end: Callable[[Recovery], dt.datetime | None],
) -> Steps:
    seconds = [
        max(0.0, (done - begun).total_seconds())
        for begun, done in ((begin(one), end(one)) for one in recoveries)
        if begun and done
    ]
    if not seconds:
        return Steps(0, None, None)
    return Steps(len(seconds), median(seconds), max(seconds))


def _ratings(
    session: Session, territory_id: str, from_at: dt.datetime, until_at: dt.datetime
) -> dict[int, int]:
    query = (
        select(Rating.score)
        .join(Visit, col(Rating.visit_id) == col(Visit.id))
        .where(Visit.territory_id == territory_id, Rating.rated_at >= from_at, Rating.rated_at < until_at)
    )
    return dict(sorted(Counter(session.exec(query)).items()))
