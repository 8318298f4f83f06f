"""Solomon's and Gehring and Homberger's instances: distance against the best known, in per cent."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

from tests.benchmarks.optimizer import vrptw
from tests.benchmarks.optimizer.apart import Row, stopwatch
from tests.benchmarks.optimizer.options import Options
from tests.benchmarks.optimizer.peers import PEERS
from tests.benchmarks.optimizer.report import Report, share, spread

COLUMNS = ("instance", "solver", "seed", "seconds", "wall", "cpu", "distance", "best", "gap", "broken")
LARGE = ("RC1_2_5", "C1_2_4", "R1_4_5", "R2_2_4", "RC2_10_5")
FIELD = re.compile(r"RC?1\d\d$")  # R1 and RC1: short routes, the shape of field service
FIELD_COUNT, SOLOMON_COUNT = 20, 56
SEEDS = 2  # fewer say nothing about a target
SECONDS, LARGE_SECONDS, HUGE_SECONDS = 10.0, 30.0, 60.0


def run_solomon(options: Options, report: Report) -> None:
    """The 56 with 100 customers."""
    _run(options, report, "vrptw", _names("solomon"))


def run_large(options: Options, report: Report) -> None:
    """The five that were measured of the peers; any other by --only."""
    _run(options, report, "gh", _names("gh") if options.only else list(LARGE))


def solve_instance(name: str, solver: str, seconds: float, seed: int) -> Row:
    """One solver's distance on one instance, judged from the file."""
    instance = vrptw.read_instance(_file(name).read_text())
    best = vrptw.best_known()[name]
    day = vrptw.day_of(instance)
    made, spent = stopwatch(lambda: PEERS[solver](day, seconds, seed))
    distance, broken = vrptw.judge(instance, vrptw.routes_of(made.plan))
    row = {**spent, "distance": distance / vrptw.TENTHS, "broken": len(broken)}
    return row if broken else {**row, "gap": 100 * (distance - best) / best, "optimal": distance <= best}


def _run(options: Options, report: Report, title: str, names: list[str]) -> None:
    if not vrptw.SHARED.exists():
        report.say(f"{title}: no instances beside this checkout (../shared/data/vrptw); nothing measured")
        return
    known = vrptw.best_known()
    report.begin(
        title,
        "distance, DIMACS convention; gap in %; broken: rules, then there is no gap",
        COLUMNS,
        ("instance", "gap"),
    )
    rows: list[Row] = []
    for name in options.wanted(names):
        for solver, seed in options.runs(SEEDS):
            seconds = options.seconds or _seconds(name)
            row = {
                "instance": name,
                "solver": solver,
                "seed": seed,
                "seconds": seconds,
                "best": known[name] / vrptw.TENTHS,
            }
            row = options.measured(
                title, solve_instance, row, name=name, solver=solver, seconds=seconds, seed=seed
            )
            rows.append(row)
            report.row(row)
    for solver in options.solvers:
        mine = [row for row in rows if row["solver"] == solver]
        field = [row for row in mine if FIELD.match(row["instance"])]
        _sum_up(f"{solver}, R1 and RC1", field, report, goal=_field_goal(solver))
        _sum_up(f"{solver}, all", mine, report, goal=_goal(solver, title))
    _compare_with_routing(rows, report)


def _sum_up(what: str, rows: list[Row], report: Report, *, goal: dict[str, float]) -> None:
    gaps = [row["gap"] for row in rows if "gap" in row]
    if len(gaps) < len(rows):
        report.line(f"{what}, no legal plan", share(len(rows) - len(gaps), len(rows)), "0" if goal else "")
    if not gaps:
        return
    mean = statistics.mean(gaps)
    seeds = {row["seed"] for row in rows}
    optimal = sum(row["optimal"] for row in rows if "gap" in row) / len(seeds)
    names = len({row["instance"] for row in rows})
    fair = len(seeds) >= SEEDS and all(row["seconds"] <= SECONDS for row in rows)
    whole = bool(goal) and fair and names == goal["instances"] and len(gaps) == len(rows)
    limit = f"≤ {goal['mean']:g} %" if goal else ""
    report.line(f"{what}, mean gap", f"{mean:.3f} %", limit, mean <= goal["mean"] if whole else None)
    report.line(f"{what}, gap", spread(gaps, " %", 3))
    if "worst" in goal:
        held = max(gaps) <= goal["worst"]
        report.line(f"{what}, worst", f"{max(gaps):.3f} %", f"≤ {goal['worst']:g} %", held if whole else None)
    least = f"≥ {goal['optimal']:g}/{names}" if "optimal" in goal and whole else ""
    held = optimal >= goal["optimal"] if least else False
    report.line(f"{what}, at the best known", share(optimal, names), least, held if least else None)


def _compare_with_routing(rows: list[Row], report: Report) -> None:
    """Where both have a legal plan for the same instance and seed."""
    gaps = {(row["solver"], row["instance"], row["seed"]): row["gap"] for row in rows if "gap" in row}
    both = [(name, seed) for solver, name, seed in gaps if solver == "ours"]
    both = [one for one in both if ("routing", *one) in gaps]
    if both:
        mine = statistics.mean(gaps[("ours", *one)] for one in both)
        theirs = statistics.mean(gaps[("routing", *one)] for one in both)
        figure = f"{theirs:.2f} % to {mine:.2f} %: {theirs / mine:.1f} times" if mine else "ours is 0"
        report.line("routing alone is further off by", figure, "≥ 10 times", theirs >= 10 * mine)


def _field_goal(solver: str) -> dict[str, float]:
    return {"instances": FIELD_COUNT, "mean": 0.08, "optimal": 14} if solver == "ours" else {}


def _goal(solver: str, title: str) -> dict[str, float]:
    if solver != "ours" or title != "vrptw":
        return {}
    return {"instances": SOLOMON_COUNT, "mean": 0.12, "worst": 1.5}


def _names(folder: str) -> list[str]:
    return sorted(path.stem for path in (vrptw.SHARED / folder).glob("*.txt"))


def _file(name: str) -> Path:
    folder = "gh" if "_" in name else "solomon"
    return vrptw.SHARED / folder / f"{name}.txt"


def _seconds(name: str) -> float:
    if "_" not in name:
        return SECONDS
    return LARGE_SECONDS if "_2_" in name else HUGE_SECONDS
