"""One visit held over a place: the price a dispatcher sees before letting go, or the rule that forbids it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import Blocked, Day, Dragging, Limits, Plan, Route, check, places, repair, timetable
from optimizer.moves import Harm
from optimizer.unserved import why_unserved
from tests.unit.optimizer.random_days import days
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit, at, told


def as_planned(day: Day) -> Plan:
    """The routes as the technicians have them."""
    routes = [timetable(day, one.id, one.route) for one in day.technicians if one.route]
    assert all(isinstance(route, Route) for route in routes), routes
    served = {visit_id for one in day.technicians for visit_id in one.route}
    left = tuple(why_unserved(day, one) for one in day.visits if one.id not in served)
    return Plan(day.name, tuple(one for one in routes if isinstance(one, Route)), left)


def test_a_place_on_the_way_costs_the_detour_alone() -> None:
    # ann stands at 0 and drives ten minutes to each next place: 0-1-2 is no longer than 0-2.
    day = a_day(a_technician("ann", route=("v2",)), a_visit("v1", state="new"), a_visit("v2"))
    dragging = Dragging(day, as_planned(day), "v1")
    before, after = dragging.at("ann", 0), dragging.at("ann", 1)
    assert not isinstance(before, Blocked)
    assert not isinstance(after, Blocked)
    assert (before.price, before.start, before.harms) == (0.0, at("8:10"), ())
    assert after.price == 10.0  # back from 2 to 1
    assert before.plan.orders() == {"ann": ("v1", "v2")}


def test_a_promise_that_would_break_is_named_with_its_price() -> None:
    # v2 is promised until 8:20; with v1 (30 min, from 8:10) before it, it starts at 8:50: 10,000 + 30 min x 20.
    day = a_day(a_technician("ann", route=("v2",)), a_visit("v1", state="new"), a_visit("v2", "8:00-8:20"))
    found = Dragging(day, as_planned(day), "v1").at("ann", 0)
    assert not isinstance(found, Blocked)
    assert found.harms == (Harm("v2", 30),)
    assert found.price == 10_600.0


def test_overtime_is_told_in_minutes() -> None:
    # v1 may start at 15:30 at the earliest, half an hour of work; the shift ends at 15:45.
    day = a_day(
        a_technician("ann", shift=(at("8:00"), at("15:45"))), a_visit("v1", "15:30-16:00", state="new")
    )
    found = Dragging(day, as_planned(day), "v1").at("ann", 0)
    assert not isinstance(found, Blocked)
    assert (found.overtime_minutes, found.price) == (15.0, 70.0)  # 10 min of driving, 15 x 4


def test_a_visit_of_somebody_else_is_taken_out_there() -> None:
    day = a_day(
        a_technician("ann", route=("v1", "v2")),
        a_technician("bob"),
        a_visit("v1", planned=told("ann", "8:10")),
        a_visit("v2"),
    )
    found = Dragging(day, as_planned(day), "v1").at("bob", 0)
    assert not isinstance(found, Blocked)
    assert found.plan.orders() == {"ann": ("v2",), "bob": ("v1",)}
    assert found.disturbed == ("v1",)
    assert found.price == 60.0  # 50 for the change; bob drives 10 min, ann 20 as before


@pytest.mark.parametrize(
    ("visit", "code"),
    [
        (a_visit("v1", state="new", skills={"gas": 1}), "no_skill"),
        (a_visit("v1", state="new", exclude=("ann",)), "excluded"),
        (a_visit("v1", state="new", parts={"ont": 1}), "no_parts"),
        (a_visit("v1", "8:00-8:05", state="new"), "no_time"),
        (a_visit("v1", "17:50-18:00", duration=7200, state="new"), "overtime_limit"),
    ],
)
def test_a_hard_rule_forbids_the_place(visit: object, code: str) -> None:
    day = a_day(a_technician("ann"), visit)
    found = Dragging(day, as_planned(day), "v1").at("ann", 0)
    assert isinstance(found, Blocked)
    assert found.code == code
    assert found.sentence


def test_a_cap_of_the_day_forbids_it() -> None:
    day = a_day(
        a_technician("ann", route=("v1",)),
        a_technician("bob"),
        a_visit("v1", planned=told("ann", "8:10")),
        limits=Limits(disturbed=0),
    )
    found = Dragging(day, as_planned(day), "v1").at("bob", 0)
    assert isinstance(found, Blocked)
    assert found.code == "limit"


def test_what_comes_after_waits_where_it_is_put() -> None:
    # v1 is ann's until 8:40; v2 comes after it: bob (10 minutes away) waits for that.
    day = a_day(
        a_technician("ann", route=("v1",)),
        a_technician("bob"),
        a_visit("v1"),
        a_visit("v2", state="new", after=("v1",), location=1),
    )
    found = Dragging(day, as_planned(day), "v2").at("bob", 0)
    assert not isinstance(found, Blocked)
    assert found.start == at("8:40")


def test_a_place_that_is_not_there_is_refused() -> None:
    day = a_day(a_technician("ann"), a_visit("v1", state="new"))
    dragging = Dragging(day, as_planned(day), "v1")
    with pytest.raises(ValueError, match="ann has 0 to 0"):
        dragging.at("ann", 1)
    with pytest.raises(KeyError):
        dragging.at("zoe", 0)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(days(), st.data())
def test_what_is_said_is_what_the_judge_finds(day: Day, data: st.DataObject) -> None:
    plan = repair(day)
    visit = data.draw(st.sampled_from(day.visits))
    dragging, before = Dragging(day, plan, visit.id), check(day, plan)
    left = plan.start_of(visit.id) is None
    undone = visit.priority * (day.weights.unserved + (day.weights.broken if visit.promised else 0))
    for one in day.technicians:
        stops = [stop for route in plan.routes if route.technician == one.id for stop in route.stops]
        others = [stop for stop in stops if stop.kind != "break" and stop.id != visit.id]
        for position in range(len(others) + 1):
            found = dragging.at(one.id, position)
            if isinstance(found, Blocked):
                continue
            verdict = check(day, found.plan)
            assert verdict.legal or not before.legal
            rise = verdict.cost - before.cost + (undone if left else 0)
            assert found.price == pytest.approx(rise, abs=0.02)
            [route] = [route for route in found.plan.routes if route.technician == one.id]
            told_stops = [stop for stop in route.stops if stop.kind != "break"]
            assert told_stops[position].id == visit.id
            assert all(a.end <= b.start for a, b in pairwise(route.stops))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(days(), st.data())
def test_each_place_that_harms_nobody_costs_no_more_than_insertion_says(
    day: Day, data: st.DataObject
) -> None:
    plan = repair(day)
    open_visits = [visit for visit in day.visits if plan.start_of(visit.id) is None]
    linked = [visit for visit in day.visits if visit.assistant is not None or visit.after]
    if not open_visits or linked or day.limits != Limits():
        return
    visit = data.draw(st.sampled_from(open_visits))
    dragging = Dragging(day, plan, visit.id)
    for place in places(day, plan.orders(), visit):
        found = dragging.at(place.technician, place.position)
        assert not isinstance(found, Blocked)
        assert found.price <= place.price + 0.02
