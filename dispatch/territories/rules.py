"""Who answers for something, and who is asked when they do not."""

from __future__ import annotations

from collections.abc import Sequence


def next_up(ladder: Sequence[str], current: str | None) -> str | None:
    """The next person up: the first of `ladder` for nobody, the one after `current`, the last for ever."""
    if not ladder:
        return None
    if current not in ladder:
        return ladder[0]
    return ladder[min(ladder.index(current) + 1, len(ladder) - 1)]
