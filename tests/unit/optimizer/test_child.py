"""The search runs where it can be killed, and its answer is never simply believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer import Budget, Progress, check, repair, solve_in_child
from optimizer.child import Engine
from tests.unit.optimizer import engines
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit

DAY = a_day(a_technician(), a_visit("v1"), a_visit("v2"))
BUDGET = Budget(solutions=1)
PLENTY = 60.0  # seconds; only reached when something is wrong


def test_a_good_answer_is_taken() -> None:
    solved = solve_in_child(DAY, BUDGET, deadline_seconds=PLENTY, engine=engines.good)
    assert (solved.plan, solved.engine, solved.cause) == (repair(DAY), "search", None)


@pytest.mark.parametrize(
    ("engine", "cause"),
    [
        (engines.dying, "the child died (exit code 3)"),
        (engines.lying, "an illegal plan: ann cannot reach v1 by 29340"),
        (engines.of_another_day, "a plan for another day: 'yesterday'"),
        (engines.lazy, "a plan dearer (30000.0) than the repair (20.0)"),
    ],
)
def test_a_bad_answer_is_replaced_by_the_repair(engine: Engine, cause: str) -> None:
    solved = solve_in_child(DAY, BUDGET, deadline_seconds=PLENTY, engine=engine)
    assert (solved.plan, solved.engine, solved.cause) == (repair(DAY), "repair", cause)


def test_before_the_kernels_are_compiled_nobody_waits_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second engine answers, and nothing is compiled by a child that has a deadline."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    solved = solve_in_child(DAY, Budget(seconds=0.5), deadline_seconds=PLENTY)
    assert (solved.engine, solved.cause) == ("search", None)
    assert check(DAY, solved.plan).cost == check(DAY, repair(DAY)).cost
    assert list(tmp_path.rglob("*.nbi")) == []


def test_a_child_that_hangs_is_killed() -> None:
    solved = solve_in_child(DAY, BUDGET, deadline_seconds=0.05, engine=engines.hanging)
    assert (solved.plan, solved.engine) == (repair(DAY), "repair")
    assert solved.cause == "no answer within 0.05 s"


def test_what_a_child_has_told_of_before_it_is_killed_counts() -> None:
    heard: list[Progress] = []
    solved = solve_in_child(
        DAY, BUDGET, deadline_seconds=5, engine=engines.hanging_after_a_word, on_progress=heard.append
    )
    assert (solved.plan, solved.engine) == (repair(DAY), "search")
    assert solved.cause == "no answer within 5 s"
    assert [one.phase for one in heard] == ["searching"]
