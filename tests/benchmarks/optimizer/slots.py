"""When could somebody come: 14 days of 50 technicians with 8 visits each, seven windows a day, one more visit.

With ejection the search may also move one placed visit aside for it.
"""

from __future__ import annotations

import random
import statistics
import time

from optimizer import Day, Visit
from tests.benchmarks.optimizer import engines
from tests.benchmarks.optimizer.apart import Row
from tests.benchmarks.optimizer.options import Options
from tests.benchmarks.optimizer.report import Report, at_share
from tests.benchmarks.optimizer.territory import SIZES, SKILLS, WINDOWS, published_day

SIZE, DAYS, QUERIES = SIZES["50x8"], 14, 200
P95_MS = {"off": 2.0, "on": 100.0}
COLUMNS = ("ejection", "queries", "median ms", "p95 ms", "p99 ms", "first ms", "cells")
PATIENCE_SECONDS = 60.0


def run(options: Options, report: Report) -> None:
    """Without ejection and with it."""
    note = (
        f"{SIZE.name} on {DAYS} days, {len(WINDOWS)} windows a day; cells: (day, window) pairs with a place"
    )
    report.begin("slots", note, COLUMNS)
    for name, limit in P95_MS.items():
        row = options.measured("slots", ask, {"ejection": name}, eject=name == "on")
        report.row(row)
        if "p95 ms" in row:
            found = row["p95 ms"]
            report.line(f"slots, ejection {name}, p95", f"{found:.2f} ms", f"≤ {limit:g} ms", found <= limit)


def ask(*, eject: bool) -> Row:
    """Milliseconds of one query after another; the first one of all is told apart."""
    chance = random.Random(1)
    days = [published_day(SIZE, seed, spare=QUERIES) for seed in range(1, DAYS + 1)]
    routes = [(day, {one.id: one.route for one in day.technicians}) for day in days]
    times: list[float] = []
    cells: list[int] = []
    until = time.perf_counter() + PATIENCE_SECONDS
    for number in range(QUERIES):
        visit = _asked(days[0], number, chance)
        begin = time.perf_counter()
        found = engines.find_slots(routes, visit, WINDOWS, eject=eject)
        times.append(1000 * (time.perf_counter() - begin))
        if found is None:
            return {"failed": "the optimizer cannot be asked this yet"}
        cells.append(found)
        if time.perf_counter() > until:
            break
    later = times[1:] or times
    return {
        "queries": len(times),
        "median ms": statistics.median(later),
        "p95 ms": at_share(later, 0.95),
        "p99 ms": at_share(later, 0.99),
        "first ms": times[0],
        "cells": round(statistics.mean(cells), 1),
    }


def _asked(day: Day, number: int, chance: random.Random) -> Visit:
    """A visit at a place of its own; each day's travel ends with the same number of such places."""
    return Visit(
        id="asked",
        location=len(day.travel) - QUERIES + number,
        duration=60 * chance.randint(*SIZE.minutes),
        state="new",
        windows=((0, 86_400),),
        skills={chance.choice(SKILLS): 1},
    )
