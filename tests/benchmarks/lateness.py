# ruff: noqa: T201
"""Are the chances true? Forecasts for days whose durations come from another family, beside what happened.

Run: python -m tests.benchmarks.lateness [days, 400] [days of history, 60] [seed, 1]
"""

from __future__ import annotations

import sys

from tests.unit.optimizer.calibration import forecasts, score, table


def main(arguments: list[str]) -> None:
    """Print the reliability table; the arguments are those of the module's docstring."""
    days, history, seed = [int(text) for text in arguments] + [400, 60, 1][len(arguments) :]
    found = forecasts(days=days, history=history, seed=seed)
    print(f"{days} days, {len(found)} promises, a record of {history} days, seed {seed}")
    print(
        "  ".join(f"{kind}: ×{one.mean:.2f} ± {one.deviation:.2f}" for kind, one in found.learnt.work.items())
    )
    print(
        f"drives: ×{found.learnt.drives.mean:.2f} ± {found.learnt.drives.deviation:.2f}; {found.learnt.shocks}"
    )
    print("| forecast | promises | said | kept |\n| --- | ---: | ---: | ---: |")
    for line in table(found):
        print(line)
    print(score(found))


if __name__ == "__main__":
    main(sys.argv[1:])
