"""From nothing to a plan on the disk: `makegood plan` for 20 technicians in a new process.

Once with an empty folder for compiled kernels, as after an installation, then with what that left there.
The search itself may take `SEARCH_SECONDS`, which count.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from optimizer import check, read_day, read_plan
from tests.benchmarks.optimizer.apart import ROOT, Row
from tests.benchmarks.optimizer.days import DAYS
from tests.benchmarks.optimizer.options import Options
from tests.benchmarks.optimizer.report import Report

SEARCH_SECONDS = 0.1
LIMIT_SECONDS = {"empty": 40.0, "warm": 2.0}
COLUMNS = ("cache", "run", "seconds", "cpu", "legal", "files")
WARM_RUNS = 3


def run(options: Options, report: Report) -> None:
    """One start with an empty cache, three with a warm one."""
    source = DAYS / "sick-20.json"
    if not source.exists():
        report.say("cold: no day files beside this checkout (../shared/data/days); nothing measured")
        return
    report.begin("cold", f"seconds of `makegood plan sick-20.json --seconds {SEARCH_SECONDS:g}`", COLUMNS)
    with tempfile.TemporaryDirectory() as folder:
        rows = [_start(source, Path(folder), "empty", 1)]
        report.row(rows[0])
        for number in range(1, WARM_RUNS + 1):
            rows.append(_start(source, Path(folder), "warm", number))
            report.row(rows[-1])
    for cache, limit in LIMIT_SECONDS.items():
        slowest = max(row["seconds"] for row in rows if row["cache"] == cache)
        good = slowest <= limit and all(row["legal"] for row in rows)
        report.line(f"cold start, {cache} cache, slowest", f"{slowest:.2f} s", f"≤ {limit:g} s", good)


def _start(source: Path, folder: Path, cache: str, number: int) -> Row:
    compiled, output = folder / "compiled", folder / "plan.json"
    output.unlink(missing_ok=True)
    command = [sys.executable, "-m", "api.runtime.cli", "plan", str(source)]
    begin, cpu = time.perf_counter(), _children_cpu()
    done = subprocess.run(
        [*command, "--seconds", str(SEARCH_SECONDS), "-o", str(output)],
        cwd=ROOT,
        env={**os.environ, "NUMBA_CACHE_DIR": str(compiled)},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begin
    row: Row = {"cache": cache, "run": number, "seconds": seconds, "legal": False}
    row["cpu"] = _children_cpu() - cpu
    row["files"] = sum(1 for path in compiled.rglob("*") if path.is_file())
    if done.returncode or not output.exists():
        return {**row, "failed": (done.stderr.strip().splitlines() or ["no plan"])[-1]}
    day, plan = read_day(json.loads(source.read_text())), read_plan(json.loads(output.read_text()))
    return {**row, "legal": check(day, plan).legal}


def _children_cpu() -> float:
    """Processor seconds of all children so far: far fewer than the seconds, and others were at work."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime
