"""Windows on offer by compiled kernels: what plain insertion finds, and one stop moved where that is cheaper."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer import Day, Limits, Visit, Window, best_place_per_window, check, places
from optimizer.board import Board
from optimizer.plan import Plan, Route
from optimizer.published import published_orders
from optimizer.slots import Move, Offer, Slots
from optimizer.timetable import timetable
from optimizer.unserved import why_unserved
from tests.property.test_plans import assert_legal, kept_promises, quick
from tests.unit.optimizer.random_days import days, windows
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit, at, told, window

NEW = a_visit("n2", "8:00-18:00", state="new")
MORNING, NOON = window("8:00-9:00"), window("10:00-11:00")

some_windows = st.lists(windows(), min_size=1, max_size=3)


def booked(day: Day, visit: Visit, inside: Window) -> Day:
    """The day with that window, and no other, for the visit; nobody has been told anything."""
    asked = replace(visit, state="new", windows=(inside,), may_move=(), planned=None, frozen=False)
    return replace(day, visits=(*(one for one in day.visits if one.id != visit.id), asked), limits=Limits())


def as_plan(day: Day, orders: dict[str, tuple[str, ...]]) -> Plan:
    routes = [timetable(day, tid, ids) for tid, ids in orders.items() if ids]
    assert all(isinstance(route, Route) for route in routes), routes
    served = {visit_id for ids in orders.values() for visit_id in ids}
    left = tuple(why_unserved(day, visit) for visit in day.visits if visit.id not in served)
    return Plan(day.name, tuple(route for route in routes if isinstance(route, Route)), left)


def assert_as_offered(slots: Slots, visit: Visit, offer: Offer) -> None:
    """Taken, the offer makes a legal plan that breaks nothing more and costs what it says."""
    day = booked(slots.day, visit, offer.window)
    orders = {tid: tuple(one for one in ids if one != visit.id) for tid, ids in slots.orders.items()}
    before, after = as_plan(day, orders), as_plan(day, slots.orders_with(visit, offer))
    assert_legal(day, after)
    assert kept_promises(day, before) <= kept_promises(day, after)
    rise = check(day, after).cost - check(day, before).cost + visit.priority * day.weights.unserved
    assert round(rise - offer.price, 1) <= 0
    assert offer.window[0] <= offer.start <= offer.window[1]


@quick
@given(days(), some_windows, st.data())
def test_the_offers_are_those_of_plain_insertion(
    day: Day, offered: list[Window], data: st.DataObject
) -> None:
    """Also with routes that are late, or not legal at all, and for a visit that has a place already."""
    routes = {one.id: one.route for one in day.technicians}
    visit = data.draw(st.sampled_from(day.visits))
    plain = best_place_per_window(day, routes, visit, offered)
    slots = Slots(day, routes)
    offers = slots.offers(visit, offered)
    found = {offer.window: offer for offer in offers}
    assert {w: one.price for w, one in found.items()} == pytest.approx({w: p.price for w, p in plain.items()})
    for inside, place in plain.items():
        offer = found[inside]
        same = [
            one for one in places(day, routes, visit, [inside]) if one.price == pytest.approx(place.price)
        ]
        spots = {(one.technician, one.position): one for one in same}
        assert (offer.technician, offer.position) in spots
    assert slots.offers(visit, offered) == offers  # the routes are what they were


@quick
@given(days(), some_windows)
def test_an_offer_taken_costs_what_it_says(day: Day, offered: list[Window]) -> None:
    board = Board(day, published_orders(day))
    slots = Slots(day, board.plan().orders())
    for visit in board.open_visits[:1]:
        for offer in slots.offers(visit, offered):
            assert_as_offered(slots, visit, offer)


@quick
@given(days(), some_windows)
def test_a_move_is_taken_only_where_it_is_cheaper_and_harms_nobody(day: Day, offered: list[Window]) -> None:
    board = Board(day, published_orders(day))
    slots = Slots(day, board.plan().orders())
    for visit in board.open_visits[:1]:
        plain = {offer.window: offer for offer in slots.offers(visit, offered)}
        moved = {offer.window: offer for offer in slots.offers(visit, offered, eject=True)}
        assert plain.keys() <= moved.keys()
        for inside, offer in moved.items():
            assert_as_offered(slots, visit, offer)
            if offer.moving is None:
                assert offer == plain[inside]
            else:
                assert inside not in plain or offer.price < plain[inside].price
        assert {offer.window: offer for offer in slots.offers(visit, offered)} == plain


@quick
@given(days(), some_windows)
def test_who_is_touched_agrees_with_plain_insertion(day: Day, offered: list[Window]) -> None:
    """Also where the routes stand as they are in the file: late, or not legal at all."""
    visit = day.visits[0]
    for orders in (
        Board(day, published_orders(day)).plan().orders(),
        {t.id: t.route for t in day.technicians},
    ):
        slots = Slots(day, orders)
        for offer in slots.offers(visit, offered):
            same = {
                place.touched
                for place in places(day, orders, visit, [offer.window])
                if (place.technician, place.position) == (offer.technician, offer.position)
            }
            assert slots.touched(visit, offer) in same
        for offer in slots.offers(visit, offered, eject=True):
            assert visit.id not in slots.touched(visit, offer)


def test_each_window_has_its_cheapest_place() -> None:
    # bob is nearer but owes a visit 10:00-10:30 far away: the late morning is ann's
    day = a_day(
        a_technician("ann"),
        a_technician("bob", ready_location=2),
        a_visit("v9", "10:00-10:30", duration=7200),
    )
    offers = Slots(day, {"bob": ("v9",)}).offers(NEW, [NOON, MORNING, window("18:00-19:00")])
    assert [(one.window, one.technician, one.start) for one in offers] == [
        (MORNING, "bob", at("8:00")),
        (NOON, "ann", at("10:00")),
    ]


def test_one_visit_moves_to_make_room() -> None:
    # fiber is ann's alone, and v1 (8:10-8:20, half an hour) is in the way of n2 by 8:30. bob, at 0 too, does
    # v1 instead: ann drives 0-2 (20 min instead of 10), bob 0-1 (10 min).
    day = a_day(a_technician("ann", skills={"fiber": 1}), a_technician("bob"), a_visit("v1", "8:10-8:20"))
    asked = a_visit("n2", state="new", skills={"fiber": 1})
    slots, early = Slots(day, {"ann": ("v1",)}), window("8:00-8:30")
    assert slots.offers(asked, [early]) == []
    offers = slots.offers(asked, [early], eject=True)
    assert offers == [Offer(early, "ann", 0, at("8:20"), 20.0, Move("v1", "bob", 0))]
    assert slots.orders_with(asked, offers[0]) == {"ann": ("n2",), "bob": ("v1",)}


def test_a_visit_that_is_driven_to_never_moves() -> None:
    day = a_day(
        a_technician("ann", skills={"fiber": 1}),
        a_technician("bob"),
        a_visit("v1", "8:10-8:20", planned=told("ann", "8:10"), locked=True),
    )
    asked = a_visit("n2", state="new", skills={"fiber": 1})
    assert Slots(day, {"ann": ("v1",)}).offers(asked, [window("8:00-8:30")], eject=True) == []


def test_a_route_that_is_not_legal_is_offered_nothing_and_stands_in_nobodys_way() -> None:
    day = a_day(a_technician("ann"), a_technician("bob"), a_visit("v1"), a_visit("v2", exclude=("bob",)))
    slots = Slots(day, {"ann": ("v1",), "bob": ("v2",)})
    [offer] = slots.offers(NEW, [NOON], eject=True)
    assert offer.technician == "ann"
    assert slots.touched(NEW, offer) == ()


def test_parts_that_no_visit_of_the_day_uses_still_count() -> None:
    day = a_day(a_technician("ann"), a_technician("bob", parts={"ont": 1}))
    asked = a_visit("n2", state="new", parts={"ont": 1})
    assert [one.technician for one in Slots(day, {}).offers(asked, [MORNING])] == ["bob"]


def test_a_location_outside_the_travel_matrix_is_refused() -> None:
    with pytest.raises(ValueError, match="visit n2: location 10"):
        Slots(a_day(a_technician()), {}).offers(a_visit("n2", location=10), [MORNING])


@quick
@given(days(), some_windows)
def test_what_is_nearly_possible_is_not_on_offer(day: Day, offered: list[Window]) -> None:
    slots = Slots(day, {one.id: one.route for one in day.technicians})
    for visit in day.visits[:1]:
        possible = {offer.window for offer in slots.offers(visit, offered)}
        for one in slots.nearly(visit, offered):
            assert one.window not in possible
            assert 0 < one.relaxation.amount <= 60


def test_ten_minutes_more_of_the_window_would_do() -> None:
    # ann is at 2 at 8:20; the window closes at 8:10
    slots = Slots(a_day(a_technician()), {})
    (found,) = slots.nearly(NEW, [window("8:00-8:10"), MORNING])
    assert (found.window, found.relaxation.kind, found.relaxation.amount) == (
        window("8:00-8:10"),
        "window",
        10,
    )
    assert found.relaxation.price == 20.0


def test_another_day_is_not_nearly_possible() -> None:
    assert Slots(a_day(a_technician()), {}).nearly(NEW, [window("6:00-6:30")]) == []
