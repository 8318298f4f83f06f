"""Where one more visit fits. Locations lie on a line, ten minutes apart; work takes half an hour."""

from __future__ import annotations

import pytest
from hypothesis import given

from optimizer import Blocked, Day, Place, Weights, best_place_per_window, places
from optimizer.board import Board
from optimizer.insertion import price_at
from optimizer.published import published_orders
from tests.property.test_plans import quick
from tests.unit.optimizer.random_days import days
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit, at, lunch, told, window

NEW = a_visit("n2", "8:00-18:00", state="new")


def spots(found: list[Place]) -> list[tuple[str, int, str, float]]:
    return [(p.technician, p.position, f"{p.start // 3600}:{p.start // 60 % 60:02d}", p.price) for p in found]


def test_every_place_cheapest_first() -> None:
    # ann drives 0-1-3 (30 min). n2 between them costs nothing; first: 0-2-1-3 is 20 + 10 + 20 (20 more);
    # last: 0-1-3-2 is 10 more.
    day = a_day(a_technician(), a_visit("v1"), a_visit("v3"))
    assert spots(places(day, {"ann": ("v1", "v3")}, NEW)) == [
        ("ann", 1, "8:50", 0.0),
        ("ann", 2, "9:40", 10.0),
        ("ann", 0, "8:20", 20.0),
    ]


def test_an_idle_technician_is_asked_too() -> None:
    # bob stands at 3: ten minutes; ann would drive 20
    day = a_day(a_technician("ann"), a_technician("bob", ready_location=3))
    assert spots(places(day, {}, NEW)) == [("bob", 0, "8:10", 10.0), ("ann", 0, "8:20", 20.0)]


def test_no_other_promise_is_broken() -> None:
    # v1 is promised until 8:15: n2 first would start it at 9:00
    day = a_day(a_technician(), a_visit("v1", "8:00-8:15"))
    assert [p.position for p in places(day, {"ann": ("v1",)}, NEW)] == [1]


def test_a_promise_that_is_late_already_gets_no_later() -> None:
    # v9 (promised until 9:00) starts 9:30 anyway; n2 on the way would make that 10:00
    day = a_day(a_technician(), a_visit("v9", "8:00-9:00"))
    assert [p.position for p in places(day, {"ann": ("v9",)}, NEW)] == [1]


def test_nothing_goes_before_a_locked_visit() -> None:
    day = a_day(a_technician(), a_visit("v3", planned=told("ann", "8:30"), locked=True))
    assert [p.position for p in places(day, {"ann": ("v3",)}, NEW)] == [1]


def test_the_parts_in_the_van_count_what_the_route_uses() -> None:
    needs = {"parts": {"ont": 1}}
    day = a_day(a_technician(parts={"ont": 1}), a_visit("v1", **needs))
    assert places(day, {"ann": ("v1",)}, a_visit("n2", state="new", **needs)) == []
    assert len(places(day, {"ann": ()}, a_visit("n2", state="new", **needs))) == 1


def test_lunch_still_finds_its_time() -> None:
    # lunch must begin 8:30-8:50; v2 is promised 9:30-9:40. n1 of 30 min: arrive 8:10, done 8:40,
    # lunch 8:40-9:10, ten minutes to v2: fits. Must lunch begin by 8:39, it comes first: n1 at 9:00, too late.
    visit = a_visit("n1", "8:00-8:50", state="new")
    fits = a_day(a_technician(breaks=(lunch("8:30-8:50"),)), a_visit("v2", "9:30-9:40"))
    assert [p.position for p in places(fits, {"ann": ("v2",)}, visit)] == [0]
    tight = a_day(a_technician(breaks=(lunch("8:30-8:39"),)), a_visit("v2", "9:30-9:40"))
    assert places(tight, {"ann": ("v2",)}, visit) == []


def test_overtime_is_priced_and_limited() -> None:
    # n2 in 15:50-17:00: starts 15:50, done 16:20, 20 min over at 4 each, and 20 min of travel
    day = a_day(a_technician())
    late = a_visit("n2", "15:50-17:00", state="new")
    assert spots(places(day, {}, late)) == [("ann", 0, "15:50", 100.0)]
    too_late = a_visit("n2", "17:31-17:59", state="new")
    assert places(day, {}, too_late) == []


def test_who_is_touched() -> None:
    # v3 was told 8:30; n2 first moves it to 9:00 (inside the tolerance), a longer n2 to 9:01 (outside)
    day = a_day(a_technician(), a_visit("v3", planned=told("ann", "8:30")))
    routes = {"ann": ("v3",)}
    assert places(day, routes, NEW)[0].touched == ()
    longer = a_visit("n2", state="new", duration=31 * 60)
    first = next(place for place in places(day, routes, longer) if place.position == 0)
    assert first.touched == ("v3",)
    assert first.price == 50.0  # no way round, but one customer who was told otherwise


