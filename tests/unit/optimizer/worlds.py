"""Small days with boring defaults, for tests whose numbers the reader can recompute."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from optimizer import Break, Day, Plan, Planned, Technician, Visit, Weights, Window

MINUTE = 60
HOUR = 3600
SHARED = Path(__file__).parents[3] / "../shared"


def at(text: str) -> int:
    """'HH:MM' as seconds since midnight."""
    hours, minutes = text.split(":")
    return int(hours) * HOUR + int(minutes) * MINUTE


def window(text: str) -> Window:
    """'HH:MM-HH:MM' as a closed window in seconds."""
    begin, end = text.split("-")
    return at(begin), at(end)


def lunch(text: str = "11:00-13:00", minutes: int = 30, *, name: str = "lunch") -> Break:
    return Break(name, window(text), minutes * MINUTE)


def a_technician(name: str = "ann", **changes: Any) -> Technician:
    """Works 8:00-16:00, overtime until 18:00, ready at location 0, ends nowhere, knows nothing."""
    usual: dict[str, Any] = {
        "id": name,
        "shift": window("8:00-16:00"),
        "overtime_until": at("18:00"),
        "ready_at": at("8:00"),
        "ready_location": 0,
    }
    return Technician(**{**usual, **changes})


def a_visit(name: str, times: str = "8:00-18:00", **changes: Any) -> Visit:
    """Half an hour of promised work at the location its name ends with: 'v1' is at location 1."""
    usual: dict[str, Any] = {
        "id": name,
        "location": int(name[-1]),
        "duration": 30 * MINUTE,
        "state": "promised",
        "windows": tuple(window(text) for text in times.split()),
    }
    return Visit(**{**usual, **changes})


def told(technician: str, start: str) -> Planned:
    return Planned(technician, at(start))


def a_day(*parts: Technician | Visit, now: str = "8:00", minutes_apart: int = 10, **changes: Any) -> Day:
    """Locations 0-9 on a line: from i to j it is |i - j| x `minutes_apart`."""
    steps = np.abs(np.subtract.outer(np.arange(10), np.arange(10)))
    usual: dict[str, Any] = {
        "name": "small",
        "now": at(now),
        "travel": steps * minutes_apart * MINUTE,
        "technicians": tuple(part for part in parts if isinstance(part, Technician)),
        "visits": tuple(part for part in parts if isinstance(part, Visit)),
        "weights": Weights(),
    }
    return Day(**{**usual, **changes})


def starts(plan: Plan) -> dict[str, str]:
    """Visit id -> 'HH:MM' of every served visit."""
    return {
        stop.id: f"{stop.start // HOUR}:{stop.start // MINUTE % MINUTE:02d}"
        for route in plan.routes
        for stop in route.stops
        if stop.kind == "visit"
    }


def day_files() -> list[Path]:
    """The shared day files; an empty list where this checkout has none."""
    return sorted(path for path in (SHARED / "data/days").glob("*.json") if path.stem != "best_known")


def read_day_file(path: Path) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(path.read_text())
    return document


def judge_or_skip() -> ModuleType:
    """The independent judge that lies beside the checkout."""
    judge = find_judge()
    if judge is None:
        pytest.skip("../shared/tools/check_day.py is not there")
    return judge


def find_judge() -> ModuleType | None:
    path = SHARED / "tools/check_day.py"
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location("check_day", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
