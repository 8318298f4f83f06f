"""Windows as they are told, how long an answer may take, and how far the house goes by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from dispatch.policies import DialRule, Level

QUARTER_SECONDS = 900
SHORTEST_SECONDS = 1800


def told_window(
    start_at: dt.datetime, latest_at: dt.datetime, *, length_seconds: int
) -> tuple[dt.datetime, dt.datetime]:
    """The window told for work that would start at `start_at`: from the quarter hour before it.

    It ends with the last allowed start, but is never shorter than half an hour past the start.
    """
    begin = dt.datetime.fromtimestamp(start_at.timestamp() // QUARTER_SECONDS * QUARTER_SECONDS, dt.UTC)
    end = min(begin + dt.timedelta(seconds=length_seconds), latest_at)
    return begin, max(end, start_at + dt.timedelta(seconds=SHORTEST_SECONDS))


def later_windows(
    from_at: dt.datetime, latest_at: dt.datetime, *, length_seconds: int
) -> list[tuple[dt.datetime, dt.datetime]]:
    """Windows of full length that begin at or after `from_at` on the half hour and end by `latest_at`."""
    length, half = dt.timedelta(seconds=length_seconds), 2 * QUARTER_SECONDS
    begin = dt.datetime.fromtimestamp(-(-from_at.timestamp() // half) * half, dt.UTC)
    found = []
    while begin + length <= latest_at:
        found.append((begin, begin + length))
        begin += dt.timedelta(seconds=half)
    return found


def answer_by(now: dt.datetime, leave_at: dt.datetime, *, answer_seconds: int) -> dt.datetime:
    """Until when the customer may answer: the policy's time, but not past the moment somebody must leave."""
    return max(now, min(now + dt.timedelta(seconds=answer_seconds), leave_at))


def level_at(rules: Iterable[DialRule], failure: str, local: dt.time) -> Level:
    """The level of the first rule that fits this kind of failure and this time of the territory's day."""
    for rule in rules:
        from_at, until_at = dt.time.fromisoformat(rule.from_at), dt.time.fromisoformat(rule.until_at)
        over_midnight = until_at <= from_at
        fits = (local >= from_at or local < until_at) if over_midnight else from_at <= local < until_at
        if fits and rule.failure in ("", failure):
            return Level(rule.level)
    return Level.ACT
