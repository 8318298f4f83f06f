"""Which days are to be looked at now, for whoever waits for an earlier time. Only reads."""

from __future__ import annotations

import datetime as dt

from dispatch.bookings.slots import is_planned_exactly
from dispatch.local_time import local_day
from dispatch.territories.tables import Territory
from dispatch.wishes.queries import Waiting, how_days_stand, list_waiting, looks_of, next_at
from dispatch.work import Work


def days_to_look(work: Work, territory: Territory) -> list[dt.date]:
    """The days on which something may have come free since we looked; none where nobody waits."""
    waiting = list_waiting(work.session, territory.id, work.now)
    days = _days(work, territory, waiting)
    if not days:
        return []
    looks = looks_of(work.session, territory.id, days)
    stand = how_days_stand(work.session, territory.id, days, work.now)
    return [
        day
        for day in days
        if (look := looks.get(day)) is None
        or look.stood != stand[day]
        or look.again_at <= work.now
        or any(_is_new(one, day, territory) for one in waiting)
    ]


def next_look_at(work: Work, territory: Territory) -> dt.datetime | None:
    """The next instant at which the clock alone may make a day worth a look."""
    days = _days(work, territory, list_waiting(work.session, territory.id, work.now))
    return next_at(work.session, territory.id, days, work.now) if days else None


def _days(work: Work, territory: Territory, waiting: list[Waiting]) -> list[dt.date]:
    """From today to the last promise of anybody who waits, as far as days are planned exactly."""
    if not waiting:
        return []
    today = local_day(work.now, territory.zone)
    last = max(local_day(one.promise.start_at, territory.zone) for one in waiting)
    ahead = (today + dt.timedelta(days=offset) for offset in range((last - today).days + 1))
    return [day for day in ahead if is_planned_exactly(territory, day, work.now)]


def _is_new(one: Waiting, day: dt.date, territory: Territory) -> bool:
    """Whether nobody has looked yet what there is for them on that day."""
    return day.isoformat() not in one.wish.on_offer and day <= local_day(one.promise.start_at, territory.zone)
