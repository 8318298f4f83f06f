"""What to mend: over six broken promises of which a reader can say what would have saved each."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from dispatch.errors import NotFound
from dispatch.promises.states import PromiseState
from dispatch.reports.material import Promised
from dispatch.reports.mending import (
    Broken,
    Drive,
    Duration,
    Mend,
    Mending,
    Roads,
    durations,
    is_rare,
    roads,
    things_to_mend,
    visits_mended,
)
from dispatch.reports.spells import Spell


def at(clock: str) -> dt.datetime:
    return dt.datetime.combine(dt.date(2026, 3, 2), dt.time.fromisoformat(clock), dt.UTC)


# Boilers have 45 minutes and ten of spread, and take 40, 55 and 80: half 55, nine in ten 80. Tom was at Zoe's boiler
# from eight until 09:20. Two people can do gas; only Uma can do level 3 of it.
ZOE = Spell(
    visit_id="zoe",
    technician_id="tom",
    service_id="boiler",
    arrived_at=at("08:00"),
    ended_at=at("09:20"),
    done=True,
)
YAN = replace(ZOE, visit_id="yan", technician_id="uma", ended_at=at("08:40"))
XIA = replace(ZOE, visit_id="xia", technician_id="uma", arrived_at=at("10:00"), ended_at=at("10:55"))
THERE = replace(ZOE, visit_id="wes", arrived_at=at("12:00"), ended_at=None, done=False)
CREW = {"tom": {"gas": 1}, "uma": {"gas": 3, "solar": 1}}
LATE = Promised(
    visit_id="ana",
    state=PromiseState.BROKEN,
    service_id="clean",
    technician_id="tom",
    kind="late",
    fault="company",
    area="north",
    start_at=at("09:00"),
    certain_at=at("11:00"),
)
# Five drives north took 18 minutes instead of ten; of four east nobody can say anything yet, though they took twice.
DRIVES = [Drive(f"n{n}", "north", 600, 1080) for n in range(5)]
DRIVES += [Drive(f"e{n}", "east", 600, 1200) for n in range(4)]
BROKEN = [
    Broken(promise=LATE),  # after Zoe's boiler, and on slow roads
    Broken(promise=replace(LATE, visit_id="ben", technician_id="uma", area="east"), skills={"gas": 1}),
    Broken(promise=replace(LATE, visit_id="cy", kind="plan", technician_id="sam"), skills={"gas": 3}),
    Broken(promise=replace(LATE, visit_id="dee", kind="wrong_parts"), parts={"valve": 1, "pump": 2}),
    Broken(promise=replace(LATE, visit_id="eve", kind="wrong_parts")),
    Broken(
        promise=replace(LATE, visit_id="fay", kind="not_finished", service_id="boiler"),
        hindrance="needs_more_time",
    ),
]
FOUND = Mending(BROKEN, [ZOE, YAN, XIA, THERE], DRIVES, CREW)


def test_what_would_have_saved_most_promises_comes_first() -> None:
    """Ana's and Fay's boilers. Ben's late drive is not after a long visit, nor on roads known to be slow, and for his
    skill there are two people: nothing on record would have saved it."""
    assert things_to_mend(FOUND) == [
        Mend("duration", "boiler", ("ana", "fay")),
        Mend("area", "north", ("ana",)),
        Mend("skill", "gas", ("cy",)),
        Mend("part", "pump", ("dee",)),
        Mend("part", "unlisted", ("eve",)),
        Mend("part", "valve", ("dee",)),
    ]


def test_whoever_was_sick_was_not_held_up_by_the_visit_before() -> None:
    sick = Broken(promise=replace(LATE, kind="technician_absent", noticed_by="absence"))
    assert things_to_mend(replace(FOUND, broken=[sick])) == []


def test_how_long_work_takes() -> None:
    """Wes's boiler is not done yet and says nothing."""
    (boiler,) = durations(FOUND.spells)
    assert boiler == Duration("boiler", 3, 2700, 3300, 4800)
    assert boiler.lies
    assert not replace(boiler, half_seconds=2700).lies


def test_how_long_drives_take() -> None:
    east, north = roads(DRIVES)
    assert (north, north.times, north.is_slow) == (Roads("north", 5, 3000, 5400), 1.8, True)
    assert (east.times, east.is_slow) == (2.0, False)
    assert Roads("south", 9, 0, 60).times is None


@pytest.mark.parametrize(
    ("name", "level", "expected"),
    [("gas", 1, False), ("gas", 3, True), ("solar", 1, True), ("roof", 1, True)],
)
def test_a_skill_that_at_most_one_person_has(name: str, level: int, expected: bool) -> None:
    assert is_rare(CREW, name, level) is expected


@pytest.mark.parametrize(
    ("figure", "visits"),
    [
        ("mend:duration:boiler", ["ana", "fay"]),
        ("mend:part:valve", ["dee"]),
        ("mend:part:nothing", []),
        ("work:boiler", ["zoe", "yan", "xia"]),
        ("drive:east", ["e0", "e1", "e2", "e3"]),
    ],
)
def test_the_visits_behind_what_is_to_mend(figure: str, visits: list[str]) -> None:
    assert visits_mended(FOUND, figure) == visits


@pytest.mark.parametrize("figure", ["mend", "mend:weather:rain", "nonsense:x", ""])
def test_what_is_nothing_to_mend(figure: str) -> None:
    with pytest.raises(NotFound):
        visits_mended(FOUND, figure)
