"""Compiled before it is needed: afterwards no day asks for anything more."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from optimizer import Budget, Day, day_to_json, is_warm, kernels, plan_to_json, solve, warm_up
from optimizer.compiling import STAMP, forget_other_editions
from optimizer.quick import Quick
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit, lunch


def compiled() -> dict[str, list[Any]]:
    """Every kernel by name, with what kinds of arguments it is compiled for in this process."""
    modules = [
        importlib.import_module(f"{kernels.__name__}.{found.name}")
        for found in pkgutil.iter_modules(kernels.__path__)
    ]
    return {
        f"{module.__name__}.{name}": list(value.signatures)
        for module in modules
        for name, value in vars(module).items()
        if hasattr(value, "signatures")
    }


WITHOUT_NUMBA = """
import json, sys
sys.modules["numba"] = sys.modules["llvmlite"] = None
from optimizer import Budget, is_warm, plan_to_json, read_day, solve
from optimizer.kernels.compiled import IS_COMPILED
assert is_warm() and not IS_COMPILED
print(json.dumps(plan_to_json(solve(read_day(json.load(sys.stdin)), Budget(iterations=40), seed=3))))
"""


def a_small_day() -> Day:
    return a_day(
        a_technician("ann", route=("v1", "v2"), breaks=(lunch(),)),
        a_technician("bob", end_location=0),
        a_visit("v1", "8:00-8:05"),
        a_visit("v2"),
        *(a_visit(f"w{n}", "9:00-12:00 13:00-15:00", state="new") for n in range(3, 9)),
    )


def test_without_a_compiler_the_same_kernels_run_and_find_the_same() -> None:
    day = a_small_day()
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMBA],
        input=json.dumps(day_to_json(day)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == plan_to_json(solve(day, Budget(iterations=40), seed=3))


def test_a_day_needs_nothing_that_was_not_warmed_up() -> None:
    warm_up()
    assert is_warm()
    before = compiled()
    day = a_small_day()
    quick = Quick(replace(day, visits=(*day.visits, a_visit("v9", assistant={}, after=("v1",)))))
    quick.repair()
    solve(day, Budget(iterations=300), threads=2)
    assert quick.plan().day == "small"
    assert compiled() == before


def test_what_other_sources_left_is_thrown_away_once(tmp_path: Path) -> None:
    """Also where they did not get as far as to say that all is compiled."""
    stamp, kept = tmp_path / STAMP, tmp_path / "ruin.nbi"
    kept.touch()
    forget_other_editions(stamp)
    assert not kept.exists()
    kept.touch()
    forget_other_editions(stamp)
    assert kept.exists()
