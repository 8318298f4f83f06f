"""What a move bought. Locations lie on a line, ten minutes apart; work takes half an hour."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from optimizer import Day, Move, Plan, Planned, Route, Stop, check, moves, repair
from optimizer.board import Board
from optimizer.moves import Harm, put_back
from optimizer.published import published_orders
from tests.unit.optimizer.random_days import days
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit, at, told

many = settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


def as_published(day: Day) -> Plan:
    return Board(day, published_orders(day)).plan()


def moved(day: Day) -> dict[str, Move]:
    return {one.visit: one for one in moves(day, as_published(day), repair(day))}


def test_a_move_that_let_an_emergency_in() -> None:
    # v1 was told ann at 8:10 and may start until 8:20. The new v2 (8:20 at the latest, at location 1) is for
    # ann alone: bob takes v1 over at 8:10. His drive 10, changed 50: price 50, and the plan is 10 dearer.
    # Put back, v2 (5000) is undone; saved are the 60.
    day = a_day(
        a_technician("ann", route=("v1",)),
        a_technician("bob"),
        a_visit("v1", "8:00-8:20", planned=told("ann", "8:10")),
        a_visit("v2", "8:00-8:20", location=1, state="new", technician="ann"),
    )
    found = moved(day)
    assert list(found) == ["v1"]
    v1 = found["v1"]
    assert (v1.was, v1.now, v1.price) == (told("ann", "8:10"), told("bob", "8:10"), 50.0)
    assert (v1.back, v1.harms, v1.bought) == ("told", (Harm("v2", None),), 5000 - 60)
    assert v1.second is None
    assert v1.sentence == (
        "v1 goes from ann at 08:10 to bob at 08:10, at a price of 50. "
        "Left with ann at 08:10, v2 would be undone and the plan would cost 4 940 more. "
        "Nobody else could take it in time."
    )


def test_an_orphan_that_somebody_takes_over() -> None:
    # ann is absent; bob is at location 0, cat too: 10 of travel for either, bob first. Put back, v1 is undone:
    # broken 10000 and unserved 5000, less the 50 for another technician and the 10 of travel.
    day = a_day(
        a_technician("ann", absent=True, route=("v1",)),
        a_technician("bob"),
        a_technician("cat", ready_location=4),
        a_visit("v1", planned=told("ann", "8:10")),
    )
    v1 = moved(day)["v1"]
    assert (v1.back, v1.harms, v1.bought) == ("undone", (Harm("v1", None),), 15000 - 60)
    assert (v1.second, v1.second_price) == (told("cat", "8:30"), 20.0)  # 30 of travel instead of 10
    assert v1.sentence == (
        "v1 goes from ann at 08:10 to bob at 08:10, at a price of 50. "
        "ann is absent for the rest of the day. Without the move, v1 would be undone "
        "and the plan would cost 14 940 more. "
        "Next best is cat at 08:30: the plan would cost 20 more."
    )


def test_a_technician_who_is_late_would_come_too_late() -> None:
    # ann is free only at 9:00: she would start v1 at 9:10, 40 minutes after its promise: 10000 + 40 x 20. An
    # hour off what was told is a change as well as bob is, and both drive 10.
    day = a_day(
        a_technician("ann", route=("v1",), ready_at=at("9:00")),
        a_technician("bob"),
        a_visit("v1", "8:00-8:30", planned=told("ann", "8:10")),
    )
    before = Plan("small", (Route("ann", (Stop("visit", "v1", at("8:10"), at("8:40")),), at("8:40")),))
    (v1,) = moves(day, before, repair(day))
    assert (v1.back, v1.harms, v1.bought) == ("late", (Harm("v1", 40),), 10_800.0)
    assert (
        "ann could come at 09:10 at the earliest: so v1 would start 40 min after its promise" in v1.sentence
    )


def test_a_move_for_nothing_says_so() -> None:
    day = a_day(
        a_technician("ann", route=("v1",)), a_technician("bob"), a_visit("v1", planned=told("ann", "8:10"))
    )
    before = repair(day)
    bob = Route("bob", before.routes[0].stops, before.routes[0].finish)
    (v1,) = moves(day, before, Plan(day.name, (bob,)))
    assert (v1.bought, v1.harms) == (-50.0, ())
    assert "Left with ann at 08:10, the plan would cost 50 less." in v1.sentence


def test_what_stays_is_no_move() -> None:
    day = a_day(a_technician("ann", route=("v1",)), a_visit("v1", planned=told("ann", "8:20")))
    assert moves(day, as_published(day), repair(day)) == ()


@many
@given(days(), st.booleans())
def test_each_figure_is_the_price_of_a_plan_with_the_visit_put_back(day: Day, ejecting: bool) -> None:
    after = repair(day, eject=ejecting)
    cost = check(day, after).cost
    found = moves(day, as_published(day), after)
    assert found == moves(day, as_published(day), after)
    for move in found:
        assert move.now == told_by(after, move.visit)
        if move.bought is None:
            continue
        back, how = put_back(day, after, move.visit, move.was)
        verdict = check(day, back)
        assert [error for error in verdict.errors if "at most" not in error] == []  # a cap may be passed
        assert abs(verdict.cost - cost - move.bought) < 0.02
        assert how == move.back
        if how == "told":
            spot = told_by(back, move.visit)
            assert spot.technician == move.was.technician
            assert abs(spot.start - move.was.start) <= day.change_tolerance
        others = (other for other in day.visits if other.id != move.visit and back.technician_of(other.id))
        assert all(back.technician_of(one.id) == after.technician_of(one.id) for one in others)
        undone = {one.visit for one in move.harms if one.late_minutes is None}
        assert undone == {
            v.id for v in day.visits if after.technician_of(v.id) and not back.technician_of(v.id)
        }


def told_by(plan: Plan, visit_id: str) -> Planned:
    taker, start = plan.technician_of(visit_id), plan.start_of(visit_id)
    assert taker is not None
    assert start is not None
    return Planned(taker, start)
