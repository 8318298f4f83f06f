"""Instants and the wall clock of a place: days, windows, and the words in which they are told."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dispatch.errors import Invalid


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises Invalid for a name that tzdata does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid.field("time_zone", "zone_unknown", f"{name!r} is not a time zone.") from None


def midnight(day: date, where: ZoneInfo) -> datetime:
    """The instant at which `day` begins, in UTC."""
    return datetime.combine(day, time(), where).astimezone(UTC)


def local_day(at: datetime, where: ZoneInfo) -> date:
    return at.astimezone(where).date()


def instant(day: date, at: time, where: ZoneInfo) -> datetime:
    """The instant at which the wall clock shows `at` on `day`.

    Raises Invalid for a time that the clocks skip that day; of a repeated hour, the first is meant.
    """
    wall = datetime.combine(day, at, where)
    moment = wall.astimezone(UTC)
    if moment.astimezone(where).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise Invalid.field("start_at", "time_nonexistent", f"On {day} the clocks skip {at:%H:%M}.")
    return moment


def say_window(start_at: datetime, end_at: datetime, where: ZoneInfo) -> str:
    """`Mon 2 Mar, 14:00–16:00`: the promise in the words of the place."""
    start, end = start_at.astimezone(where), end_at.astimezone(where)
    return f"{start:%a} {start.day} {start:%b}, {start:%H:%M}–{end:%H:%M}"


def say_time(at: datetime, where: ZoneInfo) -> str:
    return f"{at.astimezone(where):%H:%M}"


def seconds_between(start: datetime, end: datetime) -> int:
    return round((end - start) / timedelta(seconds=1))
