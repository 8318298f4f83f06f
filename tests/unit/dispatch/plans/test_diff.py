"""What another plan would change: who is on the list, in which order, and what it comes to."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.plans.diff import Side, Sums, diff, say
from optimizer import Day, Plan, Planned, Route, Stop, Technician, Unserved, Visit

MINUTE, HOUR = 60, 3600


def at(text: str) -> int:
    hours, minutes = map(int, text.split(":"))
    return hours * HOUR + minutes * MINUTE


def a_visit(name: str, location: int, window: str, planned: tuple[str, str] | None) -> Visit:
    begin, end = window.split("-")
    return Visit(
        id=name,
        location=location,
        duration=30 * MINUTE,
        state="promised",
        windows=((at(begin), at(end)),),
        planned=Planned(planned[0], at(planned[1])) if planned else None,
    )


def a_route(technician: str, *stops: tuple[str, str], finish: str) -> Route:
    return Route(
        technician,
        tuple(Stop("visit", id, at(start), at(start) + 30 * MINUTE) for id, start in stops),
        at(finish),
    )


def a_technician(name: str) -> Technician:
    """Works 8:00 to 16:00, overtime until 18:00; home is location 0."""
    return Technician(
        id=name,
        shift=(at("8:00"), at("16:00")),
        overtime_until=at("18:00"),
        ready_at=at("8:00"),
        ready_location=0,
        end_location=0,
    )


def a_day(*visits: Visit) -> Day:
    """Ten minutes from home (0) to the village (1) and back, none between two houses there; tolerance half an hour."""
    travel = np.array([[0, 600], [600, 0]])
    return Day(
        name="day",
        now=0,
        travel=travel,
        technicians=(a_technician("tom"), a_technician("uma")),
        visits=visits,
        change_tolerance=30 * MINUTE,
    )


ANA = a_visit("ana", 1, "8:00-10:00", ("tom", "8:10"))
BEN = a_visit("ben", 1, "8:00-10:00", ("uma", "8:10"))
TWO_VANS = Plan(
    "day", (a_route("tom", ("ana", "8:10"), finish="8:50"), a_route("uma", ("ben", "8:10"), finish="8:50"))
)


def test_one_van_instead_of_two_saves_a_drive_and_disturbs_one() -> None:
    """Uma's ten minutes out and ten back are saved. Ben gets Tom, at 8:40 instead of 8:10; Ana is not touched.

    Before: 40 minutes of driving. After: 20, and one change at 50. The price goes from 40 to 70.
    """
    one_van = Plan("day", (a_route("tom", ("ana", "8:10"), ("ben", "8:40"), finish="9:20"),))
    found = diff(a_day(ANA, BEN), TWO_VANS, one_van)
    [line] = found.lines
    assert (line.visit_id, line.technician_now, line.technician_then) == ("ben", "uma", "tom")
    assert (line.start_now, line.start_then, line.shift_minutes) == (at("8:10"), at("8:40"), 30)
    assert (line.kept_now, line.kept_then, line.disturbed) == (True, True, True)
    assert found.sums == Sums(
        now=Side(40.0, 0.0, 0, 0, 40.0),
        then=Side(20.0, 0.0, 0, 0, 70.0),
        disturbed=1,
        other_technician=1,
        other_time=0,
    )
    assert say(found.sums) == (
        "20 minutes less driving; 1 person gets another technician; no promise is touched."
    )


@pytest.mark.parametrize(("start", "disturbed"), [("8:40", False), ("8:41", True), ("8:11", False)])
def test_a_start_may_move_by_the_tolerance(start: str, disturbed: bool) -> None:
    """The tolerance is thirty minutes: 8:10 to 8:40 is within it, one minute more is not."""
    then = Plan(
        "day", (a_route("tom", ("ana", start), finish="9:30"), a_route("uma", ("ben", "8:10"), finish="8:50"))
    )
    [line] = diff(a_day(ANA, BEN), TWO_VANS, then).lines
    assert (line.visit_id, line.disturbed, line.other_technician) == ("ana", disturbed, False)


def test_less_than_a_minute_is_no_change() -> None:
    then = Plan(
        "day",
        (
            Route("tom", (Stop("visit", "ana", at("8:10") + 59, at("8:40") + 59),), at("8:51")),
            a_route("uma", ("ben", "8:10"), finish="8:50"),
        ),
    )
    assert diff(a_day(ANA, BEN), TWO_VANS, then).lines == ()


def test_the_worst_line_comes_first() -> None:
    """Cid's window ends at 9:00, he would wait until 9:10: broken. Ben gets Tom: disturbed. Ana moves by 20 minutes."""
    cid = a_visit("cid", 1, "8:00-9:00", ("uma", "8:40"))
    now = Plan(
        "day",
        (
            a_route("tom", ("ana", "8:10"), finish="8:50"),
            a_route("uma", ("ben", "8:10"), ("cid", "8:40"), finish="9:20"),
        ),
    )
    then = Plan(
        "day",
        (
            a_route("tom", ("ana", "8:30"), ("ben", "9:00"), finish="9:40"),
            a_route("uma", ("cid", "9:10"), finish="9:50"),
        ),
    )
    found = diff(a_day(ANA, BEN, cid), now, then)
    assert [line.visit_id for line in found.lines] == ["cid", "ben", "ana"]
    assert [line.kept_then for line in found.lines] == [False, True, True]
    assert say(found.sums).endswith("1 promise would break.")


