"""What the benchmark asks of other solvers and makes of their answers, on days of three visits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimizer import Break, Day, Planned, check
from tests.benchmarks.optimizer.engines import three_visits
from tests.benchmarks.optimizer.orders import plan_of, starts
from tests.benchmarks.optimizer.peers import PACKAGES, PEERS, installed

FOREIGN = [
    pytest.param(
        name, marks=pytest.mark.skipif(not installed(name), reason=f"{package} is not installed: see make")
    )
    for name, package in PACKAGES.items()
]
AT_ONCE = 0.3
LUNCH = Break("lunch", (14_000, 18_000), 1800)


def changed(day: Day, *, crew: dict[str, Any] | None = None, **visits: dict[str, Any]) -> Day:
    """`day` with something else about every technician, or about the visits named."""
    return replace(
        day,
        technicians=tuple(replace(one, **(crew or {})) for one in day.technicians),
        visits=tuple(replace(one, **visits.get(one.id, {})) for one in day.visits),
    )


@pytest.mark.parametrize("name", FOREIGN)
def test_one_goes_along_the_line_and_back(name: str) -> None:
    """All three places lie in one line, the last 30 minutes away: an hour of travel serves them all."""
    day = three_visits()
    made = PEERS[name](day, AT_ONCE, 1)
    verdict = check(day, made.plan)
    assert (verdict.legal, verdict.unserved, verdict.travel_minutes, made.dropped) == (True, 0, 60, ())


@pytest.mark.parametrize("name", FOREIGN)
def test_skills_persons_and_parts_are_kept(name: str) -> None:
    """v1 asks for a skill nobody has, v2 for bob; one van carries two modems: enough for v2, not for v3."""
    day = changed(
        three_visits(),
        crew={"parts": {"modem": 2}, "skills": {"fiber": 1}},
        v1={"skills": {"fiber": 2}},
        v2={"technician": "bob", "parts": {"modem": 2}},
        v3={"exclude": ("ann",), "parts": {"modem": 1}},
    )
    made = PEERS[name](day, AT_ONCE, 1)
    verdict = check(day, made.plan)
    assert (verdict.legal, verdict.unserved, made.dropped) == (True, 2, ())
    assert made.plan.technician_of("v1") is None
    assert {made.plan.technician_of("v2"), made.plan.technician_of("v3")} == {"bob", None}


@pytest.mark.parametrize("name", FOREIGN)
def test_dear_visit_is_served_where_there_is_time_for_one(name: str) -> None:
    """Both far visits start at 30 minutes sharp; the only technician there is takes the dearer one."""
    sharp = {"location": 3, "windows": ((1800, 1800),)}
    day = changed(three_visits(), v2=sharp, v3={**sharp, "priority": 3}, v1={"windows": ((20_000, 36_000),)})
    day = replace(day, technicians=day.technicians[:1])
    made = PEERS[name](day, AT_ONCE, 1)
    assert [item.visit for item in made.plan.unserved] == ["v2"]
    assert check(day, made.plan).legal


@pytest.mark.parametrize("name", FOREIGN)
def test_locked_visit_is_first_and_breaks_are_taken(name: str) -> None:
    locked = {"locked": True, "planned": Planned("bob", 1800)}
    day = changed(three_visits(), crew={"breaks": (LUNCH,)}, v3=locked)
    made = PEERS[name](day, AT_ONCE, 1)
    verdict = check(day, made.plan)
    assert (verdict.legal, verdict.unserved) == (True, 0)
    assert made.plan.visit_ids("bob")[0] == "v3"


def test_order_without_a_timetable_loses_its_cheapest_visit() -> None:
    """v2 and v3 cannot both start at the same second; v2 matters less."""
    sharp = {"windows": ((1800, 1800),)}
    day = changed(three_visits(), v2=sharp, v3={**sharp, "priority": 3})
    made = plan_of(day, {"ann": ("v2", "v3", "v1")})
    assert made.dropped == ("v2",)
    assert made.plan.visit_ids("ann") == ("v3", "v1")
    assert check(day, made.plan).legal


def test_peer_starts_where_the_locked_visit_ends() -> None:
    """20 minutes there (place 2), half an hour of work; the absent one is not there at all."""
    day = changed(three_visits(), v2={"locked": True, "planned": Planned("ann", 1200)})
    ann, bob = starts(day)
    assert (ann.at, ann.location) == (1200 + 1800, 2)
    assert (bob.at, bob.location) == (0, 0)
    absent = replace(day, technicians=(day.technicians[0], replace(day.technicians[1], absent=True)))
    assert [start.technician.id for start in starts(absent)] == ["ann"]
