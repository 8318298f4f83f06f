"""Repairs of small broken days. Locations lie on a line, ten minutes apart; work takes half an hour."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import pytest

import optimizer
from optimizer import Break, Day, Limits, Plan, Visit, check
from tests.unit.optimizer.worlds import MINUTE, a_day, a_technician, a_visit, at, starts, told, window

Repair: TypeAlias = Callable[..., Plan]


@pytest.fixture(params=[False, True], ids=["plain", "compiled"])
def repair(request: pytest.FixtureRequest) -> Repair:
    """The first answer, both ways."""
    return partial(optimizer.repair, compiled=request.param)


def reasons(plan: Plan) -> dict[str, str]:
    return {item.visit: item.reason for item in plan.unserved}


def test_nothing_to_repair(repair: Repair) -> None:
    day = a_day(a_technician(route=("v1", "v3")), a_visit("v1"), a_visit("v3"))
    assert repair(day).orders() == {"ann": ("v1", "v3")}


def test_the_orphans_of_a_sick_technician_go_to_the_others(repair: Repair) -> None:
    # bob is sick; v2 lies between ann's v1 and v3
    day = a_day(
        a_technician("ann", route=("v1", "v3")),
        a_technician("bob", absent=True, route=("v2",)),
        *(a_visit(name) for name in ("v1", "v2", "v3")),
    )
    assert repair(day).orders() == {"ann": ("v1", "v2", "v3")}


def test_victims_do_not_starve_each_other(repair: Repair) -> None:
    """v1 could go to ann or bob, v2 only to ann, and each has time for one: v1 goes to bob."""
    half_day = {"duration": 360 * MINUTE, "state": "failed"}
    day = a_day(
        a_technician("ann", skills={"gas": 1}, overtime_until=at("16:00")),
        a_technician("bob", ready_location=9, overtime_until=at("16:00")),
        a_visit("v1", **half_day),
        a_visit("v2", skills={"gas": 1}, **half_day),
    )
    assert repair(day).orders() == {"ann": ("v2",), "bob": ("v1",)}


def test_the_emergency_comes_first(repair: Repair) -> None:
    """Ann has time for one of them."""
    day = a_day(
        a_technician(overtime_until=at("9:00")),
        a_visit("v1", state="new", priority=1),
        a_visit("v2", state="new", priority=5),
    )
    plan = repair(day)
    assert plan.orders() == {"ann": ("v2",)}
    assert reasons(plan) == {"v1": "no_time"}


def one_must_move(*, locked: bool = False) -> tuple[object, ...]:
    """v1 is ann's and could as well be bob's; the new v2 can only be ann's, at the same time."""
    planned = told("ann", "8:10")
    return (
        a_technician("ann", skills={"gas": 1}, route=("v1",)),
        a_technician("bob"),
        a_visit("v1", "8:00-8:30", planned=planned, locked=locked),
        a_visit("v2", "8:00-8:30", state="new", skills={"gas": 1}),
    )


def test_a_placed_visit_moves_aside(repair: Repair) -> None:
    day = a_day(*one_must_move())  # type: ignore[arg-type]
    assert repair(day).orders() == {"ann": ("v2",), "bob": ("v1",)}
    assert reasons(repair(day, eject=False)) == {"v2": "no_time"}


def test_a_locked_visit_never_moves_aside(repair: Repair) -> None:
    day = a_day(*one_must_move(locked=True))  # type: ignore[arg-type]
    plan = repair(day)
    assert plan.orders() == {"ann": ("v1",)}
    assert reasons(plan) == {"v2": "no_time"}


def test_a_promise_about_to_break_is_looked_after(repair: Repair) -> None:
    # ann would be at v9 at 9:30, the promise ends at 9:00; bob stands next to it
    day = a_day(
        a_technician("ann", route=("v9",)),
        a_technician("bob", ready_location=8),
        a_visit("v9", "8:00-9:00", planned=told("ann", "8:45")),
    )
    assert repair(day).orders() == {"bob": ("v9",)}


def test_better_late_than_never(repair: Repair) -> None:
    day = a_day(a_technician(), a_visit("v9", "8:00-9:00"))
    plan = repair(day)
    assert starts(plan) == {"v9": "9:30"}
    assert check(day, plan).broken == 1


