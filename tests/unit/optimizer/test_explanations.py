"""Why not, and what would help. Locations lie on a line, ten minutes apart; work takes half an hour."""

from __future__ import annotations

from dataclasses import replace

from optimizer import Day, Explanation, Plan, Relaxation, check, explain, repair
from optimizer.board import Board
from optimizer.published import published_orders
from tests.unit.optimizer.worlds import MINUTE, a_day, a_technician, a_visit, at, told, window


def explained(day: Day, visit_id: str) -> Explanation:
    return explain(day, repair(day), visit_id)


def as_published(day: Day) -> Plan:
    """The published routes as far as they can be done, nothing put in."""
    return Board(day, published_orders(day)).plan()


def relaxed(found: Explanation, kind: str) -> Relaxation:
    return next(one for one in found.relaxations if one.kind == kind)


def test_each_technician_has_a_rule() -> None:
    day = a_day(
        a_technician("ann", absent=True),
        a_technician("bob", skills={"fiber": 1}),
        a_technician("cat", skills={"fiber": 2}),
        a_technician("dan", skills={"fiber": 2}, parts={"ont": 1}),
        a_technician("eve", skills={"fiber": 2}, parts={"ont": 1}, overtime_until=at("8:30")),
        a_visit("v1", state="new", skills={"fiber": 2}, parts={"ont": 1}, exclude=("dan",)),
    )
    blocks = explained(day, "v1").blocks
    assert [(one.technician, one.code) for one in blocks] == [
        ("ann", "absent"),
        ("bob", "no_skill"),
        ("cat", "no_parts"),
        ("dan", "excluded"),
        ("eve", "overtime_limit"),
    ]
    assert blocks[1].sentence == "v1 needs fiber 2, bob has 1."
    assert blocks[4].sentence == "With v1, eve would finish at 08:40; the limit is 08:30."


def test_extra_overtime() -> None:
    # drive 10, work 30: done 8:40, ten minutes past the limit; price: 10 travel (the shift goes on)
    day = a_day(a_technician(overtime_until=at("8:30")), a_visit("v1", state="new"))
    help_ = relaxed(explained(day, "v1"), "overtime")
    assert (help_.technician, help_.amount, help_.start, help_.price) == ("ann", 10, at("8:10"), 10.0)
    assert help_.sentence == "ann works 10 min beyond the limit, until 08:40."


def test_a_wider_window() -> None:
    # arrival at 9 takes 90 min: 9:30; the window ends 9:00
    day = a_day(a_technician(), a_visit("v9", "8:00-9:00", state="new"))
    found = explained(day, "v9")
    assert (found.blocks[0].code, found.blocks[0].have, found.blocks[0].need) == (
        "no_time",
        at("9:30"),
        at("9:00"),
    )
    assert relaxed(found, "window").amount == 30
    wider = a_day(a_technician(), a_visit("v9", "8:00-9:30", state="new"))
    assert check(wider, repair(wider)).unserved == 0


def test_a_waived_skill() -> None:
    day = a_day(a_technician(skills={"gas": 1}), a_visit("v1", state="new", skills={"gas": 3}))
    help_ = relaxed(explained(day, "v1"), "skill")
    assert (help_.technician, help_.amount, help_.subject) == ("ann", 2, "gas")


def test_a_volunteer() -> None:
    # v2 is promised until 8:30 and told 8:20; the new v1 (window until 8:20) before it makes it 8:50:
    # 20 min after its promise. With that agreed: moved 200 (half an hour off what was told is no change).
    day = a_day(
        a_technician(route=("v2",)),
        a_visit("v2", "8:00-8:30", planned=told("ann", "8:20")),
        a_visit("v1", "8:00-8:20", state="new"),
    )
    found = explained(day, "v1")
    assert found.blocks[0].code == "no_time"  # after v2 she could start it at 9:00
    help_ = relaxed(found, "volunteer")
    assert (help_.subject, help_.amount, help_.start, help_.price) == ("v2", 20, at("8:10"), 200.0)
    assert help_.sentence == "v2 agrees to 08:50 instead of 08:30 at the latest."


