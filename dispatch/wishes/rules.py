"""What counts as sooner, who is asked first, and for how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the order of asking is judged by: the earlier start that came free, and what the customer has now."""

    start_at: dt.datetime
    promised_at: dt.datetime
    failures: int
    asked_at: dt.datetime
    wish_id: str


def turn(one: Standing) -> tuple[bool, dt.datetime, dt.timedelta, dt.datetime, str]:
    """Whoever we let down before comes first, then the soonest time, then the longest wait that it spares, then
    whoever has asked for longest."""
    return (
        one.failures == 0,
        one.start_at,
        one.start_at - one.promised_at,
        one.asked_at,
        one.wish_id,
    )


def came_free(
    now_on_offer: Iterable[str], known: Collection[str] | None, asked: Collection[str]
) -> list[str]:
    """What can be had now and could not before, less what the customer was asked about already.

    On the first look nothing has come free: whatever there is, the customer can choose by themselves.
    """
    if known is None:
        return []
    return [one for one in now_on_offer if one not in known and one not in asked]


def still_known(now_on_offer: Iterable[str], known: Collection[str] | None) -> list[str]:
    """What is no news the next time: everything on the first look, later only what never ceased to be on offer."""
    return [one for one in now_on_offer if known is None or one in known]


def keep_until(
    now: dt.datetime, start_at: dt.datetime, *, answer_seconds: int, notice_seconds: int
) -> dt.datetime | None:
    """Until when an earlier time is kept for an answer; None where it begins too soon to ask anybody."""
    until = min(now + dt.timedelta(seconds=answer_seconds), start_at - dt.timedelta(seconds=notice_seconds))
    return until if until > now else None
