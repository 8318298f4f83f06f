"""A visit held over every place of a day of 100 technicians with 8 visits each: how soon its price or rule is told."""

from __future__ import annotations

import statistics
import time

from optimizer import Blocked, Dragging, repair
from tests.benchmarks.optimizer.apart import Row
from tests.benchmarks.optimizer.options import Options
from tests.benchmarks.optimizer.report import Report, at_share
from tests.benchmarks.optimizer.territory import SIZES, sick_day

SIZE, NOW = SIZES["100x8"], 10 * 3600 + 30 * 60
PICKED, LIMIT_MS = 10, 20.0
COLUMNS = ("places", "forbidden", "rule ms", "picked up ms", "median ms", "p95 ms", "worst ms")


def run(options: Options, report: Report) -> None:
    """Ten visits, each over every place of the day."""
    note = f"{SIZE.name}, one technician sick at 10:30; {PICKED} visits, each held over every place"
    report.begin("drag", note, COLUMNS)
    row = options.measured("drag", hold, {})
    report.row(row)
    if "p95 ms" in row:
        found = row["p95 ms"]
        report.line(
            "price of a visit at a place that is allowed, p95",
            f"{found:.2f} ms",
            f"≤ {LIMIT_MS:g} ms",
            found <= LIMIT_MS,
        )


def hold() -> Row:
    """Milliseconds of each answer, from a plan that is known."""
    day = sick_day(SIZE, 1, out=1, now=NOW)
    plan = repair(day)
    served = [visit.id for visit in day.visits if plan.start_of(visit.id) is not None]
    picked: list[float] = []
    told: list[float] = []
    forbidden: list[float] = []
    for visit_id in served[:: len(served) // PICKED][:PICKED]:
        began = time.perf_counter()
        dragging = Dragging(day, plan, visit_id)
        picked.append(1000 * (time.perf_counter() - began))
        for tid, ids in plan.orders().items():
            for position in range(len(ids) + (visit_id not in ids)):
                began = time.perf_counter()
                found = dragging.at(tid, position)
                (forbidden if isinstance(found, Blocked) else told).append(
                    1000 * (time.perf_counter() - began)
                )
    return {
        "places": len(told) + len(forbidden),
        "forbidden": len(forbidden),
        "rule ms": at_share(forbidden, 0.95),
        "picked up ms": statistics.median(picked),
        "median ms": statistics.median(told),
        "p95 ms": at_share(told, 0.95),
        "worst ms": max(told),
    }
