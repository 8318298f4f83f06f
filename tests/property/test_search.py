"""Whatever the day, the search answers legally, never worse than the repair, and the same each time."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import Budget, Day, check, repair, solve
from optimizer.published import published_orders
from optimizer.search import Searcher
from tests.property.verdicts import alone, assert_legal, uncapped
from tests.unit.optimizer.exact import NEVER, optimum
from tests.unit.optimizer.random_days import days
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit, told

STORM = os.environ.get("MAKEGOOD_STORM") == "1"
SHORT = Budget(iterations=200)


def dose(examples: int) -> settings:
    return settings(
        max_examples=20 * examples if STORM else examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        derandomize=not STORM,
    )


@dose(60)
@given(days(), st.integers(1, 3))
def test_a_plan_is_legal_and_never_dearer_than_the_repair(day: Day, seed: int) -> None:
    plan = solve(day, SHORT, seed=seed)
    assert_legal(day, plan)
    first = check(day, repair(day, compiled=True))
    assert not first.legal or check(day, plan).cost <= first.cost


@dose(25)
@given(days(), st.sampled_from((1, 2)))
def test_the_same_question_gets_the_same_answer(day: Day, threads: int) -> None:
    plan = solve(day, SHORT, seed=7, threads=threads)
    assert_legal(day, plan)
    assert solve(replace(day), SHORT, seed=7, threads=threads) == plan


@dose(30)
@given(days())
def test_a_start_is_never_made_worse(day: Day) -> None:
    """And one that is not legal does no harm."""
    good = solve(day, Budget(iterations=400), seed=3)
    again = solve(day, Budget(iterations=1), seed=4, start=good)
    assert_legal(day, again)
    assert check(day, again).cost <= check(day, good).cost
    spoiled = replace(good, routes=good.routes[1:])
    assert_legal(day, solve(day, Budget(iterations=3), start=spoiled))


@dose(40)
@given(uncapped(most_visits=4).map(alone))
def test_no_price_is_below_the_exact_optimum_and_the_plan_costs_what_it_says(day: Day) -> None:
    best = optimum(day)
    if best == NEVER:
        return
    searcher = Searcher(day, published_orders(day), seed=1)
    searcher.run(Budget(iterations=600))
    assert searcher.cost >= best - 1e-3
    assert check(day, searcher.plan()).cost == pytest.approx(searcher.cost / 60, abs=0.0051)


def everybody_absent(day: Day) -> Day:
    free = tuple(replace(one, locked=False) for one in day.visits)
    return replace(day, visits=free, technicians=tuple(replace(t, absent=True) for t in day.technicians))


def nobody(day: Day) -> Day:
    free = tuple(replace(one, locked=False) for one in day.visits)
    return replace(day, visits=free, technicians=())


def nothing(day: Day) -> Day:
    return replace(day, visits=(), technicians=tuple(replace(t, route=()) for t in day.technicians))


def one_visit(day: Day) -> Day:
    people = (replace(t, route=("v1",) if "v1" in t.route else ()) for t in day.technicians)
    return replace(day, visits=day.visits[:1], technicians=tuple(people))


def locked_each(day: Day) -> Day:
    pairs = zip(day.visits, ("ann", "bob"), strict=True)
    return replace(day, visits=tuple(replace(v, locked=True, planned=told(t, "8:30")) for v, t in pairs))


def two_and_two() -> Day:
    return a_day(a_technician("ann", route=("v1",)), a_technician("bob"), a_visit("v1"), a_visit("v2"))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("change", "served"),
    [(everybody_absent, 0), (nobody, 0), (nothing, 0), (one_visit, 1), (locked_each, 2)],
)
def test_days_at_the_edge(change: Callable[[Day], Day], served: int, threads: int) -> None:
    day = change(two_and_two())
    plan = solve(day, SHORT, threads=threads)
    assert_legal(day, plan)
    assert len(plan.routes) == served
    assert len(plan.unserved) == len(day.visits) - served


@pytest.mark.parametrize("seconds", [0.001, 0.05, 30.0, 3600.0])
def test_the_search_stops_when_its_time_is_over(seconds: float) -> None:
    """By a clock that goes on by a hundredth of the budget whenever somebody looks at it."""
    looked = [0]

    def clock() -> float:
        looked[0] += 1
        return looked[0] * seconds / 100

    plan = solve(two_and_two(), Budget(seconds=seconds), clock=clock)
    assert len(plan.unserved) == 0
    assert looked[0] <= 100 + 10
