"""Why not, where a visit hangs on another, on a second person, on a second, or on a cap of the day.

Locations lie on a line, ten minutes apart; work takes half an hour.
"""

from __future__ import annotations

import pytest

from optimizer import Blocked, Day, Limits, Plan, Route, Stop, Unserved, check, explain
from tests.unit.optimizer.worlds import MINUTE, a_day, a_technician, a_visit, at, lunch, told


def plan_of(routes: dict[str, tuple[tuple[str, str], ...]], *left: str) -> Plan:
    """Half an hour at each (visit, 'HH:MM'); a visit written '+v1' is assisted, 'lunch' is a break."""
    made = []
    for tid, stops in routes.items():
        found = []
        for name, clock in stops:
            kind = "assist" if name[0] == "+" else "break" if name == "lunch" else "visit"
            found.append(Stop(kind, name.removeprefix("+"), at(clock), at(clock) + 30 * MINUTE))
        made.append(Route(tid, tuple(found), found[-1].end))
    unserved = tuple(Unserved(one, "no_time", "not placed") for one in left)
    return Plan("small", tuple(made), unserved)


def blocks(day: Day, plan: Plan, visit_id: str) -> dict[str, Blocked]:
    assert check(day, plan).errors == ()
    return {one.technician: one for one in explain(day, plan, visit_id).blocks}


def test_after_a_visit_that_nobody_does() -> None:
    day = a_day(a_technician(), a_visit("v3", state="new", skills={"gas": 1}), a_visit("v1", after=("v3",)))
    found = blocks(day, plan_of({}, "v3", "v1"), "v1")["ann"]
    assert (found.code, found.subject) == ("after", "v3")
    assert found.sentence == "v1 comes after v3, which is not served."


def test_after_a_visit_that_ends_too_late() -> None:
    # bob is at v3 from 10:00 to 10:30; the window of v1 is over at 10:15
    day = a_day(
        a_technician("ann"),
        a_technician("bob"),
        a_visit("v3"),
        a_visit("v1", "8:00-10:15", state="new", after=("v3",)),
    )
    found = blocks(day, plan_of({"bob": (("v3", "10:00"),)}, "v1"), "v1")["ann"]
    assert (found.code, found.have, found.need) == ("after", at("10:30"), at("10:15"))
    assert found.sentence == "v1 comes after v3, which ends at 10:30; its window ends at 10:15."


def test_after_a_visit_the_other_rules_count_from_its_end() -> None:
    # v1 may start at 10:30 and takes half an hour; ann must be done by 10:45: 15 minutes of overtime
    day = a_day(
        a_technician("ann", overtime_until=at("10:45")),
        a_technician("bob"),
        a_visit("v3"),
        a_visit("v1", state="new", after=("v3",), exclude=("bob",)),
    )
    plan = plan_of({"bob": (("v3", "10:00"),)}, "v1")
    assert blocks(day, plan, "v1")["ann"].have == at("11:00")
    smallest = explain(day, plan, "v1").smallest
    assert smallest is not None
    assert (smallest.kind, smallest.amount, smallest.start) == ("overtime", 15, at("10:30"))


def test_a_second_person_that_nobody_can_be() -> None:
    day = a_day(
        a_technician("ann"), a_technician("bob"), a_visit("v1", state="new", assistant={"lifting": 1})
    )
    found = blocks(day, plan_of({}, "v1"), "v1")
    assert {one.code for one in found.values()} == {"no_assistant"}
    assert found["ann"].sentence == "v1 needs a second person with lifting 1; nobody has it."


@pytest.mark.parametrize(("free_from", "codes"), [("8:00", []), ("9:00", ["no_assistant"])])
def test_a_second_person_at_the_same_time(free_from: str, codes: list[str]) -> None:
    # both are at v1 at 8:10 (window until 8:30); bob, free only at 9:00, could not be
    day = a_day(
        a_technician("ann", skills={"gas": 1}),
        a_technician("bob", skills={"lifting": 1}, ready_at=at(free_from)),
        a_visit("v1", "8:00-8:30", state="new", skills={"gas": 1}, assistant={"lifting": 1}),
    )
    found = blocks(day, plan_of({}, "v1"), "v1")
    assert found.pop("bob").code == "no_skill"
    assert [one.code for one in found.values()] == codes
    if found:
        assert found["ann"].sentence == (
            "ann could start v1 at 08:10 at the earliest; nobody else with lifting 1 can be there "
            "at the same time."
        )


def test_a_second_pair_of_hands_stands_where_the_plan_has_it() -> None:
    # ann helps bob at v1 from 10:00 to 10:30: v2 (until 10:30, new, an hour of work at the same place) would
    # have to be between; before, she would be at v1 at 10:20 earliest if she started v2 at 9:10.
    day = a_day(
        a_technician("ann", ready_at=at("9:00")),
        a_technician("bob"),
        a_visit("v1", "10:00-10:00", assistant={}),
        a_visit("v2", "9:00-10:25", location=1, duration=60 * MINUTE, state="new", exclude=("bob",)),
    )
    plan = plan_of({"bob": (("v1", "10:00"),), "ann": (("+v1", "10:00"),)}, "v2")
    found = blocks(day, plan, "v2")["ann"]
    assert (found.code, found.have, found.need) == ("no_time", at("10:30"), at("10:25"))


def test_frozen_to_somebody_who_is_absent() -> None:
    frozen = a_visit("v1", planned=told("ann", "10:00"), frozen=True)
    day = a_day(a_technician("ann", absent=True), a_technician("bob"), frozen)
    found = blocks(day, plan_of({}, "v1"), "v1")
    assert [one.code for one in found.values()] == ["absent", "frozen"]
    assert found["bob"].sentence == "v1 is frozen to ann at 10:00, who is absent."


def test_frozen_to_a_second_that_is_too_early() -> None:
    day = a_day(a_technician("ann"), a_visit("v1", planned=told("ann", "8:05"), frozen=True))
    found = blocks(day, plan_of({}, "v1"), "v1")["ann"]
    assert (found.code, found.have, found.need) == ("frozen", at("8:10"), at("8:05"))
    assert found.sentence == "v1 is frozen to ann at 08:05; ann could start it at 08:10 at the earliest."


def test_a_cap_of_the_day() -> None:
    # v2 was told bob at 8:20 and nobody may be disturbed: ann has the time, but she is not bob
    day = a_day(
        a_technician("ann"),
        a_technician("bob", breaks=(lunch("8:00-8:20", 60),)),
        a_visit("v2", "8:00-8:30", planned=told("bob", "8:20")),
        limits=Limits(disturbed=0),
    )
    found = blocks(day, plan_of({}, "v2"), "v2")
    assert (found["ann"].code, found["ann"].subject) == ("limit", "disturbed")
    assert found["ann"].sentence == "If ann took v2, 1 promise would be disturbed; the day allows 0."
    assert found["bob"].code != "limit"
