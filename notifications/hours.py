"""When a text may reach a person: quiet hours on the wall clock of the place that it is about.

Where a phone's area code suggests another zone, both must be awake.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone as area_codes

from dispatch.local_time import instant, local_day
from dispatch.policies import Policies


@dataclass(frozen=True, slots=True)
class Hours:
    """Open from `opens_at` to `closes_at` on the clock of each of `zones`, the visit's own first."""

    opens_at: time
    closes_at: time
    zones: tuple[ZoneInfo, ...]


DIRECT_SECONDS = 300
EARLY_SECONDS = 7200
FARTHEST = timedelta(days=3)
NO_ZONE = phonenumbers.timezone.UNKNOWN_TIMEZONE


def usual_hours(policies: Policies, where: ZoneInfo, phone: str = "") -> Hours:
    """For whatever can wait. `phone` is whose area code may narrow them, if the policies say so."""
    also = zones_of(phone, where) if phone and policies.texts_by_area_code else ()
    return Hours(policies.clock_time("texts_from_at"), policies.clock_time("texts_until_at"), (where, *also))


def urgent_hours(where: ZoneInfo) -> Hours:
    """For what is urgent about today's visit, and for people who ring: longer, and by the visit's clock alone."""
    return Hours(time(7), time(21, 30), (where,))


def zones_of(phone: str, where: ZoneInfo) -> tuple[ZoneInfo, ...]:
    """The other zones in which a phone of that area code would be; none where it may well be at home in `where`."""
    names = _zone_names(phone)
    return () if where.key in names or NO_ZONE in names else tuple(ZoneInfo(name) for name in names)


@lru_cache(maxsize=4096)
def _zone_names(phone: str) -> tuple[str, ...]:
    try:
        return tuple(area_codes.time_zones_for_number(phonenumbers.parse(phone)))
    except phonenumbers.NumberParseException:
        return (NO_ZONE,)


def is_direct(asked_at: datetime, now: datetime) -> bool:
    """An answer within five minutes to what somebody just did may come at any hour."""
    return now - asked_at <= timedelta(seconds=DIRECT_SECONDS)


def next_opening(now: datetime, hours: Hours) -> datetime:
    """`now` inside `hours`, else the next instant at which they begin.

    Where the zones are never awake together, the visit's own decides.
    """
    at = now
    while at - now < FARTHEST:
        after = max(_next_opening(at, hours, zone) for zone in hours.zones)
        if after == at:
            return at
        at = after
    return _next_opening(now, hours, hours.zones[0])


def _next_opening(now: datetime, hours: Hours, where: ZoneInfo) -> datetime:
    local = now.astimezone(where)
    if hours.opens_at <= local.time() < hours.closes_at:
        return now
    day = local_day(now, where)
    if local.time() >= hours.closes_at:
        day += timedelta(days=1)
    return instant(day, hours.opens_at, where)


def closing(now: datetime, hours: Hours) -> datetime:
    """The next instant at which `hours`, open now, end in one of their zones."""
    ends = [instant(local_day(now, zone), hours.closes_at, zone) for zone in hours.zones]
    return min([end for end in ends if end > now], default=now)


def is_worth_waiting(now: datetime, opening: datetime) -> bool:
    """An urgent text of the early morning waits for the hour; one of the night is for a person to decide."""
    return opening - now <= timedelta(seconds=EARLY_SECONDS)
