"""When a fixed order happens. Locations lie on a line, ten minutes apart; work takes half an hour.

Ann starts at location 0 at 8:00; v1 is at location 1, v2 at 2, and so on.
"""

from __future__ import annotations

from typing import Any

import pytest

from optimizer import Blocked, Day, Route, Technician, Visit, Weights, timetable
from tests.unit.optimizer.worlds import MINUTE, a_day, a_technician, a_visit, at, lunch, told, window


def times(day: Day, *ids: str) -> list[tuple[str, str]]:
    """(id, 'HH:MM') of every stop of ann's route, and of its finish."""
    route = timetable(day, "ann", ids)
    assert isinstance(route, Route), route
    stops = [(stop.id, _text(stop.start)) for stop in route.stops]
    return [*stops, ("finish", _text(route.finish))]


def blocked(day: Day, *ids: str) -> Blocked:
    found = timetable(day, "ann", ids)
    assert isinstance(found, Blocked), found
    return found


def _text(second: int) -> str:
    return f"{second // 3600}:{second // 60 % 60:02d}"


def test_one_stop_after_another() -> None:
    # 8:00 + 10 min drive; 30 min work; 20 min from 1 to 3; 30 min work
    day = a_day(a_technician(), a_visit("v1"), a_visit("v3"))
    assert times(day, "v1", "v3") == [("v1", "8:10"), ("v3", "9:00"), ("finish", "9:30")]


def test_the_way_home_is_part_of_the_day() -> None:
    # done with v1 at 8:40, ten minutes back to 0
    day = a_day(a_technician(end_location=0), a_visit("v1"))
    assert times(day, "v1")[-1] == ("finish", "8:50")


@pytest.mark.parametrize(
    ("changes", "now", "start"),
    [
        ({}, "8:00", "8:10"),
        ({}, "9:00", "9:10"),  # nothing starts before now
        ({"ready_at": at("9:30")}, "9:00", "9:40"),  # still at work until then
        ({"shift": window("10:00-16:00")}, "9:00", "10:10"),  # the shift has not begun
    ],
)
def test_the_first_drive_starts_when_everything_allows(changes: dict[str, Any], now: str, start: str) -> None:
    day = a_day(a_technician(**changes), a_visit("v1"), now=now)
    assert times(day, "v1")[0] == ("v1", start)


def test_who_comes_early_waits_for_the_promise() -> None:
    day = a_day(a_technician(), a_visit("v1", "9:00-10:00"))
    assert times(day, "v1")[0] == ("v1", "9:00")


def test_a_promise_may_be_late_at_its_price() -> None:
    # v9 first: 90 min drive, done 10:00; then 80 min to v1: 11:20, after the promise
    day = a_day(a_technician(), a_visit("v9"), a_visit("v1", "8:00-9:00"))
    assert times(day, "v9", "v1")[1] == ("v1", "11:20")


def test_nobody_else_may_be_late() -> None:
    day = a_day(a_technician(), a_visit("v9", "8:00-9:00", state="new"))
    found = blocked(day, "v9")
    assert (found.code, found.visit, found.have, found.need) == ("no_time", "v9", at("9:30"), at("9:00"))
    assert found.sentence == "ann could start v9 at 09:30 at the earliest, its last window ends at 09:00."


def test_the_next_window_is_taken_when_the_first_is_missed() -> None:
    day = a_day(a_technician(), a_visit("v9", "8:00-9:00 11:00-12:00", state="failed"))
    assert times(day, "v9")[0] == ("v9", "11:00")


def test_a_second_before_and_at_the_edge_of_a_window() -> None:
    # arrival 9:30 exactly
    assert times(a_day(a_technician(), a_visit("v9", "9:00-9:30", state="new")), "v9")[0] == ("v9", "9:30")
    late = a_day(a_technician(), a_visit("v9", state="new", windows=((at("9:00"), at("9:30") - 1),)))
    assert blocked(late, "v9").code == "no_time"


def test_an_agreed_later_window_is_waited_for_rather_than_breaking_the_promise() -> None:
    # 9:30 is after the promise; from 10:00 on the customer agreed: moved (200), not broken (10 000)
    visit = a_visit("v9", "8:00-9:00", may_move=(window("10:00-11:00"),))
    assert times(a_day(a_technician(), visit), "v9")[0] == ("v9", "10:00")


def test_an_agreed_earlier_window_is_not_used_without_need() -> None:
    visit = a_visit("v1", "10:00-11:00", may_move=(window("8:00-9:00"),))
    assert times(a_day(a_technician(), visit), "v1")[0] == ("v1", "10:00")


def test_waiting_for_what_the_customer_was_told() -> None:
    """Half an hour earlier than told is no change; earlier than that costs 50."""
    visit = a_visit("v1", planned=told("ann", "10:00"))
    assert times(a_day(a_technician(), visit), "v1")[0] == ("v1", "9:30")
    free = a_day(a_technician(), visit, weights=Weights(changed=0))
    assert times(free, "v1")[0] == ("v1", "8:10")


