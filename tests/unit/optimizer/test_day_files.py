"""Day files are read as the format says, and an error names its field."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer import Weights, check, day_to_json, plan_to_json, read_day, read_plan, repair
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


def test_spreads_and_the_price_of_risk_are_read() -> None:
    day = read_day(SMALL)
    assert (day.visit("v1").duration_spread, day.technician("ann").ready_spread) == (300, 60)
    assert (day.travel_spread, day.weights.risk) == (0.2, 500)


def test_unknown_keys_are_ignored() -> None:
    assert read_day({**SMALL, "label": "x"}).name == "small"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("format",), "makegood-day/2", "format: 'makegood-day/2'"),
        (("now",), 1.5, "now: 1.5 is not a whole number"),
        (("technicians", 0, "shift"), [1], r"technicians\[0\]\.shift"),
        (("technicians", 0, "ready"), None, r"technicians\[0\]\.ready: must be an object"),
        (("technicians", 0, "breaks", 0, "duration"), "x", r"technicians\[0\]\.breaks\[0\]\.duration"),
        (("technicians", 0, "skills"), {"fiber": "2"}, r"technicians\[0\]\.skills\.fiber"),
        (("visits", 0, "windows"), 7, r"visits\[0\]\.windows: must be a list"),
        (("visits", 0, "windows", 0), [0, True], r"visits\[0\]\.windows\[0\]: True"),
        (("visits", 0, "duration_spread"), 0.5, r"visits\[0\]\.duration_spread"),
        (("visits", 0, "duration_spread"), -1, "visit v1: duration_spread"),
        (("travel_spread",), -0.1, "travel_spread must not be negative"),
        (("weights",), {"risk": -1}, r"weights\.risk"),
        (("visits", 0, "planned"), {"technician": "ann"}, r"visits\[0\]\.planned\.start: is missing"),
        (("weights",), {"moved": "much"}, r"weights\.moved"),
        (("travel",), {"seconds": [[0, 1], [0]]}, r"travel\.seconds: rows differ"),
        (("travel",), {"seconds": [[0.5]]}, r"travel\.seconds: must hold whole seconds"),
        (("travel",), {"locations": [[1]]}, r"travel\.locations\[0\]"),
    ],
)
def test_an_error_names_its_field(path: tuple[str | int, ...], value: Any, message: str) -> None:
    document: Any = copy.deepcopy(SMALL)
    spot = document
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = value
    with pytest.raises(ValueError, match=message):
        read_day(document)


def test_a_missing_field_is_named() -> None:
    document = {key: value for key, value in SMALL.items() if key != "now"}
    with pytest.raises(ValueError, match="now: is missing"):
        read_day(document)


def test_a_plan_survives_its_file() -> None:
    plan = repair(read_day(SMALL))
    assert read_plan(plan_to_json(plan)) == plan


@pytest.mark.parametrize(
    "damage", [{"format": "x"}, {"routes": [{}]}, {"unserved": [1]}, {"routes": [{"technician": "ann"}]}]
)
def test_no_plan_is_read_from_something_else(damage: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"format|plan"):
        read_plan({**plan_to_json(repair(read_day(SMALL))), **damage})


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
