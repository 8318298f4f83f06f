"""The whole optimizer in one call: the quick repair first, then the search on top of it."""

from __future__ import annotations

from optimizer.budget import Budget
from optimizer.day import Day
from optimizer.plan import Plan


def solve(day: Day, budget: Budget, *, start: Plan | None = None) -> Plan:
    """The best plan found within `budget`; legal, and never dearer than repair(day) or a legal `start`.

    OR-Tools is loaded here, on first use. Its clock is soft: see Budget, and solve_in_child() for a
    hard deadline.
    """
    from optimizer.routing import plan_with_routing

    return plan_with_routing(day, budget, start=start)
