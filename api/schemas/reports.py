"""Reports as they are told."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from api.schemas.base import Out
from dispatch.reports.making_good import Report


class StepsOut(Out):
    count: int
    median_seconds: float | None
    slowest_seconds: float | None


class ReportOut(Out):
    """`same_day_rate`: recovered the same day per broken promise; null when none broke."""

    from_day: dt.date
    to_day: dt.date
    promises: int
    kept: int
    broken: int
    recovered_same_day: int
    recovered_later: int
    still_open: int
    same_day_rate: float | None
    by_kind: dict[str, int]
    by_fault: dict[str, int]
    noticed: StepsOut
    told: StepsOut
    accepted: StepsOut
    slowest_repair_milliseconds: int | None
    credit_cents: int
    ratings: dict[int, int]

    @classmethod
    def of(cls, found: Report, from_day: dt.date, to_day: dt.date) -> ReportOut:
        known = asdict(found) | {"from_day": from_day, "to_day": to_day, "same_day_rate": found.same_day_rate}
        return cls.model_validate(known)
