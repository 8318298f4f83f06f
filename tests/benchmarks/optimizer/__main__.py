"""The benchmark of the optimizer, beside its peers: `make bench-optimizer`, or

python -m tests.benchmarks.optimizer {days,vrptw,gh,recovery,slots,drag,cold,all} [--seconds S] [--seeds N]
    [--peers pyvrp,vroom,routing] [--only sick-20,R1*] [--json out.json]
    [--known earlier.json,other.json] [--page docs/optimizer.md]

Each measurement has a process of its own, one at a time, one thread. The days and instances are not part of
this repository; where ../shared/data is not there, the parts that need them say so.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.optimizer import cold, days, drag, recovery, slots, solomon
from tests.benchmarks.optimizer.apart import Row
from tests.benchmarks.optimizer.options import Options, can_run
from tests.benchmarks.optimizer.peers import PEERS
from tests.benchmarks.optimizer.report import Report

PARTS: dict[str, Callable[[Options, Report], None]] = {
    "days": days.run,
    "vrptw": solomon.run_solomon,
    "gh": solomon.run_large,
    "recovery": recovery.run,
    "slots": slots.run,
    "drag": drag.run,
    "cold": cold.run,
}


def main(arguments: list[str]) -> int:
    """Run one part or all; what was found is written even where the run is stopped half-way."""
    asked = _parser().parse_args(arguments)
    report = Report()
    solvers, missing = can_run(("ours", *(one for one in asked.peers.split(",") if one)))
    for name in missing:
        report.say(f"{name} is not installed here and left out (requirements/bench.txt has it)")
    only = tuple(one for one in asked.only.split(",") if one)
    options = Options(asked.seconds, asked.seeds, solvers, only, _known_rows(asked.known))
    try:
        for name in PARTS if asked.part == "all" else [asked.part]:
            PARTS[name](options, report)
    except KeyboardInterrupt:
        report.say("stopped")
    finally:
        if asked.json:
            report.write_json(asked.json)
        if asked.page:
            report.write_page(asked.page)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.optimizer",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("part", choices=[*PARTS, "all"])
    parser.add_argument("--seconds", type=float, help="per search; else by the size of the problem")
    parser.add_argument("--seeds", type=int, help="else as many as the part needs")
    others = ", ".join(name for name in PEERS if name != "ours")
    parser.add_argument("--peers", type=_known, default="pyvrp,vroom,routing", help=f"any of {others}, or ''")
    parser.add_argument("--only", default="", help="names or patterns, with commas between them")
    parser.add_argument("--json", type=Path, metavar="OUT.json")
    parser.add_argument(
        "--known",
        default="",
        metavar="FILES",
        help="what earlier runs wrote with --json is not measured again",
    )
    parser.add_argument("--page", type=Path, help="put the figures between the marks of this page")
    return parser


def _known_rows(files: str) -> dict[str, list[Row]]:
    """The rows of earlier runs, by part."""
    found: dict[str, list[Row]] = {}
    for name in filter(None, files.split(",")):
        for table in json.loads(Path(name).read_text()):
            found.setdefault(table["name"], []).extend(table["rows"])
    return found


def _known(text: str) -> str:
    unknown = [name for name in text.split(",") if name and name not in PEERS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no peer {', '.join(unknown)}")
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
