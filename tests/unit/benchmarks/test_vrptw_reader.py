"""The benchmark's reader of Solomon files and its judge, on numbers small enough to recompute."""

from __future__ import annotations

import pytest

from optimizer import Budget, check, solve
from tests.benchmarks.optimizer import vrptw

# From the depot: 3 and 4 away along the axes, so 5 between the two; the third is the root of 2 away.
TEXT = """TRIO

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.   XCOORD.   YCOORD.    DEMAND   READY TIME   DUE DATE   SERVICE TIME

    0          0       0           0       0         100           0
    1          3       0           6       0          50          10
    2          0       4           4      20          50          10
    3          1       1           1       0           5           2
"""
TRIO = vrptw.read_instance(TEXT)


def test_fleet_and_nodes_are_read() -> None:
    assert (TRIO.name, TRIO.vehicles, TRIO.capacity, len(TRIO.nodes)) == ("TRIO", 2, 10, 4)
    assert TRIO.nodes[2] == vrptw.Node(x=0, y=4, demand=4, ready=20, due=50, service=10)


def test_lengths_are_cut_to_tenths() -> None:
    lengths = vrptw.lengths(TRIO)
    assert [lengths[0, 1], lengths[0, 2], lengths[1, 2]] == [30, 40, 50]
    assert lengths[0, 3] == 14  # 1.414...


def test_day_costs_its_distance() -> None:
    """1 alone is twice 3; by 3 to 2 and back is 1.4 + 3.1 + 4; all three would be too heavy for one van."""
    day = vrptw.day_of(TRIO)
    plan = solve(day, Budget(iterations=300))
    distance, broken = vrptw.judge(TRIO, vrptw.routes_of(plan))
    assert broken == []
    assert distance == check(day, plan).cost == 145


@pytest.mark.parametrize(
    ("routes", "broken"),
    [
        ([[1, 2]], ["3 is visited 0 times"]),
        ([[1, 2], [3, 3]], ["3 is visited 2 times"]),
        ([[3, 1, 2]], ["a load of 11"]),
        ([[1], [2], [3]], ["3 routes for 2 vehicles"]),
        ([[1, 3], [2]], ["3 is reached at 15.2"]),  # 3 + 10 of work + 2.2 of road; it had to be 5
        ([[2], [3, 1, 4]], ["4 is no customer"]),
    ],
)
def test_judge_names_what_is_broken(routes: list[list[int]], broken: list[str]) -> None:
    assert vrptw.judge(TRIO, routes)[1] == broken


def test_published_solutions_cost_what_their_files_say() -> None:
    if not vrptw.SHARED.exists():
        pytest.skip("no Solomon instances beside this checkout (../shared/data/vrptw)")
    known = vrptw.best_known()
    for name in ("C101", "R108", "RC208"):
        instance = vrptw.read_instance((vrptw.SHARED / f"solomon/{name}.txt").read_text())
        routes, cost = vrptw.read_solution((vrptw.SHARED / f"solomon/{name}.sol").read_text())
        assert vrptw.judge(instance, routes) == (round(10 * cost), [])
        assert known[name] == round(10 * cost)