def test_a_technician_who_may_not_is_relieved(repair: Repair) -> None:
    day = a_day(a_technician("ann", route=("v1",)), a_technician("bob"), a_visit("v1", exclude=("ann",)))
    assert repair(day).orders() == {"bob": ("v1",)}


def test_a_published_route_that_cannot_be_done_loses_the_least(repair: Repair) -> None:
    """Three hours until the limit: v1 and v2 with two hours each, v2 weighs more."""
    two_hours = {"duration": 120 * MINUTE}
    day = a_day(
        a_technician(overtime_until=at("11:00"), route=("v1", "v2")),
        a_visit("v1", **two_hours),
        a_visit("v2", priority=2, **two_hours),
    )
    plan = repair(day)
    assert plan.orders() == {"ann": ("v2",)}


def test_a_locked_visit_is_served_first_even_when_the_route_says_otherwise(repair: Repair) -> None:
    day = a_day(
        a_technician(route=("v1", "v2")),
        a_visit("v1"),
        a_visit("v2", "8:00-8:05", planned=told("ann", "8:05"), locked=True),
    )
    assert repair(day).orders() == {"ann": ("v2", "v1")}


def test_an_agreed_move_is_used_before_a_promise_breaks(repair: Repair) -> None:
    day = a_day(a_technician(), a_visit("v9", "8:00-9:00", may_move=(window("9:00-12:00"),)))
    verdict = check(day, repair(day))
    assert (verdict.moved, verdict.broken) == (1, 0)


def why(visit: Visit, **technician: object) -> tuple[str, str]:
    day = a_day(a_technician(**technician), visit)
    (item,) = optimizer.repair(day).unserved
    return item.reason, item.detail


def test_the_reason_is_the_last_rule_that_stops_everybody() -> None:
    assert why(a_visit("v1"), absent=True)[0] == "no_technician"
    assert why(a_visit("v1", technician="bob")) == (
        "no_technician",
        "It requires bob, who does not work today.",
    )
    assert why(a_visit("v1", skills={"gas": 2}), skills={"gas": 1}) == (
        "no_skill",
        "Nobody present who may take it has gas 2.",
    )
    assert why(a_visit("v1", parts={"ont": 2})) == (
        "no_parts",
        "No van of a skilled technician carries 2 x ont.",
    )
    assert why(a_visit("v1", "8:00-8:05", state="new"))[0] == "no_time"


def test_an_empty_day_has_an_empty_plan(repair: Repair) -> None:
    assert repair(a_day()) == Plan("small", ())


def test_a_technician_whose_break_is_overdue_can_do_nothing(repair: Repair) -> None:
    day = a_day(
        a_technician(breaks=(Break("lunch", window("6:00-7:00"), 1800),), route=("v1",)), a_visit("v1")
    )
    assert reasons(repair(day)) == {"v1": "no_time"}


def test_who_is_liked_comes_where_that_costs_less_than_the_way(repair: Repair) -> None:
    # ann drives 10 minutes to v1, bob (at 3) 20 and is liked: 20 < 10 + 30; bob (at 6) would drive 50
    for location, comes in ((3, "bob"), (6, "ann")):
        bob = a_technician("bob", ready_location=location)
        day = a_day(a_technician("ann"), bob, a_visit("v1", state="new", prefer=("bob",)))
        assert repair(day).technician_of("v1") == comes


def test_a_frozen_visit_keeps_its_second(repair: Repair) -> None:
    """v2 would fit better before v1, which is frozen to half past eight."""
    day = a_day(
        a_technician("ann", route=("v1",)),
        a_technician("bob"),
        a_visit("v1", planned=told("ann", "8:30"), frozen=True),
        a_visit("v2", "8:00-8:35", state="new", exclude=("bob",)),
    )
    plan = repair(day)
    assert starts(plan) == {"v1": "8:30"}
    assert reasons(plan) == {"v2": "no_time"}


def test_a_frozen_visit_that_cannot_be_done_is_left(repair: Repair) -> None:
    # ann is at v9 at 9:30 at the earliest, bob stands next to it, but it is ann's at 9:00
    day = a_day(
        a_technician("ann", route=("v9",)),
        a_technician("bob", ready_location=8),
        a_visit("v9", planned=told("ann", "9:00"), frozen=True),
    )
    assert reasons(repair(day)) == {"v9": "no_time"}
    sick = a_day(a_technician("ann", absent=True), a_technician("bob"), day.visit("v9"))
    assert repair(sick).unserved[0].detail == "It is frozen to ann, who may not take it or is not there."


