# ruff: noqa: T201
"""Every shared day: cost and milliseconds of the repair, of the search, and what is known to be possible.

Run: python -m tests.benchmarks.optimizer_days [seconds per day for the search, 0 for none] [day names]
gap = (cost - best known cost) / best known soft cost, as the day file's format defines it.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from optimizer import Budget, Day, Plan, best_place_per_window, check, places, read_day, repair, solve

DAYS = Path(__file__).parents[2] / "../shared/data/days"
WINDOWS = [(28_800 + 7_200 * i, 36_000 + 7_200 * i) for i in range(5)]
HEAD = "day            insertion  best known |     repair      ms     gap | search        gap | place ms  slots ms"


def main(arguments: list[str]) -> None:
    """Print the table; the arguments are those of the module's docstring."""
    if not DAYS.exists():
        print("no day files beside this checkout (../shared/data/days)")
        return
    seconds = float(arguments[0]) if arguments else 0.0
    known: dict[str, Any] = json.loads((DAYS / "best_known.json").read_text())
    gaps: list[float] = []
    print(HEAD)
    for name in arguments[1:] or sorted(known):
        gaps.append(_row(name, known[name], seconds))
    nine_in_ten = sorted(gaps)[int(0.9 * (len(gaps) - 1))]
    print(f"gap: median {statistics.median(gaps):.3f}, nine in ten below {nine_in_ten:.3f}")


def _row(name: str, best: dict[str, float], seconds: float) -> float:
    """One line of the table; the last engine's gap."""
    document = json.loads((DAYS / f"{name}.json").read_text())
    plan, ms = _timed(lambda: repair(read_day(document)))
    day = read_day(document)
    cost = check(day, plan).cost
    found = cost if seconds == 0 else check(day, solve(day, Budget(seconds=seconds))).cost
    print(
        f"{name:14}{best.get('insertion_cost', 0):10.0f}{best['cost']:12.0f} |{cost:11.0f}{ms:8.1f}"
        f"{_gap(cost, best):8.2f} |{found:11.0f}{_gap(found, best):7.2f} |{_queries(day, plan)}",
        flush=True,
    )
    return _gap(found, best)


def _queries(day: Day, plan: Plan) -> str:
    """Median milliseconds of places() and best_place_per_window() into the repaired routes, warm."""
    orders = plan.orders()
    asked = day.visits[:: max(1, len(day.visits) // 20)]
    one = [_timed(lambda v=visit: places(day, orders, v))[1] for visit in asked]  # type: ignore[misc]
    slots = [
        _timed(lambda v=visit: best_place_per_window(day, orders, v, WINDOWS))[1]  # type: ignore[misc]
        for visit in asked
    ]
    return f"{statistics.median(one):9.2f}{statistics.median(slots):10.2f}"


def _gap(cost: float, best: dict[str, float]) -> float:
    return (cost - best["cost"]) / best["soft_cost"]


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    begin = time.perf_counter()
    answer = call()
    return answer, 1000 * (time.perf_counter() - begin)


if __name__ == "__main__":
    main(sys.argv[1:])