def test_every_relaxation_truly_serves_the_visit() -> None:
    day = a_day(a_technician(overtime_until=at("10:00")), a_visit("v9", state="new", duration=60 * MINUTE))
    help_ = relaxed(explained(day, "v9"), "overtime")
    ann = replace(day.technician("ann"), overtime_until=at("10:00") + help_.amount * MINUTE)
    mended = replace(day, technicians=(ann,))
    assert check(mended, repair(mended)).unserved == 0


def test_a_served_visit_needs_no_help() -> None:
    day = a_day(a_technician("ann"), a_technician("bob", absent=True), a_visit("v1"))
    found = explained(day, "v1")
    assert [one.technician for one in found.blocks] == ["bob"]
    assert found.relaxations == ()


def test_a_missing_part() -> None:
    # v1 needs 3 filters; ann has 2, of which v2 takes 1: 2 are missing, and bob (no gas) has 4 in his van.
    # 20 min of travel to v2 as it is; with v1 on the way there it stays 20: nothing is added.
    day = a_day(
        a_technician("ann", skills={"gas": 1}, parts={"filter": 2}, route=("v2",)),
        a_technician("bob", parts={"filter": 4}),
        a_visit("v2", parts={"filter": 1}),
        a_visit("v1", state="new", skills={"gas": 1}, parts={"filter": 3}),
    )
    found = explained(day, "v1")
    help_ = relaxed(found, "part")
    assert (help_.technician, help_.amount, help_.subject, help_.price) == ("ann", 2, "filter", 0.0)
    assert help_.sentence == "ann takes it at 08:10 with 2 more x filter; bob has 4 to spare."
    # bob lacks the skill alone, at 10 minutes of travel: dearer
    assert found.smallest == help_
    assert [one.kind for one in found.relaxations] == ["part", "skill"]


def a_day_with_one_visit_in_the_way() -> Day:
    """The new v1 must start by 8:15, when ann is at v2 until 8:40; v3 is promised from 9:00 to 9:05."""
    return a_day(
        a_technician("ann", route=("v2", "v3")),
        a_visit(
            "v2", "8:10-8:20", location=1, planned=told("ann", "8:10"), may_move=(window("13:00-14:00"),)
        ),
        a_visit("v3", "9:00-9:05", location=1),
        a_visit("v1", "8:10-8:15", state="new"),
    )


def test_one_visit_moves_to_a_time_it_agreed_to_beforehand() -> None:
    # All at location 1: no travel is added. v2 at 13:00 instead of 8:10, 290 minutes later: moved 200 and
    # changed 50. Inside the order as it stands v2 would be at 13:00 before v3, which ends at 9:05.
    day = a_day_with_one_visit_in_the_way()
    found = explain(day, as_published(day), "v1")
    help_ = relaxed(found, "move")
    assert (help_.technician, help_.subject, help_.amount) == ("ann", "v2", 290)
    assert (help_.start, help_.then, help_.price) == (at("8:10"), told("ann", "13:00"), 250.0)
    assert help_.sentence == (
        "Moving v2 to ann at 13:00 lets ann start v1 at 08:10. v2 agreed to that time beforehand."
    )
    assert found.smallest is not None
    assert found.smallest.price == min(one.price for one in found.relaxations)


def test_one_visit_moves_to_somebody_else() -> None:
    # bob may not take v1 but can take v2 at 8:10 as well: his 10 min of travel, and 50 for another technician.
    day = a_day_with_one_visit_in_the_way()
    bob = a_technician("bob")
    visits = (day.visit("v2"), day.visit("v3"), replace(day.visit("v1"), exclude=("bob",)))
    day = replace(day, technicians=(*day.technicians, bob), visits=visits)
    help_ = relaxed(explain(day, as_published(day), "v1"), "move")
    assert (help_.then, help_.amount, help_.price) == (told("bob", "8:10"), 0, 60.0)


def test_where_there_is_room_nothing_need_give_way() -> None:
    day = a_day(a_technician("ann", route=("v2",)), a_visit("v2"), a_visit("v1", state="new"))
    assert explain(day, as_published(day), "v1").relaxations == ()