def test_who_had_nobody_gets_somebody() -> None:
    """Ben has no technician now and his promise would break; nobody is disturbed by helping him."""
    alone = a_visit("ben", 1, "8:00-10:00", None)
    now = Plan(
        "day", (a_route("tom", ("ana", "8:10"), finish="8:50"),), (Unserved("ben", "no_time", "No place."),)
    )
    then = Plan("day", (a_route("tom", ("ana", "8:10"), ("ben", "8:40"), finish="9:20"),))
    found = diff(a_day(ANA, alone), now, then)
    [line] = found.lines
    assert (line.technician_now, line.start_now, line.shift_minutes) == (None, None, None)
    assert (line.kept_now, line.kept_then, line.disturbed) == (False, True, False)
    assert say(found.sums) == (
        "as much driving as now; 1 more visit with a technician; nobody is disturbed; "
        "1 promise kept that would break now."
    )


def test_a_place_that_is_only_kept_counts_as_a_person() -> None:
    """Whoever is being asked was told a name: the same line, under the name of the hold."""
    hold = a_visit("hold:x", 1, "8:00-10:00", ("uma", "8:10"))
    now = Plan(
        "day",
        (a_route("tom", ("ana", "8:10"), finish="8:50"), a_route("uma", ("hold:x", "8:10"), finish="8:50")),
    )
    then = Plan("day", (a_route("tom", ("ana", "8:10"), ("hold:x", "8:40"), finish="9:20"),))
    [line] = diff(a_day(ANA, hold), now, then).lines
    assert (line.visit_id, line.disturbed) == ("hold:x", True)


def test_only_what_the_proposal_does_is_on_its_list() -> None:
    """Tom runs late: Ana's 8:10 would be 8:25 anyhow, and so it is in the other plan. Ben stays at 8:10, where he
    was told, though going on unchanged he would be served at 8:00. Neither is touched.
    """
    now = Plan(
        "day",
        (a_route("tom", ("ana", "8:25"), finish="9:05"), a_route("uma", ("ben", "8:00"), finish="8:40")),
    )
    then = Plan(
        "day",
        (a_route("tom", ("ana", "8:25"), finish="9:05"), a_route("uma", ("ben", "8:10"), finish="8:50")),
    )
    assert diff(a_day(ANA, BEN), now, then).lines == ()


def test_a_promise_that_is_saved_by_staying_is_on_the_list() -> None:
    """Uma would be with Ben at 10:20, past ten. The other plan has her there at 8:10, as he was told."""
    now = Plan(
        "day",
        (a_route("tom", ("ana", "8:10"), finish="8:50"), a_route("uma", ("ben", "10:20"), finish="11:00")),
    )
    [line] = diff(a_day(ANA, BEN), now, TWO_VANS).lines
    assert (line.visit_id, line.kept_now, line.kept_then, line.shift_minutes) == ("ben", False, True, 0)
