"""The figures of a day as a small table, from the public report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from api.simulation.client import Json

STEPS = (
    ("certain to noticed", "noticed"),
    ("noticed to told", "told"),
    ("told to accepted", "accepted"),
)


def table(report: Json, ends: dict[str, str]) -> Iterator[str]:
    """Lines ready to be said: counts, seconds per step, and how every visit ended."""
    yield f"{'promises':<28}{report['promises']:>8}"
    yield f"{'  kept':<28}{report['kept']:>8}"
    yield f"{'  broken':<28}{report['broken']:>8}   {_kinds(report['by_kind'])}"
    yield f"{'recovered the same day':<28}{report['recovered_same_day']:>8}"
    yield f"{'recovered on a later day':<28}{report['recovered_later']:>8}"
    yield f"{'still open':<28}{report['still_open']:>8}"
    yield f"{'seconds from':<28}{'median':>8}{'slowest':>10}"
    for words, name in STEPS:
        step = report[name]
        yield f"{'  ' + words:<28}{_seconds(step['median_seconds']):>8}{_seconds(step['slowest_seconds']):>10}"
    slowest = report["slowest_repair_milliseconds"]
    yield f"{'slowest repair':<28}{'none' if slowest is None else f'{slowest} ms':>8}"
    yield f"{'credit given, unasked':<28}{report['credit_cents'] / 100:>8.2f}"
    yield f"{'ratings':<28}{_ratings(report['ratings'])}"
    counts = Counter(end.replace("_", " ") for end in ends.values())
    yield f"{'visits at the end':<28}{', '.join(f'{count} {end}' for end, count in counts.most_common())}"


def _seconds(value: float | None) -> str:
    return "none" if value is None else f"{value:.0f}"


def _kinds(by_kind: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(by_kind.items()))


def _ratings(ratings: dict[str, int]) -> str:
    return ", ".join(f"{score}: {count}" for score, count in ratings.items()) or "none"
