"""Day files are read as the format says, and an error names its field."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer import (
    DayFileError,
    PlanFileError,
    Weights,
    check,
    day_to_json,
    plan_to_json,
    read_day,
    read_plan,
    repair,
)
from tests.unit.optimizer.worlds import (
    a_day,
    a_technician,
    a_visit,
    day_files,
    judge_or_skip,
    lunch,
    read_day_file,
    told,
)

SMALL = day_to_json(
    a_day(
        a_technician(
            "ann", breaks=(lunch(),), skills={"fiber": 2}, route=("v1",), end_location=0, ready_spread=60
        ),
        a_visit("v1", planned=told("ann", "9:00"), may_move=((0, 5),), exclude=("bob",), duration_spread=300),
        travel_spread=0.2,
        weights=Weights(risk=500),
    )
)
FILES = [pytest.param(path, id=path.stem) for path in day_files()]


def test_writing_and_reading_gives_the_same_day() -> None:
    day = read_day(SMALL)
    assert day_to_json(day) == SMALL


def test_places_are_kept_beside_the_matrix_and_the_judge_still_reads_it() -> None:
    """From coordinates the matrix follows; written out, the matrix counts and the coordinates are for pictures."""
    places = [[40.0, -76.0 - index / 100] for index in range(10)]
    drawn = {"locations": places, "kmh": 30, "detour": 1.3, "stop_seconds": 60}
    day = read_day({**SMALL, "travel": drawn})
    assert day.places == tuple((lat, lon) for lat, lon in places)
    again = day_to_json(day)
    assert again["travel"] == {"seconds": day.travel.tolist(), "locations": places}
    assert read_day(again).places == day.places
    assert judge_or_skip().judge(again, plan_to_json(repair(day)))["errors"] == []


def test_spreads_and_the_price_of_risk_are_read() -> None:
    day = read_day(SMALL)
    assert (day.visit("v1").duration_spread, day.technician("ann").ready_spread) == (300, 60)
    assert (day.travel_spread, day.weights.risk) == (0.2, 500)


def test_unknown_keys_are_ignored() -> None:
    assert read_day({**SMALL, "label": "x"}).name == "small"


Steps = tuple[str | int, ...]
NO_WAY = "there is no way between locations 0 and 1; give the seconds of some way round"


def changed(*path: str | int, to: Any) -> Any:
    """The small day with one value changed."""
    document: Any = copy.deepcopy(SMALL)
    spot = document
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = to
    return document


@pytest.mark.parametrize(
    ("path", "value", "pointer", "sentence"),
    [
        (("format",), "makegood-day/2", "/format", "must be 'makegood-day/1'"),
        (("now",), 1.5, "/now", "must be a whole number from 0 to 10000000, not 1.5"),
        (("now",), -1, "/now", "not -1"),
        (("now",), 10**7 + 1, "/now", "not 10000001"),
        (("now",), 10**400, "/now", "a much larger number"),
        (("now",), True, "/now", "not true"),
        (("technicians",), {}, "/technicians", "must be a list, not an object"),
        (("technicians", 0), [], "/technicians/0", "must be an object, not a list"),
        (("technicians", 0, "shift"), [1], "/technicians/0/shift", "must be a pair of seconds"),
        (("technicians", 0, "shift"), [2, 1], "/technicians/0/shift", "put the earlier second first"),
        (("technicians", 0, "ready"), None, "/technicians/0/ready", "is missing; add it"),
        (("technicians", 0, "ready"), 5, "/technicians/0/ready", "must be an object, not 5"),
        (("technicians", 0, "end_location"), 10, "/technicians/0/end_location", "locations 0 to 9"),
        (("technicians", 0, "breaks", 0, "duration"), "x", "/technicians/0/breaks/0/duration", 'not "x"'),
        (("technicians", 0, "skills"), {"a/b~": "2"}, "/technicians/0/skills/a~1b~0", 'not "2"'),
        (("technicians", 0, "route"), ["v9"], "/technicians/0/route/0", "v9 is unknown"),
        (("visits",), [SMALL["visits"][0]] * 2, "/visits/1/id", "v1 stands twice"),
        (("visits",), [SMALL["visits"][0]] * 10_001, "/visits", "at most 10000 are read"),
        (("visits", 0, "id"), "", "/visits/0/id", "must not be empty"),
        (("visits", 0, "id"), "x" * 1_001, "/visits/0/id", "at most 1000"),
        (("visits", 0, "state"), "lost", "/visits/0/state", "must be one of promised, failed, new"),
        (("visits", 0, "windows"), 7, "/visits/0/windows", "must be a list, not 7"),
        (("visits", 0, "windows"), [[9, 5]], "/visits/0/windows/0", "put the earlier second first"),
        (("visits", 0, "windows", 0), [0, True], "/visits/0/windows/0/1", "not true"),
        (("visits", 0, "windows"), [], "/visits/0/windows", "must not be empty"),
        (("visits", 0, "location"), 10, "/visits/0/location", "locations 0 to 9"),
        (("visits", 0, "planned"), {"technician": "ann"}, "/visits/0/planned/start", "is missing"),
        (("weights",), {"moved": "much"}, "/weights/moved", "must be a number"),
        (("weights",), {"moved": float("nan")}, "/weights/moved", "not NaN"),
        (("weights",), {"moved": float("inf")}, "/weights/moved", "not Infinity"),
        (("weights",), {"moved": -1}, "/weights/moved", "not -1"),
        (("travel",), {"seconds": [[0, 1], [0]]}, "/travel/seconds/1", "must be a list of 2 seconds"),
        (("travel",), {"seconds": [[0.5]]}, "/travel/seconds/0/0", "must be a whole number"),
        (("travel",), {"seconds": [[False]]}, "/travel/seconds/0/0", "not false"),
        (("travel",), {"seconds": [[0, None], [1, 0]]}, "/travel/seconds/0/1", NO_WAY),
        (("travel",), {"seconds": [[0, -1], [1, 0]]}, "/travel/seconds/0/1", NO_WAY),
        (("travel",), {"seconds": [[0, 10**8], [1, 0]]}, "/travel/seconds/0/1", "not 100000000"),
        (("travel",), {"locations": [[1]]}, "/travel/locations/0", "must be a pair of degrees"),
        (("travel",), {"locations": [[100, 10]]}, "/travel/locations/0", "the latitude from -90 to 90 first"),
        (("travel",), {"locations": [], "detour": 1}, "/travel/kmh", "is missing"),
    ],
)
def test_what_is_refused_is_named_by_its_pointer(
    path: Steps, value: Any, pointer: str, sentence: str
) -> None:
    with pytest.raises(DayFileError) as caught:
        read_day(changed(*path, to=value))
    assert caught.value.pointer == pointer
    assert sentence in caught.value.sentence
    assert str(caught.value) == f"{pointer}: {caught.value.sentence}"


def test_a_locked_visit_must_have_its_driver() -> None:
    document = changed("visits", 0, "locked", to=True)
    document["visits"][0]["planned"] = {"technician": "zoe", "start": 0}
    with pytest.raises(
        DayFileError, match=r"^/visits/0/planned/technician: visit v1: locked to nobody known"
    ):
        read_day(document)


@pytest.mark.parametrize("document", [[], "x", None, 5])
def test_a_document_that_is_no_object_is_refused(document: Any) -> None:
    with pytest.raises(DayFileError, match=r"^the document: must be an object"):
        read_day(document)


def test_a_missing_field_is_named() -> None:
    document = {key: value for key, value in SMALL.items() if key != "now"}
    with pytest.raises(ValueError, match="/now: is missing"):
        read_day(document)


def test_a_plan_survives_its_file() -> None:
    plan = repair(read_day(SMALL))
    assert read_plan(plan_to_json(plan)) == plan


STOP = {"visit": "v1", "start": 0, "end": 1}


@pytest.mark.parametrize(
    ("damage", "pointer"),
    [
        ({"format": "x"}, "/format"),
        ({"routes": None}, "/routes"),
        ({"routes": [{}]}, "/routes/0/stops"),
        ({"routes": [{"technician": "ann", "stops": [], "finish": 1.0}]}, "/routes/0/finish"),
        ({"routes": [{"technician": "ann", "stops": [{**STOP, "break": "b"}]}]}, "/routes/0/stops/0"),
        ({"routes": [{"technician": "ann", "stops": [{**STOP, "end": -1}]}]}, "/routes/0/stops/0/end"),
        ({"unserved": [1]}, "/unserved/0"),
        ({"unserved": [{"visit": "v1", "reason": []}]}, "/unserved/0/reason"),
    ],
)
def test_no_plan_is_read_from_something_else(damage: dict[str, Any], pointer: str) -> None:
    with pytest.raises(PlanFileError) as caught:
        read_plan({**plan_to_json(repair(read_day(SMALL))), **damage})
    assert caught.value.pointer == pointer


@pytest.mark.skipif(not FILES, reason="../shared/data/days is not there")
@pytest.mark.parametrize("path", FILES)
def test_travel_is_the_same_as_the_judge_works_it_out(path: Path) -> None:
    """From coordinates too, to the second: haversine x detour / speed, rounded up, plus stop seconds."""
    document = read_day_file(path)
    theirs = judge_or_skip().travel_function(document["travel"])
    ours = read_day(document).travel
    size = min(len(ours), 60)
    assert ours[:size, :size].tolist() == [[theirs(i, j) for j in range(size)] for i in range(size)]


@pytest.mark.skipif(not FILES, reason="../shared/data/days is not there")
@pytest.mark.parametrize("path", [param for param in FILES if "ahead" not in str(param.id)])
def test_every_shared_day_gets_a_legal_repair(path: Path) -> None:
    document = read_day_file(path)
    day = read_day(document)
    plan = repair(day)
    theirs = judge_or_skip().judge(document, plan_to_json(plan))
    assert theirs["errors"] == []
    assert theirs["cost"] == check(day, plan).cost


def test_straight_lines_may_be_few() -> None:
    document = {**SMALL, "technicians": [], "visits": [], "travel": {"seconds": []}}
    assert np.array_equal(read_day(document).travel, np.zeros((0, 0)))