def a_day_with_links() -> Day:
    """v1 takes two; v2, at the same distance from v3 as from v1, comes after v3."""
    return a_day(
        a_technician("ann", route=("v1", "v2", "v3")),
        a_technician("bob"),
        a_visit("v1", assistant={}),
        a_visit("v2", after=("v3",)),
        a_visit("v3"),
    )


def test_what_hangs_on_another_route_is_placed_last() -> None:
    # v3 is placed first, at 8:30 or later. v1 lies on the way there: both are there at 8:10, ann at v3 at 9:00.
    # v2 comes when that is over, at 9:30, ten minutes back: 9:40; between v1 and v3 it would be too early.
    day = a_day_with_links()
    plan = optimizer.repair(day, compiled=True)
    assert (plan.assistants_of("v1"), plan.orders()["ann"]) == (("bob",), ("v1", "v3", "v2"))
    assert starts(plan) == {"v1": "8:10", "v3": "9:00", "v2": "9:40"}
    assert check(day, plan).cost == 10 + 20 + 10 + 10  # minutes of travel, bob's ten the last


def test_what_breaks_a_promise_of_another_route_is_left() -> None:
    # v3 must be started by 8:35: with v1 before it ann is there at 9:00, after it v1's window is over
    day = a_day(
        a_technician("ann", route=("v3",)),
        a_technician("bob"),
        a_visit("v1", "8:00-8:30", state="new", assistant={}),
        a_visit("v3", "8:00-8:35"),
    )
    plan = optimizer.repair(day, compiled=True)
    assert [one.visit for one in plan.unserved] == ["v1"]
    assert starts(plan) == {"v3": "8:30"}


def test_what_hangs_on_another_route_is_left_to_the_search() -> None:
    day = a_day_with_links()
    plan = optimizer.repair(day, compiled=False)
    assert plan.orders() == {"ann": ("v3",)}
    assert {item.visit: item.detail for item in plan.unserved} == {
        "v1": "v1 needs two people at once, and no start for both was found.",
        "v2": "v2 comes after v3, and no start behind them was found.",
    }
    assert check(day, plan).legal


def delayed(**caps: int) -> Day:
    """Ann is an hour late for v1 and v2 (told 8:10 and 8:45), who agreed to more; bob is there for v8."""
    late = {"may_move": (window("9:00-12:00"),)}
    return a_day(
        a_technician("ann", ready_at=at("9:00"), route=("v1", "v2")),
        a_technician("bob", ready_location=8),
        a_visit("v1", "8:00-8:40", planned=told("ann", "8:10"), **late),
        a_visit("v2", "8:00-8:55", planned=told("ann", "8:45"), priority=2, **late),
        a_visit("v8", "8:00-9:00", planned=told("bob", "8:00")),
        limits=Limits(**caps),
    )


def test_without_caps_the_delay_is_shared(repair: Repair) -> None:
    verdict = check(delayed(), repair(delayed()))
    assert (verdict.unserved, verdict.disturbed, verdict.moved) == (0, 2, 2)


@pytest.mark.parametrize(
    ("cap", "left"), [(2, {}), (1, {"v1": "no_time"}), (0, {"v1": "no_time", "v2": "no_time"})]
)
def test_what_may_not_be_disturbed_is_left_undone(cap: int, left: dict[str, str], repair: Repair) -> None:
    """Where one may be, it is v2, which weighs more. Ann is there at 9:20, 35 minutes after what was told."""
    plan = repair(delayed(disturbed=cap))
    assert check(delayed(disturbed=cap), plan).errors == ()
    assert reasons(plan) == left


def test_a_cap_on_moves_is_no_cap_on_breaking(repair: Repair) -> None:
    """Both start after 12:00, when the hours they agreed to are over: dearer, but better than not at all."""
    verdict = check(delayed(moved=0), repair(delayed(moved=0)))
    assert verdict.legal
    assert (verdict.moved, verdict.broken, verdict.unserved) == (0, 2, 0)


def test_orphans_count_in_no_cap(repair: Repair) -> None:
    day = a_day(
        a_technician("ann"),
        a_technician("bob", absent=True, route=("v1",)),
        a_visit("v1", planned=told("bob", "8:10")),
        limits=Limits(disturbed=0),
    )
    assert repair(day).orders() == {"ann": ("v1",)}
