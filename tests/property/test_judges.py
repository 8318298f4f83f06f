"""Two judges that share no line of code say the same of any plan, good or damaged."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import Day, Plan, Route, Stop, Unserved, check, day_to_json, plan_to_json, project, repair
from optimizer.unserved import why_unserved
from tests.unit.optimizer.random_days import days
from tests.unit.optimizer.worlds import find_judge

STORM = os.environ.get("MAKEGOOD_STORM") == "1"
JUDGE = find_judge()
dose = settings(
    max_examples=5_000 if STORM else 300,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    derandomize=not STORM,
)
Damage = Callable[[st.DataObject, Plan], Plan]


@pytest.mark.skipif(JUDGE is None, reason="../shared/tools/check_day.py is not there")
@dose
@given(days(beyond=False), st.data())
def test_both_judges_agree(day: Day, data: st.DataObject) -> None:
    """Legal or not, and the same counts and costs to the cent."""
    assert JUDGE is not None
    plan = data.draw(st.sampled_from((repair, headlong)))(day)
    for damage in data.draw(st.lists(st.sampled_from(DAMAGES), max_size=3)):
        plan = damage(data, plan)
    ours, theirs = check(day, plan), JUDGE.judge(day_to_json(day), plan_to_json(plan))
    assert ours.legal == theirs["legal"], (ours.errors, theirs["errors"])
    for name in ("cost", "soft_cost", "broken", "unserved", "recovered", "changed", "moved"):
        assert getattr(ours, name) == theirs[name], name
    for name in ("late_minutes", "overtime_minutes", "travel_minutes"):
        assert getattr(ours, name) == theirs[name], name


def headlong(day: Day) -> Plan:
    """Everybody does their route as it was published, whatever it breaks; breaks are forgotten."""
    routes = []
    for technician in day.technicians:
        starts = project(day, technician.id, technician.route)
        stops = tuple(
            Stop("visit", one, start, start + day.visit(one).duration)
            for one, start in zip(technician.route, starts, strict=True)
        )
        if stops:
            routes.append(Route(technician.id, stops, stops[-1].end + 600))
    routed = {stop.id for route in routes for stop in route.stops}
    left = tuple(why_unserved(day, visit) for visit in day.visits if visit.id not in routed)
    return Plan(day.name, tuple(routes), left)


def _shift_a_stop(data: st.DataObject, plan: Plan) -> Plan:
    seconds = data.draw(st.sampled_from((-7_200, -300, -1, 1, 300, 7_200)))
    return _with_a_stop(
        data, plan, lambda stop: replace(stop, start=stop.start + seconds, end=stop.end + seconds)
    )


def _stretch_a_stop(data: st.DataObject, plan: Plan) -> Plan:
    seconds = data.draw(st.sampled_from((-60, 1, 60)))
    return _with_a_stop(data, plan, lambda stop: replace(stop, end=stop.end + seconds))


def _rename_a_stop(data: st.DataObject, plan: Plan) -> Plan:
    name = data.draw(st.sampled_from(("v0", "v1", "v9", "b0", "b9")))
    return _with_a_stop(data, plan, lambda stop: replace(stop, id=name))


def _turn_work_into_rest(data: st.DataObject, plan: Plan) -> Plan:
    def turned(stop: Stop) -> Stop:
        return replace(stop, kind="break" if stop.kind == "visit" else "visit")

    return _with_a_stop(data, plan, turned)


def _swap_two_stops(data: st.DataObject, plan: Plan) -> Plan:
    return _with_a_route(
        data, plan, lambda route: replace(route, stops=data.draw(st.permutations(route.stops)))
    )


def _drop_a_stop(data: st.DataObject, plan: Plan) -> Plan:
    def dropped(route: Route) -> Route:
        gone = data.draw(st.integers(0, len(route.stops) - 1)) if route.stops else 0
        return replace(route, stops=(*route.stops[:gone], *route.stops[gone + 1 :]))

    return _with_a_route(data, plan, dropped)


def _drop_the_breaks(data: st.DataObject, plan: Plan) -> Plan:
    return _with_a_route(
        data, plan, lambda route: replace(route, stops=tuple(s for s in route.stops if s.kind == "visit"))
    )


def _repeat_a_stop(data: st.DataObject, plan: Plan) -> Plan:
    every = [stop for route in plan.routes for stop in route.stops]
    if not every:
        return plan
    again = data.draw(st.sampled_from(every))
    return _with_a_route(data, plan, lambda route: replace(route, stops=(*route.stops, again)))


def _give_to_another(data: st.DataObject, plan: Plan) -> Plan:
    name = data.draw(st.sampled_from(("t0", "t1", "t2", "t9")))
    return _with_a_route(data, plan, lambda route: replace(route, technician=name))


def _finish_wrong(data: st.DataObject, plan: Plan) -> Plan:
    seconds = data.draw(st.sampled_from((-600, -1, 1, 60, 36_000)))
    return _with_a_route(data, plan, lambda route: replace(route, finish=route.finish + seconds))


def _leave_a_route_out(data: st.DataObject, plan: Plan) -> Plan:
    return replace(plan, routes=plan.routes[1:])


def _spoil_what_is_left(data: st.DataObject, plan: Plan) -> Plan:
    left = list(plan.unserved)
    spoiled = data.draw(
        st.sampled_from(
            (
                left[1:],
                left + left[:1],
                [replace(one, reason="weather") for one in left],  # type: ignore[arg-type]
                [replace(one, detail="") for one in left],
                [*left, Unserved("v0", "no_time", "No place.")],
                [*left, Unserved("v9", "no_time", "No place.")],
            )
        )
    )
    return replace(plan, unserved=tuple(spoiled))


DAMAGES: tuple[Damage, ...] = (
    _shift_a_stop,
    _stretch_a_stop,
    _rename_a_stop,
    _turn_work_into_rest,
    _swap_two_stops,
    _drop_a_stop,
    _drop_the_breaks,
    _repeat_a_stop,
    _give_to_another,
    _finish_wrong,
    _leave_a_route_out,
    _spoil_what_is_left,
)


def _with_a_route(data: st.DataObject, plan: Plan, change: Callable[[Route], Route]) -> Plan:
    if not plan.routes:
        return plan
    index = data.draw(st.integers(0, len(plan.routes) - 1))
    routes = list(plan.routes)
    routes[index] = change(routes[index])
    return replace(plan, routes=tuple(routes))


def _with_a_stop(data: st.DataObject, plan: Plan, change: Callable[[Stop], Stop]) -> Plan:
    def changed(route: Route) -> Route:
        if not route.stops:
            return route
        index = data.draw(st.integers(0, len(route.stops) - 1))
        return replace(route, stops=tuple(change(s) if i == index else s for i, s in enumerate(route.stops)))

    return _with_a_route(data, plan, changed)
