"""Two people at once, and one visit after another, as the search places them. Travel: 10 minutes a step."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from optimizer import Budget, Day, Limits, Plan, check, repair, solve
from optimizer.linked import is_linked
from tests.unit.optimizer.random_days import days
from tests.unit.optimizer.worlds import MINUTE, a_day, a_technician, a_visit, starts, told

ENOUGH = Budget(iterations=200)


def stops_of(plan: Plan, technician: str) -> list[tuple[str, str, int]]:
    """(kind, id, start in minutes since midnight) of the technician's stops."""
    route = plan.route_of(technician)
    return [] if route is None else [(stop.kind, stop.id, stop.start // MINUTE) for stop in route.stops]


def test_two_people_meet_at_the_door() -> None:
    # ann (at 0) drives 30 minutes to v3, bob (at 9) 60: neither can start before the other, so 9:00
    day = a_day(
        a_technician("ann", skills={"gas": 1}),
        a_technician("bob", ready_location=9, skills={"lifting": 1}),
        a_visit("v3", "8:00-10:00", skills={"gas": 1}, assistant={"lifting": 1}),
    )
    plan = solve(day, ENOUGH)
    assert stops_of(plan, "ann") == [("visit", "v3", 540)]
    assert stops_of(plan, "bob") == [("assist", "v3", 540)]
    assert check(day, plan).cost == 30 + 60


def test_one_person_alone_does_not_begin() -> None:
    day = a_day(a_technician("ann"), a_visit("v3", assistant={}))
    plan = solve(day, ENOUGH)
    assert [(one.visit, one.reason) for one in plan.unserved] == [("v3", "no_time")]
    assert "two people" in plan.unserved[0].detail
    assert check(day, plan).legal


def test_what_comes_after_waits_for_another_technician() -> None:
    # bob digs at v8 from 8:10 to 8:40; ann could be at v2 at 8:20 and has to wait until 8:40
    day = a_day(
        a_technician("ann", skills={"fiber": 1}),
        a_technician("bob", ready_location=9, skills={"digging": 1}),
        a_visit("v8", skills={"digging": 1}),
        a_visit("v2", skills={"fiber": 1}, after=("v8",)),
    )
    assert starts(solve(day, ENOUGH)) == {"v8": "8:10", "v2": "8:40"}


def test_what_comes_after_something_undone_is_undone() -> None:
    day = a_day(
        a_technician("ann"),
        a_visit("v8", skills={"digging": 1}),
        a_visit("v2", after=("v8",)),
    )
    plan = solve(day, ENOUGH)
    assert {one.visit for one in plan.unserved} == {"v8", "v2"}
    assert check(day, plan).legal


def test_two_people_come_when_the_customer_was_told() -> None:
    """Another start than the one told, by more than half an hour, would cost 50."""
    day = a_day(
        a_technician("ann"),
        a_technician("bob"),
        a_visit("v1", assistant={}, planned=told("bob", "14:00")),
    )
    plan = solve(day, ENOUGH)
    assert plan.technician_of("v1") == "bob"
    assert check(day, plan).changed == 0
    assert check(day, plan).cost == 10 + 10


@settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
@given(days())
def test_days_with_linked_visits_are_legal_and_the_same_each_time(day: Day) -> None:
    plan = solve(day, Budget(iterations=60), threads=2)
    assert check(day, plan).errors == ()
    assert solve(day, Budget(iterations=60), threads=2) == plan


@settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
@given(days())
def test_linked_visits_in_the_first_answer_cost_less_than_undone(day: Day) -> None:
    plan = repair(day, compiled=True)
    assert check(day, plan).errors == ()
    nobody = tuple(replace(one, technician="zoe") if is_linked(one) else one for one in day.visits)
    if day.limits == Limits():
        undone = replace(day, visits=nobody)
        assert check(day, plan).cost <= check(undone, repair(undone, compiled=True)).cost + 1e-6
