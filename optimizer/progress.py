"""How far a search has come: what it tells whoever watches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from optimizer.plan import Plan


@dataclass(frozen=True, slots=True)
class Progress:
    """The best plan so far after `seconds` and `iterations`: its cost, promises broken, visits unserved.

    `phase` is "first answer", "compiling", "searching", "recombining" or "done"; `plan` is that plan.
    """

    seconds: float
    iterations: int
    cost: float
    broken: int
    unserved: int
    phase: str
    plan: Plan | None = None


OnProgress: TypeAlias = Callable[[Progress], None]
