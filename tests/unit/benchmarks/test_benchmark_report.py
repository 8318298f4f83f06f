"""Figures and verdicts of the benchmark's summaries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.optimizer import cold, days, solomon, vrptw
from tests.benchmarks.optimizer.__main__ import main
from tests.benchmarks.optimizer.options import Options
from tests.benchmarks.optimizer.report import Report, at_share, spread

TEN = [float(value) for value in range(1, 11)]


@pytest.mark.parametrize(("part", "value"), [(0.5, 5), (0.9, 9), (0.95, 10), (1, 10)])
def test_share_is_not_exceeded(part: float, value: float) -> None:
    assert at_share(TEN, part) == value


def test_spread_names_its_three_figures() -> None:
    assert spread(TEN, " ms", 1) == "median 5.5 ms, nine in ten ≤ 9.0 ms, worst 10.0 ms"


def test_unseeded_solver_runs_once_and_names_are_patterns() -> None:
    options = Options(None, 2, ("ours", "vroom"), ("R1*", "C101"))
    assert list(options.runs()) == [("ours", 1), ("ours", 2), ("vroom", 1)]
    assert options.wanted(["R101", "RC101", "C101", "C102"]) == ["R101", "C101"]


def test_report_is_kept_as_it_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    report.begin("trial", "a note", ("name", "gap"))
    report.row({"name": "R101", "gap": 0.125})
    report.row({"name": "R102", "failed": "it died"})
    report.line("mean gap", "0.125 %", "≤ 0.08 %", False)
    report.write_json(tmp_path / "out.json")
    report.write_markdown(tmp_path / "out.md")
    [table] = json.loads((tmp_path / "out.json").read_text())
    assert table["rows"][0] == {"name": "R101", "gap": 0.125}
    assert "| R101 | 0.12 |" in (tmp_path / "out.md").read_text()
    assert "MISSED" in (tmp_path / "out.md").read_text()
    assert "it died" in capsys.readouterr().out


@pytest.mark.parametrize(("seeds", "verdict"), [(1, ""), (2, "met")])
def test_one_seed_says_nothing_about_a_target(
    seeds: int, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twenty instances at 0.04 %, all but four of them optimal in each run."""
    rows = [
        {"instance": f"R1{number:02d}", "solver": "ours", "seed": seed, "seconds": 10.0}
        | {"gap": 0.2 if number < 4 else 0.0, "optimal": number >= 4}
        for number in range(20)
        for seed in range(1, seeds + 1)
    ]
    report = Report()
    report.begin("vrptw", "", ())
    solomon._sum_up("ours, R1 and RC1", rows, report, goal=solomon._field_goal("ours"))
    mean, optimal = [
        line for line in capsys.readouterr().out.splitlines() if "target" in line or "known" in line
    ]
    assert mean.split("target")[1].split()[2:] == ["%", *verdict.split()]
    assert "16/20" in optimal


@pytest.mark.parametrize(
    ("part", "lacks"),
    [("days", "day files"), ("vrptw", "instances"), ("gh", "instances"), ("cold", "day files")],
)
def test_without_the_data_it_says_so_and_is_content(
    part: str, lacks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module, name in ((days, "DAYS"), (cold, "DAYS"), (vrptw, "SHARED")):
        monkeypatch.setattr(module, name, tmp_path / "nowhere")
    assert main([part, "--peers", ""]) == 0
    assert f"{part}: no {lacks} beside this checkout" in capsys.readouterr().out
