"""Figures and verdicts of the benchmark's summaries."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.optimizer import cold, days, solomon, vrptw
from tests.benchmarks.optimizer.__main__ import main
from tests.benchmarks.optimizer.options import Options
from tests.benchmarks.optimizer.report import Report, at_share, marks, spread

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


def test_what_an_earlier_run_found_is_not_measured_again() -> None:
    found = {"instance": "R101", "solver": "ours", "seed": 1, "gap": 0.0}
    options = Options(
        None, None, ("ours",), (), {"vrptw": [{"instance": "C101", "failed": "it died"}, found]}
    )
    assert options.measured("vrptw", int, {"instance": "R101", "seed": 1}) == found
    again = options.measured("vrptw", int, {"instance": "C101"}, nothing=1)
    assert again["failed"] != "it died"


def a_report() -> Report:
    report = Report()
    report.begin("trial", "a note", ("name", "gap"), ("name", "gap"))
    report.row({"name": "R101", "solver": "ours", "gap": 0.125})
    report.row({"name": "R101", "solver": "ours", "gap": 0.375})
    report.row({"name": "R101", "solver": "theirs", "failed": "it died"})
    report.line("mean gap", "0.25 %", "≤ 0.08 %", False)
    return report


def test_report_is_kept_as_it_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_report().write_json(tmp_path / "out.json")
    [table] = json.loads((tmp_path / "out.json").read_text())
    assert table["rows"][0] == {"name": "R101", "solver": "ours", "gap": 0.125}
    assert "it died" in capsys.readouterr().out


def test_a_page_keeps_what_stands_around_its_figures(tmp_path: Path) -> None:
    page, (begin, end) = tmp_path / "page.md", marks("trial")
    page.write_text(f"before\n{begin}\nold figures\n{end}\nafter\n")
    for _ in range(2):
        a_report().write_page(page)
    assert page.read_text().splitlines() == [
        "before",
        begin,
        "a note.",
        "",
        "| what | figure | target | |",
        "| --- | --- | --- | --- |",
        "| mean gap | 0.25 % | ≤ 0.08 % | MISSED |",
        "",
        "| name | gap, ours | gap, theirs |",
        "| --- | --- | --- |",
        "| R101 | 0.25 | - |",
        end,
        "after",
    ]


def test_a_page_without_marks_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing to see\n")
    with pytest.raises(ValueError, match="put <!-- figures: trial -->"):
        a_report().write_page(page)
    assert page.read_text() == "nothing to see\n"


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
