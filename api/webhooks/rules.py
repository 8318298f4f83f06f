"""When a delivery is tried again, in numbers."""

from __future__ import annotations

from datetime import timedelta

from dispatch.errors import Invalid
from dispatch.events import every_fact

GIVES_UP_AFTER = timedelta(hours=24)
FIRST_PAUSE_SECONDS = 30
LONGEST_PAUSE_SECONDS = 4 * 3600
SWAY = 0.2
TEST_KIND = "test"


def pause(tries: int, chance: float) -> timedelta:
    """How long to wait after that many tries: doubled each time, up to four hours, a fifth more or less by chance."""
    seconds = min(FIRST_PAUSE_SECONDS * 2 ** min(tries - 1, 20), LONGEST_PAUSE_SECONDS)
    return timedelta(seconds=round(seconds * (1 - SWAY + 2 * SWAY * chance)))


def known_kinds() -> list[str]:
    return sorted(fact.kind() for fact in every_fact())


def require_kinds(kinds: list[str]) -> list[str]:
    """Each once, in order. Raises Invalid for none, and for one that there is not."""
    known = set(known_kinds())
    unknown = [kind for kind in kinds if kind not in known]
    if unknown:
        raise Invalid.field("kinds", "kind_unknown", f"There is no fact of the kind {unknown[0][:40]!r}.")
    if not kinds:
        raise Invalid.field("kinds", "kinds_missing", "Choose at least one kind of fact.")
    return sorted(set(kinds))
