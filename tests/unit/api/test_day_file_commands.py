"""`makegood plan` on files alone: the plan, its picture, and what is said meanwhile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import optimizer
from api.runtime.cli import main
from optimizer import day_to_json
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit


@pytest.fixture
def day_file(tmp_path: Path) -> Path:
    path = tmp_path / "day.json"
    path.write_text(json.dumps(day_to_json(a_day(a_technician("ann", route=("v1",)), a_visit("v1")))))
    return path


def test_a_plan_comes_with_its_picture(day_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    drawing = day_file.with_name("plan.svg")
    assert main(["plan", str(day_file), "--seconds", "0.1", "--picture", str(drawing), "--seed", "7"]) == 0
    assert drawing.read_text(encoding="utf-8").startswith("<svg ")
    said = capsys.readouterr()
    assert json.loads(said.out)["format"] == "makegood-plan/1"
    phases = [line[:12].strip() for line in said.err.splitlines()]
    assert (phases[0], phases[-1]) == ("first answer", "done")


@pytest.mark.parametrize("engine", ["search", "routing"])
def test_nothing_is_said_when_it_shall_be_quiet(
    day_file: Path, capsys: pytest.CaptureFixture[str], engine: str
) -> None:
    assert main(["plan", str(day_file), "--seconds", "0.1", "--quiet", "--engine", engine]) == 0
    assert capsys.readouterr().err == ""


def test_where_nothing_is_compiled_yet_the_first_answer_comes_before_the_wait(
    day_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    warmed: list[str] = []
    monkeypatch.setattr(optimizer, "is_warm", lambda: False)
    monkeypatch.setattr(optimizer, "warm_up", lambda: warmed.append(capsys.readouterr().err))
    assert main(["plan", str(day_file), "--seconds", "0.1"]) == 0
    assert [line[:12].strip() for line in warmed[0].splitlines()] == ["first answer", "compiling"]
    assert capsys.readouterr().err.startswith("done")


def test_a_picture_that_cannot_be_written_is_refused(
    day_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["plan", str(day_file), "--seconds", "0.1", "--quiet"]
    assert main([*command, "--picture", str(day_file.parent / "nowhere/plan.svg")]) == 2
    assert "nowhere/plan.svg: No such file" in capsys.readouterr().err
    assert main([*command, "--threads", "0"]) == 2
    assert "--threads must be at least 1" in capsys.readouterr().err
