"""The chance to keep a promise. Locations lie on a line, ten minutes apart; times are those of a small day."""

from __future__ import annotations

from math import erf, log, log1p, sqrt

import pytest
from hypothesis import given, settings

from optimizer import Day, Plan, Shocks, Visit, check, odds, repair, timetable
from optimizer.plan import Route, Stop
from tests.unit.optimizer.random_days import days
from tests.unit.optimizer.worlds import (
    MINUTE,
    a_day,
    a_technician,
    a_visit,
    at,
    lunch,
    window,
)

ALONE = Shocks(technician=0, day=0, traffic=0)


def in_order(day: Day, *visit_ids: str) -> Plan:
    route = timetable(day, "ann", visit_ids)
    assert isinstance(route, Route), route
    return Plan(day.name, (route,))


def wild(name: str, times: str = "8:00-18:00", *, minutes: int = 60, spread: int = 30) -> Visit:
    return a_visit(name, times, duration=minutes * MINUTE, duration_spread=spread * MINUTE)


def at_most(limit: float, mean: float, deviation: float) -> float:
    """The chance that a lognormal of that mean and standard deviation stays within `limit`."""
    variance = log1p((deviation / mean) ** 2)
    return (1 + erf((log(limit / mean) + variance / 2) / sqrt(2 * variance))) / 2


def test_without_spread_a_promise_is_kept_or_it_is_not() -> None:
    # ten minutes to v1: 8:10; done 8:40, ten more to v2: 8:50, whose window ended at 8:45
    day = a_day(a_technician(), a_visit("v1"), a_visit("v2", "8:00-8:45"))
    found = odds(day, in_order(day, "v1", "v2"), samples=10)
    assert (found.visits["v1"].chance, found.visits["v1"].expected_start) == (1, at("8:10"))
    late = found.visits["v2"]
    assert (late.chance, late.early, late.middle, late.late) == (0, *[at("8:50")] * 3)
    assert (late.late_minutes, late.cause) == (5, None)
    assert (found.expected_broken, found.finishes) == (1, {"ann": 1})


def test_the_chance_is_that_the_work_before_ends_in_time() -> None:
    # v1 from 8:10 takes 60 ± 30 minutes, ten minutes to v2: its window ends 75 minutes of work after 8:10
    day = a_day(a_technician(), wild("v1"), a_visit("v2", "8:00-9:35"))
    found = odds(day, in_order(day, "v1", "v2"), samples=40_000, shocks=ALONE).visits["v2"]
    assert found.chance == pytest.approx(at_most(75, 60, 30), abs=0.01)
    assert found.expected_start == pytest.approx(at("9:20"), abs=30)
    assert found.early < found.middle < found.late
    assert found.cause == "v1"


def test_drives_vary_too() -> None:
    # 50 ± 15 minutes to v5, whose window ends after 60
    day = a_day(a_technician(), a_visit("v5", "8:00-9:00"), travel_spread=0.3)
    found = odds(day, in_order(day, "v5"), samples=40_000)
    assert found.visits["v5"].chance == pytest.approx(at_most(60, 50, 15), abs=0.01)


def test_work_under_way_ends_when_it_ends_but_not_before_now() -> None:
    # ready at 8:30 ± 10 minutes; in time for v1 until 8:50, one deviation and ten minutes' drive later
    day = a_day(a_technician(ready_at=at("8:30"), ready_spread=10 * MINUTE), a_visit("v1", "8:00-8:50"))
    found = odds(day, in_order(day, "v1"), samples=40_000).visits["v1"]
    assert found.chance == pytest.approx((1 + erf(1 / sqrt(2))) / 2, abs=0.01)
    later = a_day(*day.technicians, *day.visits, now="8:30")
    assert odds(later, in_order(later, "v1")).visits["v1"].early == at("8:40")


def test_delays_of_one_technician_go_together() -> None:
    """Six pieces of 30 ± 15 minutes: if they are long together, the seventh visit is late more often."""
    visits = [wild(f"v{i}", minutes=30, spread=15) for i in range(1, 7)]
    day = a_day(a_technician(), *visits, a_visit("v7", "8:00-13:00"))
    plan = in_order(day, *(f"v{i}" for i in range(1, 8)))
    alone, together = (
        odds(day, plan, samples=20_000, shocks=shocks).visits["v7"]
        for shocks in (ALONE, Shocks(technician=0.5, day=0, traffic=0))
    )
    assert together.late - together.early > 1.5 * (alone.late - alone.early)
    assert together.chance < alone.chance - 0.05


