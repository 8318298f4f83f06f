"""Compiled before it is needed: afterwards no day asks for anything more."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from optimizer import Budget, is_warm, kernels, solve, warm_up
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


def test_a_day_needs_nothing_that_was_not_warmed_up() -> None:
    warm_up()
    assert is_warm()
    before = compiled()
    day = a_day(
        a_technician("ann", route=("v1", "v2"), breaks=(lunch(),)),
        a_technician("bob", end_location=0),
        a_visit("v1", "8:00-8:05"),
        a_visit("v2"),
        *(a_visit(f"w{n}", "9:00-12:00 13:00-15:00", state="new") for n in range(3, 9)),
    )
    quick = Quick(day)
    quick.repair()
    solve(day, Budget(iterations=300), threads=2)
    assert quick.plan().day == "small"
    assert compiled() == before
