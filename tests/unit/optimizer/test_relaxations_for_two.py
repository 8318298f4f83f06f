"""What would let a visit in that takes two. Locations lie on a line, ten minutes apart; work takes half an hour."""

from __future__ import annotations

from typing import Any

from optimizer import Day, Plan, Relaxation, Technician, Visit, explain
from optimizer.board import Board
from optimizer.published import published_orders
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit, at, told


def as_published(day: Day) -> Plan:
    return Board(day, published_orders(day)).plan()


def cheapest(day: Day, kind: str) -> Relaxation:
    ways = explain(day, as_published(day), "v1").relaxations
    return next(one for one in ways if one.kind == kind)


def for_two(times: str = "8:00-18:00", **changes: Any) -> Visit:
    """v1, new, for two: each drives ten minutes to it."""
    return a_visit("v1", times, **{"state": "new", "assistant": {}, **changes})


def test_where_two_can_meet_nothing_need_give_way() -> None:
    day = a_day(a_technician("ann"), a_technician("bob", ready_at=at("9:00")), for_two())
    found = explain(day, as_published(day), "v1")
    assert (found.blocks, found.relaxations) == ((), ())


def test_the_second_person_works_longer() -> None:
    # together from 8:10 to 8:40, ten minutes beyond bob's limit; 2 x 10 minutes of travel
    day = a_day(a_technician("ann"), a_technician("bob", overtime_until=at("8:30")), for_two())
    help_ = cheapest(day, "overtime")
    assert (help_.technician, help_.assistant, help_.subject) == ("ann", "bob", "bob")
    assert (help_.amount, help_.start, help_.price) == (10, at("8:10"), 20.0)
    assert help_.sentence == (
        "bob works 10 min beyond the limit, until 08:40. ann and bob start together at 08:10."
    )


def test_the_lead_works_longer_until_the_second_person_has_come() -> None:
    # bob is there at 9:10: both are done at 9:40, 40 minutes beyond ann's limit. Alone she would be at 8:40.
    day = a_day(
        a_technician("ann", overtime_until=at("9:00"), skills={"gas": 1}),
        a_technician("bob", ready_at=at("9:00")),
        for_two(skills={"gas": 1}),
    )
    help_ = cheapest(day, "overtime")
    assert (help_.technician, help_.assistant, help_.subject) == ("ann", "bob", None)
    assert (help_.amount, help_.start, help_.price) == (40, at("9:10"), 20.0)


def two_with_skills(gas: int, lifting: int) -> Day:
    """ann knows gas 1 and bob lifting 1: the other way about two skills would be missing."""
    return a_day(
        a_technician("ann", skills={"gas": 1}),
        a_technician("bob", skills={"lifting": 1}),
        for_two(skills={"gas": gas}, assistant={"lifting": lifting}),
    )


def test_a_skill_of_the_lead_waived() -> None:
    help_ = cheapest(two_with_skills(gas=3, lifting=1), "skill")
    assert (help_.technician, help_.assistant, help_.subject, help_.amount) == ("ann", "bob", "gas", 2)


def test_a_skill_of_the_second_person_waived() -> None:
    help_ = cheapest(two_with_skills(gas=1, lifting=2), "skill")
    assert (help_.technician, help_.assistant, help_.subject, help_.amount) == ("ann", "bob", "lifting", 1)
    assert help_.sentence == (
        "bob helps at 08:10 with lifting waived by 1. ann and bob start together at 08:10."
    )


def test_a_part_missing_in_the_van_of_the_lead() -> None:
    # only ann may lead; of 3 filters she has 2, and what is in bob's van she would have to get first
    day = a_day(
        a_technician("ann", parts={"filter": 2}),
        a_technician("bob", parts={"filter": 4}),
        for_two(parts={"filter": 3}, technician="ann"),
    )
    help_ = cheapest(day, "part")
    assert (help_.technician, help_.assistant, help_.subject, help_.amount) == ("ann", "bob", "filter", 1)
    assert help_.sentence == (
        "ann takes it at 08:10 with 1 more x filter; bob has 4 to spare. ann and bob start together at 08:10."
    )


def test_a_longer_window_until_both_are_there() -> None:
    # bob is free at 9:00 and there at 9:10, 40 minutes after the end of the window
    day = a_day(a_technician("ann"), a_technician("bob", ready_at=at("9:00")), for_two("8:00-8:30"))
    help_ = cheapest(day, "window")
    assert (help_.amount, help_.start, help_.price) == (40, at("9:10"), 20.0)


def before_v2() -> tuple[Technician, Visit, Visit]:
    """ann is at v2 from 8:20 and would be back at v1 at 9:00; it must be started by 8:20."""
    second = a_visit("v2", "8:00-8:30", planned=told("ann", "8:20"))
    return a_technician("ann", route=("v2",)), second, for_two("8:00-8:20")


def test_another_customer_of_the_two_volunteers() -> None:
    # at v1 from 8:10, ann comes to v2 at 8:50, 20 minutes after its promise: moved 200, and bob drives 10
    day = a_day(*before_v2(), a_technician("bob"))
    help_ = cheapest(day, "volunteer")
    assert (help_.subject, help_.amount, help_.start, help_.price) == ("v2", 20, at("8:10"), 210.0)


def test_another_visit_of_the_two_moves_away() -> None:
    # cat may not come to v1, but takes v2 at 8:20: changed 50, 20 minutes of her travel; ann drives 10 less, bob 10
    ann, v2, _ = before_v2()
    v1 = for_two("8:00-8:20", exclude=("cat",))
    help_ = cheapest(a_day(ann, a_technician("bob"), a_technician("cat"), v2, v1), "move")
    assert {help_.technician, help_.assistant} == {"ann", "bob"}
    assert (help_.subject, help_.then, help_.amount) == ("v2", told("cat", "8:20"), 0)
    assert (help_.start, help_.price) == (at("8:10"), 50.0 + 20 - 10 + 10)


def test_two_changes_would_be_needed() -> None:
    # bob's limit is too early and the window too short for him: neither alone helps
    day = a_day(
        a_technician("ann"),
        a_technician("bob", ready_at=at("9:00"), overtime_until=at("9:10")),
        for_two("8:00-8:30"),
    )
    assert explain(day, as_published(day), "v1").relaxations == ()