def test_nobody_comes_before_the_window_nor_much_before_they_said() -> None:
    day = a_day(a_technician(), a_visit("v1", "9:00-12:00"), a_visit("v2", "8:00-18:00"))
    plan = Plan("small", (Route("ann", (stop("v1", "9:00"), stop("v2", "14:00")), at("14:30")),))
    found = odds(day, plan, samples=1).visits
    assert found["v1"].middle == at("9:00")
    assert found["v2"].middle == at("13:30")  # the tolerance is half an hour


def test_the_gap_between_two_agreed_windows_is_waited_for() -> None:
    # 8:10 + 60 ± 30 minutes + 10: some arrive by 9:25, nobody starts between that and 10:00
    day = a_day(a_technician(), wild("v1"), a_visit("v2", "8:00-9:25", may_move=(window("10:00-11:00"),)))
    found = odds(day, in_order(day, "v1", "v2"), samples=2_000).visits["v2"]
    assert found.middle < at("9:25")
    assert found.late >= at("10:00")
    assert found.chance > 0.95


def test_lunch_keeps_its_place_and_may_begin_late() -> None:
    """v1 ends at 11:10 instead of 10:40. Lunch, due by 11:00, is taken at 11:10; v2 starts at 11:50."""
    day = a_day(a_technician(breaks=(lunch("10:30-11:00"),)), a_visit("v1"), a_visit("v2"), now="10:00")
    plan = in_order(day, "v1", "v2")
    assert [one.id for one in plan.routes[0].stops] == ["v1", "lunch", "v2"]
    slow = a_day(*day.technicians, a_visit("v1", duration=60 * MINUTE), day.visit("v2"), now="10:00")
    assert odds(slow, plan, samples=1).visits["v2"].middle == at("11:50")


def test_the_worst_comes_first_with_what_sways_it_most() -> None:
    day = a_day(
        a_technician(),
        wild("v1", spread=5),
        wild("v2", spread=40),
        a_visit("v3", "8:00-10:45"),
        a_visit("v4", "8:00-11:00", duration_spread=60),
        a_visit("v5", "8:00-18:00"),
    )
    found = odds(day, in_order(day, "v1", "v2", "v3", "v4", "v5"))
    assert [(one.visit, one.cause) for one in found.risky(0.9)] == [("v4", "v2"), ("v3", "v2")]
    assert found.risky(0) == []


def test_a_promise_that_nobody_keeps_is_expected_to_break() -> None:
    day = a_day(a_technician(), a_visit("v1", priority=3), a_visit("v2", state="new"))
    assert odds(day, Plan("small", ())).expected_broken == 3


def test_the_same_seed_gives_the_same_odds() -> None:
    day = a_day(a_technician(), wild("v1"), a_visit("v2", "8:00-9:35"))
    plan = in_order(day, "v1", "v2")
    assert odds(day, plan) == odds(day, plan)
    assert odds(day, plan) != odds(day, plan, seed=2)


@settings(max_examples=60, deadline=None)
@given(days())
def test_without_spread_what_the_plan_keeps_is_kept(day: Day) -> None:
    """And nobody starts later than planned, as long as the plan keeps every promise."""
    plan = repair(day)
    found = odds(day, plan, samples=2)
    assert {one.chance for one in found.visits.values()} <= {0, 1}
    if check(day, plan).broken == 0:
        assert found.expected_broken == 0
        assert all(one.late <= (plan.start_of(id) or 0) for id, one in found.visits.items())


@pytest.mark.parametrize("shares", [{"day": 1.1}, {"traffic": -0.1}, {"day": 0.6, "technician": 0.6}])
def test_a_share_is_a_share(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="share"):
        Shocks(**shares)


def stop(visit: str, start: str) -> Stop:
    return Stop("visit", visit, at(start), at(start) + 30 * MINUTE)
