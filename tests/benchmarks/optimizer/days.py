"""The shared days: everybody's plan, priced by the day file's table, against the best known one.

gap = (cost - best known cost) / best known soft cost, in per cent: a visit more that is broken or left is far off.
inserted: what cheapest insertion alone made of that day.
"""

from __future__ import annotations

import json
import re
import statistics
from pathlib import Path

from optimizer import check, read_day
from tests.benchmarks.optimizer.apart import Row, stopwatch
from tests.benchmarks.optimizer.options import Options, seconds_for
from tests.benchmarks.optimizer.peers import PEERS
from tests.benchmarks.optimizer.report import Report, at_share, share, spread

DAYS = Path(__file__).parents[3] / "../shared/data/days"
COLUMNS = (
    "day",
    "solver",
    "seed",
    "seconds",
    "wall",
    "cpu",
    "cost",
    "best",
    "inserted",
    "gap",
    "visits off",
    "dropped",
    "legal",
)
MEDIAN, NINE_IN_TEN = 2.0, 5.0
OVER_SHARE, OVER_SECONDS = 0.05, 0.05  # a deadline is kept within the larger of the two


def run(options: Options, report: Report) -> None:
    """One row per day, solver and seed."""
    if not DAYS.exists():
        report.say("days: no day files beside this checkout (../shared/data/days); nothing measured")
        return
    known = json.loads((DAYS / "best_known.json").read_text())
    names = sorted(options.wanted(known), key=lambda name: (_size(name), name))
    report.begin(
        "days",
        "gap in %; visits off: broken or unserved more than in the best known plan",
        COLUMNS,
        ("day", "gap"),
    )
    rows: list[Row] = []
    for name in names:
        for solver, seed in options.runs():
            seconds = options.seconds or seconds_for(_size(name))
            row = {"day": name, "solver": solver, "seed": seed, "seconds": seconds}
            row |= {"best": known[name]["cost"], "inserted": known[name].get("insertion_cost")}
            row = options.measured(
                "days", solve_day, row, name=name, solver=solver, seconds=seconds, seed=seed
            )
            rows.append(row)
            report.row(row)
    for solver in options.solvers:
        _sum_up(solver, [row for row in rows if row["solver"] == solver], report)


def solve_day(name: str, solver: str, seconds: float, seed: int) -> Row:
    """One solver's plan for one day."""
    day = read_day(json.loads((DAYS / f"{name}.json").read_text()))
    best = json.loads((DAYS / "best_known.json").read_text())[name]
    made, spent = stopwatch(lambda: PEERS[solver](day, seconds, seed))
    verdict = check(day, made.plan)
    return {
        **spent,
        "cost": verdict.cost,
        "gap": 100 * (verdict.cost - best["cost"]) / best["soft_cost"],
        "visits off": max(verdict.broken - best["broken"], verdict.unserved - best["unserved"]),
        "dropped": len(made.dropped),
        "legal": verdict.legal,
        "broken": verdict.broken,
        "unserved": verdict.unserved,
        "changed": verdict.changed,
    }


def _sum_up(solver: str, rows: list[Row], report: Report) -> None:
    done = [row for row in rows if "failed" not in row]
    if not done:
        return
    aim = solver == "ours"
    legal = sum(row["legal"] for row in done)
    report.line(
        f"{solver} legal", share(legal, len(rows)), "all" if aim else "", _if(aim, legal == len(rows))
    )
    gaps = [row["gap"] for row in done]
    goal = f"median ≤ {MEDIAN:g} %, nine in ten ≤ {NINE_IN_TEN:g} %" if aim else ""
    near = statistics.median(gaps) <= MEDIAN and at_share(gaps, 0.9) <= NINE_IN_TEN
    report.line(f"{solver} gap", spread(gaps, " %"), goal, _if(aim, near))
    off = max(row["visits off"] for row in done)
    report.line(f"{solver} visits off at worst", str(off), "≤ 1" if aim else "", _if(aim, off <= 1))
    over = max((row["wall"] - row["seconds"], row["seconds"]) for row in done)
    late = max(row["wall"] - row["seconds"] - max(OVER_SECONDS, OVER_SHARE * row["seconds"]) for row in done)
    goal = f"≤ {100 * OVER_SHARE:g} % or {OVER_SECONDS:g} s" if aim else ""
    report.line(
        f"{solver} over its time at worst", f"{over[0]:.2f} s of {over[1]:g}", goal, _if(aim, late <= 0)
    )
    known = [row for row in done if row["inserted"] is not None]
    cheaper = sum(row["cost"] < row["inserted"] for row in known)
    report.line(f"{solver} cheaper than insertion alone", share(cheaper, len(known)))
    beaten = sorted({row["day"] for row in done if row["legal"] and row["cost"] < row["best"] - 0.005})
    if beaten:
        report.line(f"{solver} beats the best known on", ", ".join(beaten))


def _if(aim: bool, holds: bool) -> bool | None:
    return holds if aim else None


def _size(name: str) -> int:
    """How many technicians, by the file's name."""
    found = re.search(r"\d+$", name)
    return int(found[0]) if found else 0
