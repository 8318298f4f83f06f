"""How long a search may go on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """By wall-clock `seconds` (production) or by the number of `solutions` seen (tests: reproducible).

    With both, whichever comes first. OR-Tools checks its clock only between moves, so seconds are a
    wish, not a deadline: who needs one runs the search in a child (child.py).
    """

    seconds: float | None = None
    solutions: int | None = None

    def __post_init__(self) -> None:
        if self.seconds is None and self.solutions is None:
            raise ValueError("a budget needs seconds or solutions")
        for name in ("seconds", "solutions"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"budget: {name} must be positive")
