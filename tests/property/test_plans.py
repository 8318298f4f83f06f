"""Whatever the day, what the optimizer answers is legal, and nobody's kept promise pays for it."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import Day, Plan, check, places, project, repair, timetable
from optimizer.board import Board
from optimizer.plan import Route
from optimizer.published import published_orders
from optimizer.unserved import why_unserved
from tests.property.verdicts import assert_legal, kept_promises, uncapped
from tests.unit.optimizer.random_days import days, windows

STORM = os.environ.get("MAKEGOOD_STORM") == "1"
quick = settings(
    max_examples=1_000 if STORM else 40,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    derandomize=not STORM,
)
both = pytest.mark.parametrize("compiled", [False, True], ids=["plain", "compiled"])


@both
@quick
@given(days())
def test_a_repair_is_legal_and_the_same_each_time(compiled: bool, day: Day) -> None:
    plan = repair(day, compiled=compiled)
    assert_legal(day, plan)
    assert repair(replace(day), compiled=compiled) == plan


@both
@quick
@given(uncapped())
def test_a_repair_keeps_every_promise_that_the_published_routes_keep(compiled: bool, day: Day) -> None:
    untouched = Board(day, published_orders(day)).plan()
    assert kept_promises(day, untouched) <= kept_promises(day, repair(day, compiled=compiled))


@both
@quick
@given(uncapped())
def test_ejection_never_costs_more_than_leaving_the_visit_out(compiled: bool, day: Day) -> None:
    untouched = Board(day, published_orders(day)).plan()
    assert check(day, repair(day, compiled=compiled)).cost <= check(day, untouched).cost


@quick
@given(uncapped(), st.data())
def test_every_place_offered_can_be_taken(day: Day, data: st.DataObject) -> None:
    """The plan with the visit in it is legal, breaks nothing more, and costs what the place says."""
    board = Board(day, published_orders(day))
    if not board.open_visits:
        return
    visit = data.draw(st.sampled_from(board.open_visits))
    before = board.plan()
    for place in places(day, before.orders(), visit):
        orders = {**dict.fromkeys((t.id for t in day.technicians), ()), **before.orders()}
        ids = orders[place.technician]
        orders[place.technician] = (*ids[: place.position], visit.id, *ids[place.position :])
        after = _timed(day, orders)
        assert_legal(day, after)
        assert kept_promises(day, before) | ({visit.id} & _promised(day)) <= kept_promises(day, after)
        rise = check(day, after).cost - check(day, before).cost + _price_of_leaving(day, visit.id)
        assert round(rise - place.price, 1) <= 0


@quick
@given(days(), st.lists(windows(), min_size=1, max_size=3))
def test_a_new_window_offered_can_be_promised(day: Day, offered: list[tuple[int, int]]) -> None:
    """A slot that was offered stays good once it is a promise."""
    board = Board(day, published_orders(day))
    if not board.open_visits:
        return
    visit = board.open_visits[0]
    for place in places(day, board.plan().orders(), visit, offered):
        assert any(a <= place.start <= b for a, b in offered)
        promised = replace(
            visit, state="new", windows=tuple(offered), may_move=(), planned=None, frozen=False
        )
        booked = replace(day, visits=tuple(promised if v.id == visit.id else v for v in day.visits))
        ids = board.standings[place.technician].visit_ids
        order = (*ids[: place.position], visit.id, *ids[place.position :])
        assert isinstance(timetable(booked, place.technician, order), Route)


@quick
@given(days())
def test_a_projection_never_fails_and_never_goes_back(day: Day) -> None:
    ids = [visit.id for visit in day.visits]
    for technician in day.technicians:
        begun = project(day, technician.id, ids)
        assert len(begun) == len(ids)
        assert begun == sorted(begun)


def _timed(day: Day, orders: dict[str, tuple[str, ...]]) -> Plan:
    routes = [timetable(day, tid, ids) for tid, ids in orders.items() if ids]
    assert all(isinstance(route, Route) for route in routes), routes
    served = {visit_id for ids in orders.values() for visit_id in ids}
    left = tuple(why_unserved(day, visit) for visit in day.visits if visit.id not in served)
    return Plan(day.name, tuple(route for route in routes if isinstance(route, Route)), left)


def _promised(day: Day) -> set[str]:
    return {visit.id for visit in day.visits if visit.promised}


def _price_of_leaving(day: Day, visit_id: str) -> float:
    visit = day.visit(visit_id)
    return visit.priority * (day.weights.unserved + (day.weights.broken if visit.promised else 0))
