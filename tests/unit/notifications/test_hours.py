"""Quiet hours are read from the wall clock of the place."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from notifications.hours import URGENT, USUAL, Hours, is_direct, is_worth_waiting, next_opening

BERLIN = ZoneInfo("Europe/Berlin")


def berlin(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        (USUAL, berlin(2, 12), berlin(2, 12)),
        (USUAL, berlin(2, 7, 59), berlin(2, 8)),
        (USUAL, berlin(2, 21), berlin(3, 8)),
        (URGENT, berlin(2, 7), berlin(2, 7)),
        (URGENT, berlin(2, 21, 29), berlin(2, 21, 29)),
        (URGENT, berlin(2, 21, 30), berlin(3, 7)),
        (USUAL, berlin(28, 23), berlin(29, 8)),  # the night in which the clocks go forward
    ],
)
def test_the_next_moment_at_which_a_text_may_arrive(hours: Hours, now: datetime, expected: datetime) -> None:
    assert next_opening(now, hours, BERLIN) == expected


def test_a_direct_answer_may_come_for_five_minutes() -> None:
    assert is_direct(berlin(2, 23), berlin(2, 23, 5))
    assert not is_direct(berlin(2, 23), berlin(2, 23, 6))


def test_two_early_hours_are_worth_waiting_for_a_night_is_not() -> None:
    assert is_worth_waiting(berlin(2, 5), berlin(2, 7))
    assert not is_worth_waiting(berlin(2, 4, 59), berlin(2, 7))
