"""Looks on their way to the rows, by a watch that a test sets."""

from __future__ import annotations

from dataclasses import dataclass, field

from api.runtime.looks import Look, Looks


@dataclass
class Watched(Looks):
    """By a watch that a test sets; remembers all that was ever noted."""

    seconds: float = 0.0
    heard: list[Look] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(lambda: self.seconds)

    def note(self, look: Look) -> None:
        self.heard.append(look)
        super().note(look)
