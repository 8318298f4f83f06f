"""Where promises break, over five promises that a reader can count."""

from __future__ import annotations

import pytest

from dispatch.errors import NotFound
from dispatch.promises.states import PromiseState
from dispatch.reports.areas import area_of
from dispatch.reports.behind import visits_behind
from dispatch.reports.breakdown import Group, break_down
from dispatch.reports.material import Material, Promised
from dispatch.travel.port import Point
from tests.builders import MIDDLE, near

BROKEN, KEPT, OPEN = PromiseState.BROKEN, PromiseState.KEPT, PromiseState.OPEN
# Two repairs on Monday at eight, both broken, one by us and one by the customer. A repair on Monday at ten in the
# north, kept. A cleaning on Tuesday at ten, kept. One that is still open counts for nothing.
PROMISES = [
    Promised(visit_id="ana", state=BROKEN, service_id="repair", kind="late", fault="company"),
    Promised(visit_id="ben", state=BROKEN, service_id="repair", kind="customer_absent", fault="customer"),
    Promised(visit_id="cy", state=KEPT, service_id="repair", hour=10, area="north"),
    Promised(visit_id="dee", state=KEPT, service_id="clean", hour=10, weekday=1),
    Promised(visit_id="eve", state=OPEN, service_id="repair", hour=9, area="east"),
]


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        ("service", [Group("clean", 1, 0, 1), Group("repair", 1, 2, 3)]),
        ("area", [Group("middle", 1, 2, 3), Group("north", 1, 0, 1)]),
        ("hour", [Group("08", 0, 2, 2), Group("10", 2, 0, 2)]),
        ("weekday", [Group("0", 1, 2, 3), Group("1", 1, 0, 1)]),
        ("cause", [Group("customer_absent", 0, 1, 4), Group("late", 0, 1, 4)]),
        ("fault", [Group("company", 0, 1, 4), Group("customer", 0, 1, 4)]),
    ],
)
def test_promises_that_came_due_by_what_they_have_in_common(way: str, expected: list[Group]) -> None:
    """Whose fault it was and what broke are counted of all four that came due: one of four is 25 of 100."""
    assert break_down(PROMISES, way) == expected


def test_of_a_hundred_that_came_due() -> None:
    """Two of three repairs broke; every fault is one of the four."""
    assert [group.per_hundred for group in break_down(PROMISES, "service")] == [
        0.0,
        pytest.approx(66.67, abs=0.01),
    ]
    assert [group.per_hundred for group in break_down(PROMISES, "fault")] == [25.0, 25.0]


@pytest.mark.parametrize(
    ("figure", "visits"),
    [
        ("due_in:service:repair", ["ana", "ben", "cy"]),
        ("kept_in:service:repair", ["cy"]),
        ("broken_in:service:repair", ["ana", "ben"]),
        ("broken_in:hour:08", ["ana", "ben"]),
        ("broken_in:cause:late", ["ana"]),
        ("kept_in:weekday:1", ["dee"]),
        ("due_in:area:east", []),
    ],
)
def test_the_visits_behind_a_group(figure: str, visits: list[str]) -> None:
    assert visits_behind(Material(promises=PROMISES), figure) == visits


@pytest.mark.parametrize(
    "figure", ["due_in", "due_in:hour", "broken_in:colour:red", "broken_in:hour:08:more"]
)
def test_what_is_no_group(figure: str) -> None:
    with pytest.raises(NotFound):
        visits_behind(Material(promises=PROMISES), figure)


@pytest.mark.parametrize(
    ("north", "east", "expected"),
    [
        (0.0, 0.0, "middle"),
        (1.4, 1.4, "middle"),  # 1.98 km away
        (1.5, 1.5, "north"),  # 2.12 km away, and as far north as east
        (1.0, 3.0, "east"),
        (-3.0, 1.0, "south"),
        (0.0, -9.0, "west"),
    ],
)
def test_parts_of_town(north: float, east: float, expected: str) -> None:
    """Up to two kilometres is the middle; elsewhere the direction that it lies furthest in."""
    place = near(km_north=north + 0.001 * (north == east), km_east=east)
    assert area_of(place, Point(*MIDDLE)) == expected
