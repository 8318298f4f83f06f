"""The optimizer's commands on files alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.runtime.cli import main
from optimizer import Day, day_to_json, plan_to_json, repair
from tests.unit.optimizer.worlds import MINUTE, a_day, a_technician, a_visit


def written(folder: Path, name: str, document: dict[str, Any]) -> str:
    path = folder / name
    path.write_text(json.dumps(document))
    return str(path)


def a_gamble() -> Day:
    """v1 takes 60 ± 30 minutes from 8:10, ten more to v2, whose window ends at 9:35."""
    wild = a_visit("v1", duration=60 * MINUTE, duration_spread=30 * MINUTE)
    return a_day(a_technician(route=("v1", "v2")), wild, a_visit("v2", "8:00-9:35"))


def test_odds_of_a_plan_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = written(tmp_path, "day.json", day_to_json(a_gamble()))
    plan = written(tmp_path, "plan.json", plan_to_json(repair(a_gamble())))
    assert main(["odds", day, plan]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["visits"]["v2"]["chance"] == pytest.approx(0.78, abs=0.05)
    assert found["visits"]["v2"]["cause"] == "v1"


def test_a_plan_of_another_day_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day = written(tmp_path, "day.json", day_to_json(a_day(a_technician())))
    plan = written(tmp_path, "plan.json", plan_to_json(repair(a_gamble())))
    assert main(["odds", day, plan]) == 2
    assert "is unknown to" in capsys.readouterr().err
