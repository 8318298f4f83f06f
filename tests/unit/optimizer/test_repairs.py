"""Repairs of small broken days. Locations lie on a line, ten minutes apart; work takes half an hour."""

from __future__ import annotations

from optimizer import Break, Plan, Visit, check, repair
from tests.unit.optimizer.worlds import MINUTE, a_day, a_technician, a_visit, at, starts, told, window


def reasons(plan: Plan) -> dict[str, str]:
    return {item.visit: item.reason for item in plan.unserved}


def test_nothing_to_repair() -> None:
    day = a_day(a_technician(route=("v1", "v3")), a_visit("v1"), a_visit("v3"))
    assert repair(day).orders() == {"ann": ("v1", "v3")}


def test_the_orphans_of_a_sick_technician_go_to_the_others() -> None:
    # bob is sick; v2 lies between ann's v1 and v3
    day = a_day(
        a_technician("ann", route=("v1", "v3")),
        a_technician("bob", absent=True, route=("v2",)),
        *(a_visit(name) for name in ("v1", "v2", "v3")),
    )
    assert repair(day).orders() == {"ann": ("v1", "v2", "v3")}


def test_victims_do_not_starve_each_other() -> None:
    """v1 could go to ann or bob, v2 only to ann, and each has time for one: v1 goes to bob."""
    half_day = {"duration": 360 * MINUTE, "state": "failed"}
    day = a_day(
        a_technician("ann", skills={"gas": 1}, overtime_until=at("16:00")),
        a_technician("bob", ready_location=9, overtime_until=at("16:00")),
        a_visit("v1", **half_day),
        a_visit("v2", skills={"gas": 1}, **half_day),
    )
    assert repair(day).orders() == {"ann": ("v2",), "bob": ("v1",)}


def test_the_emergency_comes_first() -> None:
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


def test_a_placed_visit_moves_aside() -> None:
    day = a_day(*one_must_move())  # type: ignore[arg-type]
    assert repair(day).orders() == {"ann": ("v2",), "bob": ("v1",)}
    assert reasons(repair(day, eject=False)) == {"v2": "no_time"}


def test_a_locked_visit_never_moves_aside() -> None:
    day = a_day(*one_must_move(locked=True))  # type: ignore[arg-type]
    plan = repair(day)
    assert plan.orders() == {"ann": ("v1",)}
    assert reasons(plan) == {"v2": "no_time"}


def test_a_promise_about_to_break_is_looked_after() -> None:
    # ann would be at v9 at 9:30, the promise ends at 9:00; bob stands next to it
    day = a_day(
        a_technician("ann", route=("v9",)),
        a_technician("bob", ready_location=8),
        a_visit("v9", "8:00-9:00", planned=told("ann", "8:45")),
    )
    assert repair(day).orders() == {"bob": ("v9",)}


def test_better_late_than_never() -> None:
    day = a_day(a_technician(), a_visit("v9", "8:00-9:00"))
    plan = repair(day)
    assert starts(plan) == {"v9": "9:30"}
    assert check(day, plan).broken == 1


def test_a_technician_who_may_not_is_relieved() -> None:
    day = a_day(a_technician("ann", route=("v1",)), a_technician("bob"), a_visit("v1", exclude=("ann",)))
    assert repair(day).orders() == {"bob": ("v1",)}


def test_a_published_route_that_cannot_be_done_loses_the_least() -> None:
    """Three hours until the limit: v1 and v2 with two hours each, v2 weighs more."""
    two_hours = {"duration": 120 * MINUTE}
    day = a_day(
        a_technician(overtime_until=at("11:00"), route=("v1", "v2")),
        a_visit("v1", **two_hours),
        a_visit("v2", priority=2, **two_hours),
    )
    plan = repair(day)
    assert plan.orders() == {"ann": ("v2",)}


def test_a_locked_visit_is_served_first_even_when_the_route_says_otherwise() -> None:
    day = a_day(
        a_technician(route=("v1", "v2")),
        a_visit("v1"),
        a_visit("v2", "8:00-8:05", planned=told("ann", "8:05"), locked=True),
    )
    assert repair(day).orders() == {"ann": ("v2", "v1")}


def test_an_agreed_move_is_used_before_a_promise_breaks() -> None:
    day = a_day(a_technician(), a_visit("v9", "8:00-9:00", may_move=(window("9:00-12:00"),)))
    verdict = check(day, repair(day))
    assert (verdict.moved, verdict.broken) == (1, 0)


def why(visit: Visit, **technician: object) -> tuple[str, str]:
    day = a_day(a_technician(**technician), visit)
    (item,) = repair(day).unserved
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


def test_an_empty_day_has_an_empty_plan() -> None:
    assert repair(a_day()) == Plan("small", ())


def test_a_technician_whose_break_is_overdue_can_do_nothing() -> None:
    day = a_day(
        a_technician(breaks=(Break("lunch", window("6:00-7:00"), 1800),), route=("v1",)), a_visit("v1")
    )
    assert reasons(repair(day)) == {"v1": "no_time"}
