"""check() finds each broken rule, and agrees with the independent judge. Ten minutes between neighbours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from optimizer import Day, Plan, Route, Stop, Unserved, check, day_to_json, plan_to_json, read_day, repair
from tests.unit.optimizer.worlds import (
    a_day,
    a_technician,
    a_visit,
    at,
    day_files,
    judge_or_skip,
    lunch,
    read_day_file,
    told,
    window,
)


def a_plan(*stops: tuple[str, str, str], finish: str, unserved: tuple[Unserved, ...] = ()) -> Plan:
    """Ann's route of (id, start, end); what does not begin with v is a break."""
    told_stops = tuple(Stop("visit" if i[0] == "v" else "break", i, at(a), at(b)) for i, a, b in stops)
    return Plan("small", (Route("ann", told_stops, at(finish)),), unserved)


V1 = ("v1", "8:10", "8:40")
GOOD = a_plan(V1, ("lunch", "11:00", "11:30"), finish="11:30")
OPEN = Unserved("v1", "no_time", "No place was found.")


def world(visit: dict[str, Any] | None = None, technician: dict[str, Any] | None = None) -> Day:
    """Ann owes lunch 11:00-13:00 and has v1, ten minutes away, to do."""
    return a_day(
        a_technician(**{"breaks": (lunch(),), **(technician or {})}),
        a_visit("v1", **(visit or {})),
    )


def test_a_good_plan_and_its_price() -> None:
    verdict = check(world(), GOOD)
    assert verdict.legal
    assert verdict.travel_minutes == 10
    assert verdict.cost == verdict.soft_cost == 10


@pytest.mark.parametrize(
    ("day", "plan", "message"),
    [
        (
            world(),
            a_plan(("v1", "8:09", "8:39"), ("lunch", "11:00", "11:30"), finish="11:30"),
            "cannot reach",
        ),
        (
            world(),
            a_plan(("v1", "8:10", "8:50"), ("lunch", "11:00", "11:30"), finish="11:30"),
            "wrong duration",
        ),
        (world({"windows": (window("9:00-10:00"),)}), GOOD, "starts before its promise"),
        (world({"state": "new", "windows": (window("8:00-8:09"),)}), GOOD, "starts outside its windows"),
        (world({"skills": {"gas": 1}}), GOOD, "lacks skill gas 1"),
        (world({"parts": {"ont": 1}}), GOOD, "out of ont"),
        (world({"technician": "bob"}), GOOD, "requires bob"),
        (world({"exclude": ("ann",)}), GOOD, "excluded"),
        (world(technician={"absent": True}), GOOD, "absent"),
        (world(technician={"ready_at": at("8:01")}), GOOD, "cannot reach"),
        (world(technician={"overtime_until": at("11:29")}), GOOD, "after"),
        (world(technician={"end_location": 0}), a_plan(V1, finish="8:40"), "finish"),
        (world(), a_plan(V1, finish="8:40"), "break lunch is not taken"),
        (world(), a_plan(V1, ("lunch", "10:59", "11:29"), finish="11:30"), "outside its window"),
        (world(), a_plan(V1, ("lunch", "11:00", "11:29"), finish="11:30"), "wrong length"),
        (world(), a_plan(V1, ("tea", "11:00", "11:30"), finish="11:30"), "break tea is unknown"),
        (
            world(technician={"breaks": (lunch("8:00-9:00"),)}),
            a_plan(V1, ("lunch", "8:30", "9:00"), finish="9:00"),
            "overlaps",
        ),
        (world(), a_plan(finish="8:00"), "v1 stands 0 times"),
        (world(), replace(GOOD, unserved=(OPEN,)), "v1 stands 2 times"),
        (world(), a_plan(V1, V1, ("lunch", "11:00", "11:30"), finish="11:30"), "served twice"),
        (world(), a_plan(finish="8:00", unserved=(replace(OPEN, detail=""),)), "without a known reason"),
        (world(), replace(GOOD, unserved=(Unserved("v7", "no_time", "x"),)), "v7 in unserved is unknown"),
        (world(), Plan("small", (Route("zoe", (), 0),), (OPEN,)), "zoe is unknown"),
        (world(), Plan("small", (*GOOD.routes, *GOOD.routes)), "two routes"),
        (
            world({"planned": told("ann", "8:10"), "locked": True}),
            a_plan(finish="8:00", unserved=(OPEN,)),
            "locked but not served",
        ),
    ],
)
def test_each_hard_rule(day: Day, plan: Plan, message: str) -> None:
    ours = check(day, plan)
    assert not ours.legal
    assert any(message in error for error in ours.errors), ours.errors
    judge = judge_or_skip()
    assert not judge.judge(day_to_json(day), plan_to_json(plan))["legal"]