def test_lunch_is_taken_on_the_way() -> None:
    # v9 is 90 min away: lunch 8:30-9:00 interrupts the drive, which ends at 10:00
    day = a_day(a_technician(breaks=(lunch("8:30-9:00"),)), a_visit("v9"))
    assert times(day, "v9") == [("lunch", "8:30"), ("v9", "10:00"), ("finish", "10:30")]


def test_lunch_in_a_wait_costs_nothing() -> None:
    day = a_day(a_technician(breaks=(lunch("8:30-9:00"),)), a_visit("v1", "9:30-10:00"))
    assert times(day, "v1") == [("lunch", "8:30"), ("v1", "9:30"), ("finish", "10:00")]


def test_lunch_never_interrupts_work() -> None:
    # work from 8:10 would last until 12:10, but lunch must begin by 11:00: lunch first, at 9:00
    day = a_day(a_technician(breaks=(lunch("9:00-11:00"),)), a_visit("v1", duration=240 * MINUTE))
    assert times(day, "v1") == [("lunch", "9:00"), ("v1", "9:30"), ("finish", "13:30")]


def test_lunch_after_the_last_stop_is_part_of_the_day() -> None:
    # done at 8:40, lunch 11:00-11:30; the ten minutes home were driven before
    day = a_day(a_technician(breaks=(lunch(),), end_location=0), a_visit("v1"))
    assert times(day, "v1") == [("v1", "8:10"), ("lunch", "11:00"), ("finish", "11:30")]


def test_two_breaks_in_the_order_that_works() -> None:
    day = a_day(
        a_technician(breaks=(lunch("11:00-13:00"), lunch("8:30-9:00", 15, name="coffee"))),
        a_visit("v1", "10:00-11:00"),
    )
    assert times(day, "v1") == [
        ("coffee", "8:30"),
        ("v1", "10:00"),
        ("lunch", "11:00"),
        ("finish", "11:30"),
    ]


def test_nobody_without_a_stop_owes_a_break() -> None:
    day = a_day(a_technician(breaks=(lunch(),)))
    assert timetable(day, "ann", ()) == Route("ann", (), at("8:00"))


def test_a_break_that_is_overdue_blocks_the_day() -> None:
    day = a_day(a_technician(breaks=(lunch("7:00-7:30"),)), a_visit("v1"))
    assert blocked(day, "v1").code == "no_break"


def test_the_overtime_limit_is_hard() -> None:
    # 8:10 + 10 h = 18:10, ten minutes home: 18:20 > 18:00
    day = a_day(a_technician(end_location=0), a_visit("v1", duration=600 * MINUTE))
    found = blocked(day, "v1")
    assert (found.code, found.have, found.need) == ("overtime_limit", at("18:20"), at("18:00"))
    assert found.sentence == "ann would finish at 18:20, the limit is 18:00."


@pytest.mark.parametrize(
    ("technician", "visit", "code", "have", "need"),
    [
        (a_technician(skills={"fiber": 1}), a_visit("v1", skills={"fiber": 2}), "no_skill", 1, 2),
        (a_technician(), a_visit("v1", skills={"gas": 1}), "no_skill", 0, 1),
        (a_technician(parts={"ont": 1}), a_visit("v1", parts={"ont": 2}), "no_parts", 1, 2),
        (a_technician(absent=True), a_visit("v1"), "absent", None, None),
        (a_technician(), a_visit("v1", exclude=("ann",)), "excluded", None, None),
        (a_technician(), a_visit("v1", technician="bob"), "required_other", None, None),
    ],
)
def test_who_may_not(
    technician: Technician, visit: Visit, code: str, have: int | None, need: int | None
) -> None:
    found = blocked(a_day(technician, visit), "v1")
    assert (found.code, found.visit, found.have, found.need) == (code, "v1", have, need)
    assert found.sentence.endswith(".")


def test_parts_are_used_up_along_the_route() -> None:
    needs = {"parts": {"ont": 1}}
    day = a_day(a_technician(parts={"ont": 1}), a_visit("v1", **needs), a_visit("v2", **needs))
    found = blocked(day, "v1", "v2")
    assert (found.code, found.visit, found.have) == ("no_parts", "v2", 0)


def test_a_locked_visit_is_first_and_nobody_elses() -> None:
    parts = (
        a_technician("ann"),
        a_technician("bob"),
        a_visit("v1"),
        a_visit("v2", "8:00-8:05", planned=told("ann", "8:00"), locked=True),
    )
    day = a_day(*parts)
    assert times(day, "v2", "v1")[0] == ("v2", "8:20")  # late, whatever it breaks
    assert blocked(day, "v1", "v2").code == "locked"
    other = timetable(day, "bob", ("v2",))
    assert isinstance(other, Blocked)
    assert other.code == "locked"


def test_unknown_ids_are_refused() -> None:
    day = a_day(a_technician())
    with pytest.raises(KeyError):
        timetable(day, "zoe", ())
    with pytest.raises(KeyError):
        timetable(day, "ann", ("v1",))
