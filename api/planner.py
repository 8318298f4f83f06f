"""Days planned for whoever sends them: a few at once, each in a child process with a deadline. No data is kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from math import ceil

from api.runtime.wiring import CHILD_STARTS_SECONDS
from dispatch.errors import Unavailable
from optimizer import (
    Budget,
    Day,
    Explanation,
    OnProgress,
    Plan,
    Solved,
    explain,
    searched,
    solve_in_child,
)

MOST_SECONDS = 30.0
AT_ONCE = 2
MOST_VISITS, MOST_TECHNICIANS = 1_000, 200  # the first answer is made here, before the child's deadline
EXPLAINING_SECONDS = 5.0
BUSY = "All places for planning are taken. Please ask again in {} seconds."

Solve = Callable[..., Solved]  # as solve_in_child()
Watch = Callable[[], float]


class Planner:
    """At most `at_once` searches; whoever comes when all places are taken is told when to come back."""

    def __init__(
        self,
        *,
        at_once: int = AT_ONCE,
        solve: Solve = solve_in_child,
        starts_within: float = CHILD_STARTS_SECONDS,
        watch: Watch = time.monotonic,
    ) -> None:
        self._at_once, self._solve, self.watch = at_once, solve, watch
        self._starts_within = starts_within
        self._lock = threading.Lock()
        self._ends: list[float] = []

    @contextmanager
    def place(self, seconds: float) -> Iterator[None]:
        """One of the places, for about so long. Raises Unavailable when there is none."""
        end = self.take(seconds)
        try:
            yield
        finally:
            self.leave(end)

    def take(self, seconds: float) -> float:
        """Take a place; what leave() wants to hear."""
        with self._lock:
            now = self.watch()
            if len(self._ends) >= self._at_once:
                wait = max(1, ceil(min(self._ends, default=now) - now))
                raise Unavailable(BUSY.format(wait), retry_after_seconds=wait)
            end = now + seconds
            self._ends.append(end)
            return end

    def leave(self, end: float) -> None:
        with self._lock:
            self._ends.remove(end)

    def search(self, day: Day, seconds: float, seed: int, on_progress: OnProgress | None = None) -> Solved:
        """The best plan found by the deadline; the caller has a place."""
        return self._solve(
            day,
            Budget(seconds=seconds),
            deadline_seconds=seconds + self._starts_within,
            engine=partial(searched, seed=seed),
            on_progress=on_progress,
        )

    def explain(self, day: Day, plan: Plan) -> list[Explanation]:
        """Why visits are not served, one after the other until the time is over."""
        until = self.watch() + EXPLAINING_SECONDS
        found: list[Explanation] = []
        for left in plan.unserved:
            if self.watch() > until:
                break
            found.append(explain(day, plan, left.visit))
        return found
