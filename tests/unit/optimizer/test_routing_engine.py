"""The routing engine, under a budget of solutions so that it answers the same each time."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings

from optimizer import Budget, Day, Plan, check, day_to_json, plan_to_json, repair, solve
from optimizer.routing import plan_with_routing
from tests.unit.optimizer.random_days import days, goes_beyond
from tests.unit.optimizer.worlds import (
    MINUTE,
    a_day,
    a_technician,
    a_visit,
    at,
    find_judge,
    lunch,
    told,
    window,
)

JUDGE = find_judge()
SOME = Budget(solutions=30)


@settings(
    max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
@given(days())
def test_its_plans_are_legal_and_never_dearer_than_the_repair(day: Day) -> None:
    plan = plan_with_routing(day, SOME)
    verdict = check(day, plan)
    assert verdict.errors == ()
    assert verdict.cost <= check(day, repair(day)).cost
    if JUDGE is not None and not goes_beyond(day):
        assert JUDGE.judge(day_to_json(day), plan_to_json(plan))["cost"] == verdict.cost


def crossed() -> Day:
    """Published routes cross: ann (at 0) has v8 and v9, bob (at 9) has v1 and v2; nobody was told yet."""
    return a_day(
        a_technician("ann", route=("v8", "v9"), end_location=0),
        a_technician("bob", route=("v1", "v2"), ready_location=9, end_location=9),
        *(a_visit(name) for name in ("v1", "v2", "v8", "v9")),
    )


def test_it_uncrosses_routes() -> None:
    # crossed: 2 x (90 + 90) = 360 minutes; ann 0-1-2-0: 40, bob 9-9-8-9: 20
    day = crossed()
    assert check(day, repair(day)).travel_minutes == 340
    assert check(day, solve(day, SOME)).travel_minutes == 60


def test_the_same_budget_gives_the_same_plan() -> None:
    assert solve(crossed(), SOME) == solve(crossed(), SOME)


def test_a_good_start_is_never_made_worse() -> None:
    day = crossed()
    good = solve(day, SOME)
    assert check(day, solve(day, Budget(solutions=1), start=good)).cost <= check(day, good).cost


def test_everything_the_model_knows_at_once() -> None:
    """Lunch, parts, a locked leg, two windows, an agreed move and a required technician in one day."""
    day = a_day(
        a_technician("ann", parts={"ont": 1}, breaks=(lunch(),), end_location=0),
        a_technician("bob", skills={"gas": 1}, ready_location=9),
        a_visit("v5", planned=told("ann", "8:50"), locked=True),
        a_visit("v1", parts={"ont": 1}),
        a_visit("v2", "9:00-9:10 12:00-13:00", state="failed"),
        a_visit("v3", "8:00-8:05", may_move=(window("12:00-15:00"),)),
        a_visit("v8", skills={"gas": 1}, duration=60 * MINUTE),
        a_visit("v9", technician="bob"),
    )
    plan = solve(day, SOME)
    verdict = check(day, plan)
    assert verdict.errors == ()
    assert (verdict.unserved, verdict.broken, verdict.moved) == (0, 0, 1)
    assert plan.visit_ids("ann")[0] == "v5"


@pytest.mark.parametrize("parts", [(), (a_technician(absent=True), a_visit("v1")), (a_technician(),)])
def test_days_with_nobody_or_nothing(parts: tuple[object, ...]) -> None:
    day = a_day(*parts)  # type: ignore[arg-type]
    assert solve(day, SOME) == repair(day)


def test_a_technician_with_no_time_left_is_left_out() -> None:
    day = a_day(a_technician("ann", overtime_until=at("7:00")), a_technician("bob"), a_visit("v1"))
    assert solve(day, SOME).orders() == {"bob": ("v1",)}


@pytest.mark.parametrize("budget", [{}, {"seconds": 0}, {"solutions": -1}])
def test_a_budget_is_a_limit(budget: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="budget"):
        Budget(**budget)  # type: ignore[arg-type]


def test_importing_the_package_does_not_load_ortools() -> None:
    code = "import sys, optimizer; sys.exit(any(name.startswith('ortools') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_illegal_start_is_not_believed() -> None:
    day = crossed()
    assert check(day, solve(day, SOME, start=Plan("small", ()))).legal
