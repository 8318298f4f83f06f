"""Every rule and every price of the format, as the search obeys it. Locations lie on a line, ten minutes
apart; work takes half an hour; everybody starts at 8:00 at location 0 and ends nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer import Budget, Day, Plan, Technician, Visit, Weights, check, solve
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit, at, lunch, starts, told, window


def answer(day: Day) -> Plan:
    plan = solve(day, Budget(iterations=60), seed=1)
    assert check(day, plan).errors == ()
    return plan


def taker(day: Day, visit: str = "v1") -> str | None:
    return answer(day).technician_of(visit)


@pytest.mark.parametrize(
    ("ann", "bob", "visit", "who"),
    [
        ({}, {}, {}, "bob"),
        ({"skills": {"gas": 2}}, {"skills": {"gas": 1}}, {"skills": {"gas": 2}}, "ann"),
        ({"skills": {"gas": 2}}, {"skills": {"gas": 2}}, {"skills": {"gas": 2}}, "bob"),
        ({}, {}, {"skills": {"gas": 1}}, None),
        ({"parts": {"ont": 1}}, {}, {"parts": {"ont": 1}}, "ann"),
        ({"parts": {"ont": 1}}, {"parts": {"ont": 1}}, {"parts": {"ont": 2}}, None),
        ({}, {}, {"technician": "ann"}, "ann"),
        ({}, {}, {"exclude": ("bob",)}, "ann"),
        ({}, {}, {"exclude": ("ann", "bob")}, None),
        ({}, {"absent": True}, {}, "ann"),
        # 70 minutes more of travel cost 70, to be done by somebody less liked 30
        ({}, {}, {"prefer": ("ann",)}, "bob"),
        ({"ready_location": 3}, {}, {"prefer": ("ann",)}, "ann"),  # 10 minutes more
        # told that ann comes: 50 for the change is less than 70, and more than 10
        ({}, {}, {"planned": told("ann", "9:20")}, "bob"),
        ({"ready_location": 3}, {}, {"planned": told("ann", "8:20")}, "ann"),
        ({}, {}, {"planned": told("ann", "9:20"), "locked": True}, "ann"),
        ({}, {}, {"planned": told("ann", "11:00"), "frozen": True}, "ann"),
    ],
)
def test_who(ann: dict[str, Any], bob: dict[str, Any], visit: dict[str, Any], who: str | None) -> None:
    people = (a_technician("ann", **{"ready_location": 9, **ann}), a_technician("bob", **bob))
    assert taker(a_day(*people, a_visit("v1", **visit))) == who


@pytest.mark.parametrize(
    ("ann", "visit", "start"),
    [
        ({}, {}, "8:10"),
        ({"ready_at": at("9:00")}, {}, "9:10"),
        ({}, {"times": "9:00-10:00"}, "9:00"),
        ({"ready_at": at("9:00")}, {"times": "8:00-9:05 10:00-11:00", "state": "new"}, "10:00"),
        ({"ready_at": at("9:00")}, {"times": "8:00-9:05", "state": "new"}, None),
        ({"ready_at": at("9:00")}, {"times": "8:00-9:05"}, "9:10"),  # late, but served
        ({"ready_at": at("9:00")}, {"times": "8:00-8:30", "may_move": (window("10:00-11:00"),)}, "10:00"),
        ({}, {"planned": told("ann", "9:00")}, "8:30"),  # half an hour before what was told
        ({}, {"planned": told("ann", "9:17"), "frozen": True}, "9:17"),
        ({"overtime_until": at("8:40")}, {}, "8:10"),
        ({"overtime_until": at("8:39")}, {}, None),
        ({"overtime_until": at("8:49"), "end_location": 0}, {}, None),
        ({"breaks": (lunch("8:00-8:00"),)}, {}, "8:40"),  # all of it before the drive
        # five of the ten minutes' drive, half an hour's lunch at 8:05, the other five
        ({"breaks": (lunch("8:05-8:05"),)}, {}, "8:40"),
        ({"breaks": (lunch("8:09-8:12"),)}, {"times": "8:10-8:10", "state": "new"}, None),
    ],
)
def test_when(ann: dict[str, Any], visit: dict[str, Any], start: str | None) -> None:
    day = a_day(a_technician(**ann), a_visit("v1", **visit))
    assert starts(answer(day)).get("v1") == start


def one(**visit: Any) -> Visit:
    return a_visit("v1", **visit)


LATE = {"times": "8:00-8:05"}  # ann is there at 8:10
MOVED = {"times": "8:00-8:05", "may_move": (window("8:10-9:00"),)}


@pytest.mark.parametrize(
    ("weights", "ann", "visit", "cost"),
    [
        ({}, {}, {}, 10),  # ten minutes of travel
        ({"travel_minute": 3}, {}, {}, 30),
        ({}, {"end_location": 3}, {}, 30),  # and twenty home
        ({}, {"shift": window("8:00-8:30")}, {}, 10 + 10 * 4),  # done at 8:40
        ({"overtime_minute": 7}, {"shift": window("8:00-8:30")}, {}, 10 + 10 * 7),
        ({}, {}, LATE, 10 + 10_000 + 5 * 20),
        ({"broken": 300, "late_minute": 2}, {}, LATE, 10 + 300 + 5 * 2),
        ({}, {}, {**LATE, "priority": 3}, 10 + 30_000 + 5 * 20),
        ({}, {}, MOVED, 10 + 200),
        ({"moved": 70}, {}, MOVED, 10 + 70),
        ({}, {}, {"planned": told("bob", "8:10")}, 10 + 50),
        ({"changed": 8}, {}, {"planned": told("bob", "8:10")}, 10 + 8),
        ({}, {}, {"prefer": ("bob",)}, 10 + 30),
        ({"not_preferred": 9}, {}, {"prefer": ("bob",)}, 10 + 9),
        ({}, {"absent": True}, {}, 10_000 + 5_000),
        ({}, {"absent": True}, {"state": "new"}, 5_000),
        ({"unserved": 40}, {"absent": True}, {"state": "failed", "priority": 5}, 200),
        ({"unserved": 9}, {}, {"state": "new"}, 9),  # not worth the travel
        ({"unserved": 11}, {}, {"state": "new"}, 10),
    ],
)
def test_what_it_costs(
    weights: dict[str, float], ann: dict[str, Any], visit: dict[str, Any], cost: float
) -> None:
    day = a_day(a_technician(**ann), a_visit("v1", **visit), weights=Weights(**weights))
    assert check(day, answer(day)).cost == cost


def test_the_locked_visit_is_first_whatever_lies_on_the_way() -> None:
    # 0-5-1: 50 + 40 = 90 minutes instead of 0-1-5: 50
    locked = a_visit("v5", planned=told("ann", "8:50"), locked=True)
    plan = answer(a_day(a_technician(), a_visit("v1"), locked))
    assert plan.orders() == {"ann": ("v5", "v1")}


def test_the_parts_of_a_van_are_used_up() -> None:
    """Two boxes: the two dearest visits get them."""
    ann: Technician = a_technician(parts={"ont": 2})
    work = [a_visit(f"v{i}", state="new", parts={"ont": 1}, priority=i) for i in (1, 2, 3)]
    plan = answer(a_day(ann, *work))
    assert plan.orders() == {"ann": ("v2", "v3")}
    assert [left.visit for left in plan.unserved] == ["v1"]


def test_the_higher_priority_is_served_where_time_is_short() -> None:
    short = a_technician(overtime_until=at("9:00"))
    work = (a_visit("v1", state="new", priority=2), a_visit("v2", state="new", priority=3))
    assert answer(a_day(short, *work)).orders() == {"ann": ("v2",)}
