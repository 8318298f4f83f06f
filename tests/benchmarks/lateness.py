# ruff: noqa: T201
"""Are the chances true? Forecasts for days whose durations come from another family, beside what happened.

Run: python -m tests.benchmarks.lateness [days, 400] [days of history, 60] [seed, 1]
"""

from __future__ import annotations

import sys
import time

import numpy as np

from optimizer import Shocks, odds
from tests.unit.optimizer.calibration import forecasts, score, table
from tests.unit.optimizer.true_days import a_day, learn, planned

SHOCKS = {
    "learnt from the record": None,
    "usual (the default)": Shocks(),
    "none: every delay alone": Shocks(technician=0, day=0, traffic=0),
}


def main(arguments: list[str]) -> None:
    """Print the reliability table; the arguments are those of the module's docstring."""
    days, history, seed = [int(text) for text in arguments] + [400, 60, 1][len(arguments) :]
    found = {
        name: forecasts(days=days, history=history, seed=seed, shocks=one) for name, one in SHOCKS.items()
    }
    first = next(iter(found.values()))
    print(f"{days} days, {len(first)} promises, a record of {history} days, seed {seed}")
    spreads = {**first.learnt.work, "drives": first.learnt.drives}
    print("; ".join(f"{kind}: ×{one.mean:.2f} ± {one.deviation:.2f}" for kind, one in spreads.items()))
    print(first.learnt.shocks)
    print("\n| chance said | promises | said | kept |\n| --- | ---: | ---: | ---: |")
    print(*table(first), sep="\n")
    print("\n| common delays | Brier | base rate | plan alone | calibration error |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, one in found.items():
        s = score(one)
        print(f"| {name} | {s.brier} | {s.brier_base_rate} | {s.brier_certain} | {s.calibration_error} |")
    print(f"\n20 technicians with 8 visits, 1000 samples: {_milliseconds():.1f} ms")


def _milliseconds() -> float:
    """The quickest of fifty, in seconds of one thread: the machine has other work too."""
    random = np.random.default_rng(1)
    day, plan = planned(*a_day("large", random, technicians=20, each=8), learn(5, random), random)
    taken = []
    for _ in range(50):
        begin = time.thread_time()
        odds(day, plan)
        taken.append(time.thread_time() - begin)
    return 1000 * min(taken)


if __name__ == "__main__":
    main(sys.argv[1:])
