"""Whatever stands in a file, it is read, or refused by a pointer to a value that is there (or missing)."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from optimizer import (
    Day,
    DayFileError,
    PlanFileError,
    check,
    day_to_json,
    plan_to_json,
    read_day,
    read_plan,
    repair,
)
from tests.unit.optimizer.random_days import days

STORM = os.environ.get("MAKEGOOD_STORM") == "1"
dose = settings(
    max_examples=5_000 if STORM else 150,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    derandomize=not STORM,
)
Steps = tuple[str | int, ...]
GONE = object()
JUNK = (
    GONE, None, True, False, -1, 0, 1, 1.5, 10**7 + 1, 10**400, float("nan"), float("inf"), "", "v0", "t0", "\ud800",
    [], [0], [0, 1], [1, 0], [[0, 1]], ["v1"], ["v0", "v0"], {}, {"x": 1}, {"a/b~": "x"},
)  # fmt: skip


def spots(document: Any, steps: Steps = ()) -> Iterator[Steps]:
    """The way to every value in the document."""
    pairs: Any = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in pairs:
        yield (*steps, key)
        if isinstance(value, (dict, list)):
            yield from spots(value, (*steps, key))


def spoiled(data: st.DataObject, document: Any) -> Any:
    """The document with one value replaced or gone."""
    changed = copy.deepcopy(document)
    *way, last = data.draw(st.sampled_from(sorted(spots(document), key=str)))
    junk = data.draw(st.sampled_from(JUNK))
    spot = at(changed, tuple(way))
    if junk is GONE:
        del spot[last]
    else:
        spot[last] = copy.deepcopy(junk)
    return changed


def at(document: Any, steps: Steps) -> Any:
    for step in steps:
        document = document[step]
    return document


def assert_points_somewhere(document: Any, error: DayFileError | PlanFileError) -> None:
    """RFC 6901, read from the text alone; only the last step may be missing."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in error.pointer.split("/")[1:]]
    spot = document
    for step in steps[:-1]:
        spot = spot[int(step)] if isinstance(spot, list) else spot[step]
    assert isinstance(spot, (dict, list))
    assert error.sentence
    assert len(str(error)) < 400


@dose
@given(days(), st.data())
def test_a_day_file_is_read_or_refused(day: Day, data: st.DataObject) -> None:
    document = spoiled(data, spoiled(data, day_to_json(day)))
    try:
        found = read_day(document)
    except DayFileError as error:
        assert_points_somewhere(document, error)
    else:
        assert json.dumps(day_to_json(read_day(day_to_json(found)))) == json.dumps(day_to_json(found))
        repair(found)


@dose
@given(days(), st.data())
def test_a_plan_file_is_read_or_refused(day: Day, data: st.DataObject) -> None:
    document = spoiled(data, plan_to_json(repair(day)))
    try:
        plan = read_plan(document)
    except PlanFileError as error:
        assert_points_somewhere(document, error)
    else:
        if plan.day == day.name:
            check(day, plan)