def test_a_visit_of_the_day_is_looked_for_without_itself() -> None:
    day = a_day(a_technician(), a_visit("v1"), a_visit("v2"))
    assert places(day, {"ann": ("v1", "v2")}, day.visit("v2")) == places(
        day, {"ann": ("v1",)}, day.visit("v2")
    )


def test_windows_replace_the_visits_own() -> None:
    day = a_day(a_technician())
    found = places(day, {}, NEW, [window("10:00-11:00"), window("14:00-15:00")])
    assert [place.start for place in found] == [at("10:00")]


def test_the_best_place_of_each_window() -> None:
    # bob is nearer but owes a visit 10:00-10:30 far away: the late morning is ann's
    day = a_day(
        a_technician("ann"),
        a_technician("bob", ready_location=2),
        a_visit("v9", "10:00-10:30", duration=7200),
    )
    morning, noon = window("8:00-9:00"), window("10:00-11:00")
    never = window("18:00-19:00")
    best = best_place_per_window(day, {"bob": ("v9",)}, NEW, [morning, noon, never])
    assert {key: (p.technician, p.start) for key, p in best.items()} == {
        morning: ("bob", at("8:00")),
        noon: ("ann", at("10:00")),
    }


def test_a_technician_whose_route_is_impossible_is_left_alone() -> None:
    day = a_day(a_technician(), a_visit("v9", "8:00-9:00", state="new"))
    assert places(day, {"ann": ("v9",)}, NEW) == []


def test_absent_and_excluded_technicians_are_not_asked() -> None:
    day = a_day(a_technician("ann", absent=True), a_technician("bob"))
    assert places(day, {}, a_visit("n2", state="new", exclude=("bob",))) == []


def test_a_location_outside_the_travel_matrix_is_refused() -> None:
    with pytest.raises(ValueError, match="visit n2: location 10"):
        places(a_day(a_technician()), {}, a_visit("n2", location=10))


def _free_day() -> Day:
    return a_day(a_technician(), weights=Weights(travel_minute=0))


def test_equal_prices_are_ranked_by_start() -> None:
    found = places(_free_day(), {}, NEW)
    assert [place.start for place in found] == [at("8:20")]


def test_where_a_visit_is_costs_nothing_and_a_detour_what_it_is() -> None:
    # 0-1-3 is 30 min; 0-3-1 is 50
    day = a_day(a_technician(), a_technician("bob"), a_visit("v1"), a_visit("v3"))
    routes = {"ann": ("v1", "v3")}
    assert price_at(day, routes, day.visit("v1"), technician="ann", position=0) == 0.0
    assert price_at(day, routes, day.visit("v1"), technician="ann", position=1) == 20.0
    # ann's way stays 30 min, bob drives 10
    assert price_at(day, routes, day.visit("v1"), technician="bob", position=0) == 10.0
    assert price_at(day, routes, NEW, technician="ann", position=1) == 0.0


def test_a_place_that_breaks_a_rule_says_which() -> None:
    day = a_day(a_technician(), a_technician("bob", absent=True), a_visit("v1", "8:00-8:15"))
    routes = {"ann": ("v1",)}
    first = price_at(day, routes, NEW, technician="ann", position=0)
    assert isinstance(first, Blocked)
    # n2 at 8:20 until 8:50, ten minutes to v1
    assert (first.code, first.subject, first.have, first.need) == ("promise", "v1", at("9:00"), at("8:15"))
    absent = price_at(day, routes, NEW, technician="bob", position=0)
    assert isinstance(absent, Blocked)
    assert absent.code == "absent"
    skilled = price_at(day, routes, a_visit("n2", skills={"gas": 1}), technician="ann", position=1)
    assert isinstance(skilled, Blocked)
    assert (skilled.code, skilled.have, skilled.need) == ("no_skill", 0, 1)


@quick
@given(days())
def test_every_place_has_a_price_or_a_broken_rule(day: Day) -> None:
    board = Board(day, published_orders(day))
    routes = {**{one.id: () for one in day.technicians}, **board.plan().orders()}
    for visit in board.open_visits[:1]:
        found = {(place.technician, place.position): place.price for place in places(day, routes, visit)}
        for tid, ids in routes.items():
            for position in range(len(ids) + 1):
                price = price_at(day, routes, visit, technician=tid, position=position)
                assert isinstance(price, Blocked) or price == pytest.approx(found[tid, position])
                assert not isinstance(price, Blocked) or (tid, position) not in found
