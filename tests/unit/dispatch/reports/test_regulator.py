"""Payments for missed appointments and the share that was kept in a quarter: over a few days and promises."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from dispatch.errors import NotFound
from dispatch.promises.states import PromiseState
from dispatch.recoveries.credits import MissedRule
from dispatch.reports.material import Promised
from dispatch.reports.regulator import (
    Asked,
    Missed,
    Payments,
    Quarter,
    kept_in,
    payments,
    quarters,
    visits_asked,
    working_days_after,
)

FRIDAY = dt.date(2026, 3, 6)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, (3, 6)), (1, (3, 9)), (5, (3, 13)), (6, (3, 16)), (10, (3, 20))],
)
def test_working_days_leave_out_weekends(count: int, expected: tuple[int, int]) -> None:
    """Friday the 6th and ten working days: two whole weeks later, on Friday the 20th."""
    assert working_days_after(FRIDAY, count) == dt.date(2026, *expected)


def test_a_weekend_counts_from_monday() -> None:
    assert working_days_after(dt.date(2026, 3, 7), 1) == dt.date(2026, 3, 9)


# $40 owed by the 20th for each. Ana got them on the 20th, Ben $50 on the 21st, Cy $15; Dee and Eve nothing, and Eve
# was to have them by the 9th. Today is the 19th.
ANA = Missed("ana", FRIDAY, dt.date(2026, 3, 20), 4000, 4000, dt.date(2026, 3, 20), dt.date(2026, 3, 19))
MISSED = [
    ANA,
    replace(ANA, visit_id="ben", given_cents=5000, given_on=dt.date(2026, 3, 21)),
    replace(ANA, visit_id="cy", given_cents=1500),
    replace(ANA, visit_id="dee", given_cents=0, given_on=None),
    replace(ANA, visit_id="eve", given_cents=0, given_on=None, due_on=dt.date(2026, 3, 9)),
]


def test_payments_by_how_they_stand() -> None:
    assert payments(MISSED) == [
        Payments("in_time", 1, 4000, 4000),
        Payments("given_late", 1, 4000, 5000),
        Payments("short", 1, 4000, 1500),
        Payments("waiting", 1, 4000, 0),
        Payments("overdue", 1, 4000, 0),
    ]


def test_a_payment_is_overdue_the_day_after() -> None:
    dee = MISSED[3]
    assert replace(dee, today=dt.date(2026, 3, 20)).state == "waiting"
    assert replace(dee, today=dt.date(2026, 3, 21)).state == "overdue"


EIGHT = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("failure", "company_fault", "expected"),
    [
        ("technician_absent", True, 4000),
        ("late", True, 4000),
        ("plan", True, 4000),
        ("not_finished", True, 0),  # somebody was there
        ("wrong_parts", True, 0),
        ("technician_absent", False, 0),
    ],
)
def test_what_is_a_missed_appointment(failure: str, company_fault: bool, expected: int) -> None:
    rule = MissedRule(4000, notice_seconds=0)
    assert rule.cents(failure, company_fault=company_fault, start_at=EIGHT, told_at=None) == expected


@pytest.mark.parametrize(
    ("notice_hours", "told_hours_before", "expected"),
    [(24, 24, 0), (24, 23.9, 4000), (24, None, 4000), (0, 200, 4000), (24, -1, 4000)],
)
def test_what_is_taken_back_with_notice_is_none(
    notice_hours: int, told_hours_before: float | None, expected: int
) -> None:
    rule = MissedRule(4000, notice_seconds=notice_hours * 3600)
    told_at = None if told_hours_before is None else EIGHT - dt.timedelta(hours=told_hours_before)
    assert rule.cents("plan", company_fault=True, start_at=EIGHT, told_at=told_at) == expected


def test_quarters_that_days_touch() -> None:
    assert quarters(dt.date(2025, 12, 31), dt.date(2026, 4, 1)) == [
        ("2025q4", dt.date(2025, 10, 1), dt.date(2025, 12, 31)),
        ("2026q1", dt.date(2026, 1, 1), dt.date(2026, 3, 31)),
        ("2026q2", dt.date(2026, 4, 1), dt.date(2026, 6, 30)),
    ]


def promised(visit_id: str, state: PromiseState, day: dt.date, fault: str = "") -> Promised:
    return Promised(
        visit_id=visit_id, state=state, fault=fault, start_at=dt.datetime.combine(day, dt.time(8), dt.UTC)
    )


# In the first quarter three kept, one broken by us and one nobody knows by whom: 3 of 5. Fay was not at home, Gil's is
# still open. Hal's is of April.
KEPT, BROKEN = PromiseState.KEPT, PromiseState.BROKEN
PROMISES = [
    promised("ana", KEPT, dt.date(2026, 1, 1)),
    promised("ben", KEPT, dt.date(2026, 3, 31)),
    promised("cy", KEPT, FRIDAY),
    promised("dee", BROKEN, FRIDAY, "company"),
    promised("eve", BROKEN, FRIDAY, "unknown"),
    promised("fay", BROKEN, FRIDAY, "customer"),
    promised("gil", PromiseState.OPEN, FRIDAY),
    promised("hal", BROKEN, dt.date(2026, 4, 1), "company"),
]
QUARTERS = quarters(FRIDAY, dt.date(2026, 4, 1))
FOUND = Asked(MISSED, QUARTERS, PROMISES, dt.UTC)


def test_the_share_that_was_kept_in_a_quarter() -> None:
    first, second = FOUND.table()
    assert first == Quarter("2026q1", dt.date(2026, 1, 1), dt.date(2026, 3, 31), kept=3, missed=2, left_out=1)
    assert (first.percent, second.percent) == (60.0, 0.0)
    assert kept_in(*QUARTERS[0], [], dt.UTC).percent is None


@pytest.mark.parametrize(
    ("figure", "visits"),
    [
        ("missed:all", ["ana", "ben", "cy", "dee", "eve"]),
        ("missed:overdue", ["eve"]),
        ("missed:late", ["ben", "eve"]),
        ("quarter:2026q1:kept", ["ana", "ben", "cy"]),
        ("quarter:2026q1:missed", ["dee", "eve"]),
        ("quarter:2026q1:left_out", ["fay"]),
        ("quarter:2026q1:due", ["ana", "ben", "cy", "dee", "eve"]),
        ("quarter:2026q2:due", ["hal"]),
    ],
)
def test_the_visits_behind_what_a_regulator_asks(figure: str, visits: list[str]) -> None:
    assert visits_asked(FOUND, figure) == visits


@pytest.mark.parametrize(
    "figure",
    ["missed", "missed:forgotten", "quarter:2025q1:kept", "quarter:2026q1", "quarter:2026q1:open", "x"],
)
def test_what_no_regulator_asks(figure: str) -> None:
    with pytest.raises(NotFound):
        visits_asked(FOUND, figure)
