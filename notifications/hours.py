"""When a text may reach a person: quiet hours on the wall clock of the place that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.local_time import instant, local_day


@dataclass(frozen=True, slots=True)
class Hours:
    opens_at: time
    closes_at: time


USUAL = Hours(time(8), time(21))
URGENT = Hours(time(7), time(21, 30))
DIRECT_SECONDS = 300
EARLY_SECONDS = 7200


def is_direct(asked_at: datetime, now: datetime) -> bool:
    """An answer within five minutes to what somebody just did may come at any hour."""
    return now - asked_at <= timedelta(seconds=DIRECT_SECONDS)


def next_opening(now: datetime, hours: Hours, where: ZoneInfo) -> datetime:
    """`now` inside `hours`, else the next instant at which they begin."""
    local = now.astimezone(where)
    if hours.opens_at <= local.time() < hours.closes_at:
        return now
    day = local_day(now, where)
    if local.time() >= hours.closes_at:
        day += timedelta(days=1)
    return instant(day, hours.opens_at, where)


def closing(now: datetime, hours: Hours, where: ZoneInfo) -> datetime:
    """The instant of today at which `hours` end."""
    return instant(local_day(now, where), hours.closes_at, where)


def is_worth_waiting(now: datetime, opening: datetime) -> bool:
    """An urgent text of the early morning waits for the hour; one of the night is for a person to decide."""
    return opening - now <= timedelta(seconds=EARLY_SECONDS)
