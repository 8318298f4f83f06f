"""`makegood plan | check | slots` on files alone: what is no day file ends with status 2 and one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.runtime import day_files
from api.runtime.cli import main
from optimizer import day_to_json
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit

DAY = day_to_json(a_day(a_technician("ann"), a_visit("v1")))


def write(path: Path, document: Any) -> str:
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return str(path)


def test_a_day_is_planned_and_the_plan_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day, plan = write(tmp_path / "day.json", DAY), str(tmp_path / "plan.json")
    assert main(["plan", day, "-o", plan, "--seconds", "0.1"]) == 0
    assert json.loads(capsys.readouterr().out)["legal"]
    assert main(["check", day, plan]) == 0
    assert json.loads(capsys.readouterr().out)["travel_minutes"] == 10


def test_an_impossible_day_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = write(tmp_path / "day.json", day_to_json(a_day(a_technician("ann", absent=True), a_visit("v1"))))
    assert main(["plan", day, "--seconds", "0.1"]) == 0
    assert json.loads(capsys.readouterr().out)["unserved"][0]["reason"] == "no_technician"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe{}", "is not UTF-8: byte 0"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"x": NaN}', "NaN is no number that JSON knows"),
        (b"[1]", "the document: must be an object, not a list of 1"),
        ({**DAY, "now": -1}, "/now: must be a whole number from 0 to 10000000, not -1"),
        ({**DAY, "visits": 5}, "/visits: must be a list, not 5"),
    ],
)
def test_what_is_no_day_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: Any, sentence: str
) -> None:
    day, visit = write(tmp_path / "day.json", content), write(tmp_path / "visit.json", DAY["visits"][0])
    for command in (
        ["plan", day, "-o", str(tmp_path / "plan.json")],
        ["check", day, day],
        ["slots", day, visit],
    ):
        assert main(command) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith(day)
        assert sentence in said.err
        assert said.err.count("\n") == 1
    assert not (tmp_path / "plan.json").exists()


def test_a_file_that_is_too_large_is_never_parsed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = tmp_path / "day.json"
    with day.open("wb") as file:
        file.truncate(day_files.MAX_BYTES + 1)  # a hole: no bytes on the disk
    assert main(["plan", str(day)]) == 2
    assert "larger than 100000000 bytes" in capsys.readouterr().err


def test_what_is_no_plan_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = write(tmp_path / "day.json", DAY)
    plan = {"format": "makegood-plan/1", "day": "other", "routes": [], "unserved": []}
    assert main(["check", day, write(tmp_path / "plan.json", plan)]) == 2
    assert "/day: a plan for 'other', not for 'small'" in capsys.readouterr().err
    assert main(["check", day, write(tmp_path / "plan.json", {**plan, "routes": [5]})]) == 2
    assert "/routes/0: must be an object, not 5" in capsys.readouterr().err


def test_what_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = write(tmp_path / "day.json", DAY)
    assert main(["plan", day, "--seconds", "0.1", "-o", str(tmp_path / "nowhere/plan.json")]) == 2
    assert "No such file or directory" in capsys.readouterr().err
    assert main(["plan", day, "--seconds", "nan"]) == 2
    assert "--seconds must be more than 0" in capsys.readouterr().err


def test_a_visit_asked_for_needs_no_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    day = write(tmp_path / "day.json", DAY)
    visit = {"location": 2, "duration": 600, "state": "new", "windows": [[30000, 40000]]}
    assert main(["slots", day, write(tmp_path / "visit.json", visit), "-n", "1"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["technician"] for one in found["places"]] == ["ann"]
    assert [one["window"] for one in found["windows"]] == [[30000, 40000]]
    assert main(["slots", day, write(tmp_path / "visit.json", {**visit, "location": 10})]) == 2
    assert "/location: 10 is not in travel" in capsys.readouterr().err