def test_a_locked_visit_comes_first() -> None:
    day = a_day(a_technician(), a_visit("v1"), a_visit("v2", planned=told("ann", "8:50"), locked=True))
    verdict = check(day, a_plan(V1, ("v2", "8:50", "9:20"), finish="9:20"))
    assert verdict.errors == ("ann: locked visit v2 is not first",)


def test_the_price_of_every_evil() -> None:
    # v9 promised until 9:00 starts 9:30: broken x priority 2, 30 min late; told 8:30: changed
    # v8 agreed to 10:00-12:00: moved. Travel 90 + 10. Finish 10:40, shift until 10:00: 40 min over.
    day = a_day(
        a_technician(shift=window("8:00-10:00")),
        a_visit("v9", "8:00-9:00", priority=2, planned=told("ann", "8:30")),
        a_visit("v8", "8:00-9:00", may_move=(window("10:00-12:00"),)),
        a_visit("v7", state="new", priority=3),
    )
    plan = a_plan(
        ("v9", "9:30", "10:00"),
        ("v8", "10:10", "10:40"),
        finish="10:40",
        unserved=(Unserved("v7", "no_time", "No place."),),
    )
    verdict = check(day, plan)
    assert verdict.legal
    assert (verdict.broken, verdict.moved, verdict.changed, verdict.unserved) == (1, 1, 1, 1)
    assert verdict.soft_cost == 20 * 30 + 200 + 50 + 4 * 40 + 100
    assert verdict.cost == 2 * 10_000 + 3 * 5_000 + verdict.soft_cost


def test_a_plan_for_another_day_is_refused() -> None:
    with pytest.raises(ValueError, match="not for 'small'"):
        check(world(), Plan("other", ()))


Damage = Callable[[Plan], Plan]


def _all_later(plan: Plan) -> Plan:
    return replace(plan, routes=tuple(_shifted(route, 60) for route in plan.routes))


def _all_earlier(plan: Plan) -> Plan:
    return replace(plan, routes=tuple(_shifted(route, -60) for route in plan.routes))


def _shifted(route: Route, seconds: int) -> Route:
    stops = tuple(replace(s, start=s.start + seconds, end=s.end + seconds) for s in route.stops)
    return Route(route.technician, stops, route.finish + seconds)


def _turned(plan: Plan) -> Plan:
    return replace(plan, routes=tuple(replace(r, stops=r.stops[::-1]) for r in plan.routes))


def _swapped(plan: Plan) -> Plan:
    names = [route.technician for route in plan.routes]
    pairs = zip(plan.routes, names[1:] + names[:1], strict=True)
    return replace(plan, routes=tuple(replace(route, technician=name) for route, name in pairs))


def _without_breaks(plan: Plan) -> Plan:
    return replace(
        plan,
        routes=tuple(replace(r, stops=tuple(s for s in r.stops if s.kind == "visit")) for r in plan.routes),
    )


def _first_stop_lost(plan: Plan) -> Plan:
    return replace(plan, routes=tuple(replace(r, stops=r.stops[1:]) for r in plan.routes))


def _as_it_is(plan: Plan) -> Plan:
    return plan


@pytest.mark.parametrize(
    "damage",
    [_as_it_is, _all_later, _all_earlier, _turned, _swapped, _without_breaks, _first_stop_lost],
)
def test_it_agrees_with_the_independent_judge(damage: Damage) -> None:
    """On every shared day: the same verdict, as many errors, the same counts and the same cost."""
    judge, files = judge_or_skip(), day_files()
    if not files:
        pytest.skip("../shared/data/days is not there")
    for path in files:
        if "ahead" in path.stem:
            continue
        document = read_day_file(path)
        day = read_day(document)
        plan = damage(repair(day, eject=False))
        ours, theirs = check(day, plan), judge.judge(document, plan_to_json(plan))
        assert ours.legal == theirs["legal"], path.stem
        for name in ("cost", "soft_cost", "broken", "unserved", "recovered", "changed", "moved"):
            assert getattr(ours, name) == theirs[name], (path.stem, name)
        for name in ("late_minutes", "overtime_minutes", "travel_minutes"):
            assert getattr(ours, name) == theirs[name], (path.stem, name)
