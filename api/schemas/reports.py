"""Reports as they are told."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from api.schemas.base import Out
from dispatch.reports.making_good import Report


class StepsOut(Out):
    """`nine_in_ten_seconds`: nine in ten took no longer."""

    count: int
    median_seconds: float | None
    nine_in_ten_seconds: float | None
    slowest_seconds: float | None


class DayOut(Out):
    day: dt.date
    broken: int
    recovered_same_day: int
    still_open: int


class CreditsOut(Out):
    state: str
    count: int
    cents: int


class ReportOut(Out):
    """`same_day_rate`: recovered the same day per broken promise; null when none broke.

    `broken_per_hundred`: of a hundred promises of these days that ended kept or broken. `by_cause` counts by
    kind of failure, then by fault; `days` are those on which something broke. `since_certain` has the steps counted
    from when the break was certain. `failed_again`: failures of visits that had failed before; `silent`: those that
    nobody noticed for five minutes; `customer_first`: noticed by the customer. `lost_seconds`: how much of their
    windows customers waited in vain. `absences` counts by whether the customer contests it, then by outcome;
    `overrides` what the house offered by itself and a dispatcher took back, by the reason.
    """

    from_day: dt.date
    to_day: dt.date
    promises: int
    kept: int
    came_due: int
    due_broken: int
    broken_per_hundred: float | None
    broken: int
    recovered_same_day: int
    recovered_later: int
    still_open: int
    same_day_rate: float | None
    by_kind: dict[str, int]
    by_fault: dict[str, int]
    by_cause: dict[str, dict[str, int]]
    days: list[DayOut]
    noticed: StepsOut
    told: StepsOut
    accepted: StepsOut
    there: StepsOut
    slowest_repair_milliseconds: int | None
    since_certain: dict[str, StepsOut]
    failed_again: int
    silent: int
    customer_first: int
    lost_seconds: float
    absences: dict[str, dict[str, int]]
    credit_cents: int
    credits: list[CreditsOut]
    overrides: dict[str, int]
    ratings: dict[int, int]
    ratings_asked: int
    ratings_answered: int

    @classmethod
    def of(cls, found: Report, from_day: dt.date, to_day: dt.date) -> ReportOut:
        derived = {"same_day_rate": found.same_day_rate, "broken_per_hundred": found.broken_per_hundred}
        days = {"from_day": from_day, "to_day": to_day}
        return cls.model_validate(asdict(found) | derived | days)
