"""How long a search may go on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """By wall-clock `seconds` (production), or by a count (tests: reproducible).

    The search counts `iterations`, the routing library the `solutions` it has seen. OR-Tools checks its
    clock only between moves, so for it seconds are a wish, not a deadline: who needs one runs it in a
    child (child.py).
    """

    seconds: float | None = None
    solutions: int | None = None
    iterations: int | None = None

    def __post_init__(self) -> None:
        if self.seconds is None and self.solutions is None and self.iterations is None:
            raise ValueError("a budget needs seconds, solutions or iterations")
        for name in ("seconds", "solutions", "iterations"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"budget: {name} must be positive")
