"""Ranges against arrivals, windows against what they needed, first visits that were enough: all to be recounted."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatch.errors import NotFound
from dispatch.reports.punctuality import (
    Fixed,
    Lead,
    Needed,
    Punctuality,
    Range,
    Window,
    calibrate,
    fixed,
    needed,
    visits_told,
)
from dispatch.reports.spells import Spell


def at(clock: str) -> dt.datetime:
    return dt.datetime.combine(dt.date(2026, 3, 2), dt.time.fromisoformat(clock), dt.UTC)


def a_range(visit_id: str, arrived: str | None, lead: str = "soon") -> Range:
    """From ten to a quarter past."""
    return Range(visit_id, lead, at("10:00"), at("10:15"), at(arrived) if arrived else None)


RANGES = [
    a_range("ana", "10:00"),
    a_range("ben", "10:15"),
    a_range("cy", "09:59"),
    a_range("dee", "10:16"),
    a_range("eve", None),
    a_range("ana", "10:00", "within_2_hours"),
]


def test_how_often_ranges_held() -> None:
    """Soon: two of five, the ends of a range belong to it. Within two hours: the only one."""
    soon, two, eight, longer = calibrate(RANGES)
    assert soon == Lead("soon", held=2, early=1, late=1, nobody=1)
    assert (soon.told, soon.held_of_hundred) == (5, 40.0)
    assert (two.told, two.held_of_hundred) == (1, 100.0)
    assert [(one.told, one.held_of_hundred) for one in (eight, longer)] == [(0, None)] * 2


@pytest.mark.parametrize(
    ("held", "late", "expected"),
    [
        (74, 26, "narrow"),
        (75, 25, "true"),
        (80, 20, "true"),
        (85, 15, "true"),
        (86, 14, "wide"),
        (20, 0, "wide"),
        (19, 0, "few"),  # of nineteen nobody can say anything yet
        (0, 0, "few"),
    ],
)
def test_ranges_are_true_when_they_hold_eight_times_in_ten_or_nearly(
    held: int, late: int, expected: str
) -> None:
    assert Lead("soon", held, 0, late, 0).verdict == expected


def test_how_long_windows_need_to_be() -> None:
    """Ten repairs in windows of two hours, met after 5, 10, …, 50 minutes: nine in ten within 45. Of two cleanings
    one was promised two hours and one four, three on average; the later one was met after four and a half."""
    windows = [Window(f"v{n}", "repair", 7200, 300 * n) for n in range(1, 11)]
    windows += [Window("x", "clean", 7200, 0), Window("y", "clean", 14_400, 16_200)]
    assert needed(windows) == [Needed("clean", 2, 10_800, 16_200), Needed("repair", 10, 7200, 2700)]


def test_whether_the_first_time_at_the_door_was_enough() -> None:
    """Ana's was; Ben had somebody there who could not finish; at Cy's somebody still works."""
    ana = Spell(visit_id="ana", technician_id="tom", arrived_at=at("08:00"), ended_at=at("09:00"), done=True)
    tried = Spell(visit_id="ben", technician_id="tom", arrived_at=at("10:00"), ended_at=at("10:20"))
    ben = Spell(visit_id="ben", technician_id="uma", arrived_at=at("12:00"), ended_at=at("13:00"), done=True)
    cy = Spell(visit_id="cy", technician_id="tom", arrived_at=at("13:00"))
    assert fixed([ana, tried, ben, cy]) == [Fixed("ana", "", True), Fixed("ben", "", False)]


FOUND = Punctuality(
    RANGES,
    [Window("ana", "repair", 7200, 300)],
    [Fixed("ana", "repair", True), Fixed("ben", "clean", False)],
)


@pytest.mark.parametrize(
    ("figure", "visits"),
    [
        ("range:told:soon", ["ana", "ben", "cy", "dee", "eve"]),
        ("range:held:soon", ["ana", "ben"]),
        ("range:early:soon", ["cy"]),
        ("range:late:soon", ["dee"]),
        ("range:nobody:soon", ["eve"]),
        ("range:held:within_2_hours", ["ana"]),
        ("window:repair", ["ana"]),
        ("fixed:all:all", ["ana", "ben"]),
        ("fixed:at_once:all", ["ana"]),
        ("fixed:again:clean", ["ben"]),
        ("fixed:again:repair", []),
    ],
)
def test_the_visits_behind_a_figure_about_punctuality(figure: str, visits: list[str]) -> None:
    assert visits_told(FOUND, figure) == visits


@pytest.mark.parametrize(
    "figure", ["range", "range:held", "range:lost:soon", "window", "fixed:never:all", "told"]
)
def test_what_is_no_figure_about_punctuality(figure: str) -> None:
    with pytest.raises(NotFound):
        visits_told(FOUND, figure)
