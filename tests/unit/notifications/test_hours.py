"""Quiet hours are read from the wall clock of the place."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dispatch.errors import Invalid
from dispatch.policies import Policies, read_policies
from notifications.hours import (
    Hours,
    closing,
    is_direct,
    is_worth_waiting,
    next_opening,
    urgent_hours,
    usual_hours,
    zones_of,
)

BERLIN, LONDON, NEW_YORK = (
    ZoneInfo(f"{name}") for name in ("Europe/Berlin", "Europe/London", "America/New_York")
)
SAN_FRANCISCO, LONDONER, TOLL_FREE = "+14155550143", "+442079460958", "+18005550143"
USUAL, URGENT = usual_hours(Policies(), BERLIN), urgent_hours(BERLIN)


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
    assert next_opening(now, hours) == expected


def test_a_direct_answer_may_come_for_five_minutes() -> None:
    assert is_direct(berlin(2, 23), berlin(2, 23, 5))
    assert not is_direct(berlin(2, 23), berlin(2, 23, 6))


def test_two_early_hours_are_worth_waiting_for_a_night_is_not() -> None:
    assert is_worth_waiting(berlin(2, 5), berlin(2, 7))
    assert not is_worth_waiting(berlin(2, 4, 59), berlin(2, 7))


@pytest.mark.parametrize(
    ("phone", "where", "others"),
    [
        (SAN_FRANCISCO, NEW_YORK, ["America/Los_Angeles"]),
        (SAN_FRANCISCO, ZoneInfo("America/Los_Angeles"), []),
        (LONDONER, BERLIN, ["Europe/London"]),
        (TOLL_FREE, NEW_YORK, []),
        ("+88212345678", NEW_YORK, []),
        ("nonsense", NEW_YORK, []),
    ],
)
def test_an_area_code_may_suggest_another_zone(phone: str, where: ZoneInfo, others: list[str]) -> None:
    assert [zone.key for zone in zones_of(phone, where)] == others


def test_what_can_wait_comes_when_it_is_day_in_both_places() -> None:
    """Eight in San Francisco is eleven in New York; nine at night there is six in the evening here."""

    def there(hour: int, day: int = 2) -> datetime:
        return datetime(2026, 3, day, hour, tzinfo=NEW_YORK).astimezone(UTC)

    hours = usual_hours(Policies(), NEW_YORK, SAN_FRANCISCO)
    assert next_opening(there(9), hours) == there(11)
    assert next_opening(there(12), hours) == there(12)
    assert closing(there(12), hours) == there(21)
    assert next_opening(there(22), hours) == there(11, day=3)
    assert next_opening(
        there(9), usual_hours(Policies(texts_by_area_code=False), NEW_YORK, SAN_FRANCISCO)
    ) == there(9)
    assert next_opening(there(9), urgent_hours(NEW_YORK)) == there(9)


def test_zones_that_are_never_awake_together_leave_it_to_the_visits_own() -> None:
    hours = Hours(
        Policies().clock_time("texts_from_at"),
        Policies().clock_time("texts_until_at"),
        tuple(
            ZoneInfo(name)
            for name in ("Europe/Berlin", "Pacific/Honolulu", "Asia/Tokyo", "America/Sao_Paulo")
        ),
    )
    assert next_opening(berlin(2, 7), hours) == berlin(2, 8)


def test_a_state_may_want_an_earlier_end_and_nobody_may_want_a_later_one() -> None:
    policies = read_policies({"texts_until_at": "20:00"})
    assert next_opening(berlin(2, 20, 30), usual_hours(policies, BERLIN)) == berlin(3, 8)
    for knob in ({"texts_until_at": "22:00"}, {"texts_from_at": "07:00"}):
        with pytest.raises(Invalid, match="nobody is texted at night"):
            read_policies(knob)
