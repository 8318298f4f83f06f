"""Visits that hang on another route: two people at once, or one visit after another.

The quick repair fills one technician's order at a time and, where it has kernels, places these in the end, as the
search does (linked/placing.py); without kernels it leaves them undone.
"""

from __future__ import annotations

from optimizer.day import Day, Visit


def is_linked(visit: Visit) -> bool:
    """Whether the visit's start depends on what another technician does."""
    return visit.assistant is not None or bool(visit.after)


def tied_visits(day: Day) -> frozenset[str]:
    """The visits whose start nobody may shift alone: the linked ones, and those that others come after."""
    linked = [visit for visit in day.visits if is_linked(visit)]
    return frozenset(visit.id for visit in linked).union(*(visit.after for visit in linked))


def why_linked(visit: Visit) -> str:
    """Why a linked visit stays undone."""
    if visit.assistant is not None:
        return f"{visit.id} needs two people at once, and no start for both was found."
    return f"{visit.id} comes after {', '.join(visit.after)}, and no start behind them was found."
