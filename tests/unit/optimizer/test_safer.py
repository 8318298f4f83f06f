"""Which of several plans is taken when they cost nearly the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer import Budget, Day, Plan, Weights, check, odds, safer, solve, timetable
from optimizer.plan import Route
from tests.unit.optimizer.worlds import MINUTE, a_day, a_technician, a_visit


def a_choice(risk: float) -> tuple[Day, Plan, Plan]:
    """v1 takes 60 ± 30 minutes, v2 is promised by 9:35 and lies ten minutes farther. After v1 it is on Ann's
    way: 20 minutes of driving. Bob would come from twenty minutes away, which costs 20 more, and surely in time.
    """
    day = a_day(
        a_technician("ann"),
        a_technician("bob", ready_location=4),
        a_visit("v1", duration=60 * MINUTE, duration_spread=30 * MINUTE),
        a_visit("v2", "8:00-9:35"),
        weights=Weights(risk=risk),
    )
    return day, a_plan(day, ann=("v1", "v2")), a_plan(day, ann=("v1",), bob=("v2",))


def a_plan(day: Day, **orders: tuple[str, ...]) -> Plan:
    routes = [timetable(day, technician, ids) for technician, ids in orders.items()]
    return Plan(day.name, tuple(route for route in routes if isinstance(route, Route)))


def test_the_safer_wins_where_its_price_is_near_and_risk_has_a_price() -> None:
    day, cheap, safe = a_choice(risk=100)
    assert (check(day, cheap).cost, check(day, safe).cost) == (20, 30)
    assert odds(day, cheap).expected_broken == pytest.approx(0.21, abs=0.05)
    assert safer(day, [cheap, safe], within=0.5) is safe
    assert safer(day, [cheap, safe], within=0.4) is cheap  # ten minutes are half of twenty


@pytest.mark.parametrize("risk", [0, 20])
def test_a_low_price_of_risk_buys_no_detour(risk: float) -> None:
    day, cheap, safe = a_choice(risk)
    assert safer(day, [safe, cheap], within=0.5) is cheap


def test_what_is_not_legal_is_no_choice() -> None:
    day, cheap, _ = a_choice(risk=100)
    nothing = Plan(day.name, ())
    assert safer(day, [nothing, cheap]) is cheap
    with pytest.raises(ValueError, match="legal"):
        safer(day, [nothing])


@pytest.mark.parametrize(("risk", "cost"), [(0, 20), (100, 30)])
def test_a_search_does_not_sell_a_promise_for_a_shorter_way(risk: float, cost: float) -> None:
    """Bob is published for v2. Without him ten minutes of driving are saved, and 0.21 of a promise is lost."""
    day, _, safe = a_choice(risk)
    crew = tuple(replace(one, route=safe.visit_ids(one.id)) for one in day.technicians)
    published = replace(day, technicians=crew)
    assert check(published, solve(published, Budget(iterations=200))).cost == cost
