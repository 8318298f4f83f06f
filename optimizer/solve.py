"""The whole optimizer in one call: the first answer, then the search on top of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from optimizer.budget import Budget
from optimizer.check import check
from optimizer.day import Day
from optimizer.lateness.safer import safer
from optimizer.limits import within_limits
from optimizer.plan import Plan
from optimizer.progress import OnProgress, Progress
from optimizer.published import published_orders
from optimizer.repair import repair

if TYPE_CHECKING:
    from optimizer.search import Searcher

Engine: TypeAlias = Literal["search", "routing"]

ENGINES: tuple[Engine, ...] = ("search", "routing")
ASKED_AT_MOST = 3  # by within_limits()
HEARD_EVERY_SECONDS, SAME = 0.25, 0.5
WRITING_SECONDS, WEIGHING_SECONDS = 0.03, 0.0005  # the second for each visit
AT_ANY_PRICE, NEAR, SAMPLES = 1e9, 0.02, 300  # plans of nearly equal price, and how often each is tried


def solve(
    day: Day,
    budget: Budget,
    *,
    start: Plan | None = None,
    seed: int = 1,
    threads: int = 1,
    engine: Engine = "search",
    on_progress: OnProgress | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Plan:
    """The best plan found within `budget`; legal, and never dearer than repair(day) or a legal `start`.

    Where the day's weights price risk, the safest of a few plans of nearly the best price (lateness/safer.py), and
    only if it is better than what it replaces when the promises that may break are counted too.

    "search" is ruin and recreate with set partitioning (search.py): with a budget of iterations the same
    seed and number of threads give the same plan. "routing" is OR-Tools' routing library, the independent
    second engine; its clock is soft: see Budget, and solve_in_child() for a hard deadline.
    OR-Tools is loaded here, on first use.
    """
    if engine == "routing":
        from optimizer.routing import plan_with_routing

        return plan_with_routing(day, budget, start=start)
    return _Call(day, budget, start, seed, threads, on_progress, clock, clock()).answer()


@dataclass(slots=True)
class _Call:
    """One call of solve() with the search: what it was asked, and since when."""

    day: Day
    budget: Budget
    start: Plan | None
    seed: int
    threads: int
    on_progress: OnProgress | None
    clock: Callable[[], float]
    began: float
    heard_at: float = 0.0
    heard_cost: float = float("inf")
    shares: int = 1

    def answer(self) -> Plan:
        from optimizer.kernels.compiled import IS_COMPILED  # the search needs them anyway

        first = repair(self.day, compiled=IS_COMPILED)
        self._tell(first, 0, "first answer")
        known = [plan for plan in (first, self.start) if plan is not None and check(self.day, plan).legal]
        best = min(known, key=self._cost, default=first)
        capped = self.day.limits.moved is not None or self.day.limits.disturbed is not None
        self.shares = ASKED_AT_MOST if capped else 1
        found = within_limits(self.day, lambda one: self._searched(one, best))
        chosen = found if not known or self._is_better(found, best) else best
        self._tell(chosen, 0, "done")
        return chosen

    def _is_better(self, found: Plan, best: Plan) -> bool:
        """Legal and cheaper; where risk has a price, also when the promises that may break are counted."""
        if not check(self.day, found).legal or self._cost(found) >= self._cost(best):
            return False
        both = [best, found]
        return safer(self.day, both, within=AT_ANY_PRICE, samples=SAMPLES, seed=self.seed) is found

    def _searched(self, day: Day, best: Plan) -> Plan:
        from optimizer.search import Searcher  # loads numba and OR-Tools

        searcher = Searcher(day, published_orders(day, best.orders()), seed=self.seed, threads=self.threads)
        searcher.run(self._share(), clock=self.clock, heard=lambda phase: self._hear(searcher, phase))
        if not day.weights.risk:
            return searcher.plan()
        return safer(day, searcher.near_plans(NEAR), within=NEAR, samples=SAMPLES, seed=self.seed)

    def _share(self) -> Budget:
        """What one of the searches of this call may use, less what is gone already."""
        seconds, iterations = self.budget.seconds, self.budget.iterations
        if seconds is not None:
            left = self.began + seconds - self.clock() - self._writing_seconds()
            self.shares, left = self.shares - 1, max(0.001, left / max(1, self.shares))
            return replace(self.budget, seconds=left)
        return replace(self.budget, iterations=iterations or self.budget.solutions)

    def _writing_seconds(self) -> float:
        """Kept back to write the plan out and judge it, and to weigh a few plans' chances where that is asked."""
        return WRITING_SECONDS + (WEIGHING_SECONDS * len(self.day.visits) if self.day.weights.risk else 0)

    def _hear(self, searcher: Searcher, phase: str) -> None:
        """Pass on what is better, not too often: writing a plan out takes some milliseconds."""
        at = self.clock()
        better = searcher.cost < self.heard_cost - SAME
        if self.on_progress and better and at >= max(self.began, self.heard_at) + HEARD_EVERY_SECONDS:
            self.heard_cost, self.heard_at = searcher.cost, at
            self._tell(searcher.plan(), searcher.iterations, phase)

    def _tell(self, plan: Plan, iterations: int, phase: str) -> None:
        if self.on_progress:
            found, spent = check(self.day, plan), self.clock() - self.began
            told = (found.cost, found.broken, found.unserved, phase, plan)
            self.on_progress(Progress(spent, iterations, *told))

    def _cost(self, plan: Plan) -> float:
        return check(self.day, plan).cost
