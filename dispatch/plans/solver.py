"""Whoever searches for better days, as planning and proposals see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import optimizer
from dispatch.work import Actor

PLANNER = Actor("planner")
TRIES = 3

Answer: TypeAlias = optimizer.Plan | optimizer.Solved
Solver = Callable[[optimizer.Day, float, optimizer.Plan | None], Answer]
"""A day, seconds, and a plan to start from; answers a plan, and why it is none of a search's where it is not.
It may take its time and it may fail."""


def heard(answer: Answer) -> optimizer.Solved:
    """A bare plan is what a search found."""
    return optimizer.Solved(answer, "search") if isinstance(answer, optimizer.Plan) else answer
