"""One reminder for each promise, at six in the evening before, where nobody was told later than that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, false, or_
from sqlmodel import col, select

from dispatch.errors import Invalid
from dispatch.local_time import instant, local_day, midnight, zone
from dispatch.promises.tables import Promise
from dispatch.territories.tables import Territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications.messages import REMINDER
from notifications.outbox.queueing import queue, to_customer
from notifications.outbox.tables import Message

REMIND_AT = time(18)
AHEAD = timedelta(hours=54)  # six in the evening before may be so long before a window at most


def due_reminders(work: Work) -> list[Message]:
    """Queue what is due, also what a night without us missed; twice changes nothing."""
    due = [visit for visit, _ in _unreminded(work, _is_evening_over(work))]
    return [queue(work, REMINDER, to_customer(work, visit), visit=visit) for visit in due]


def has_due_reminders(work: Work) -> bool:
    """Whether there is anything to queue: asked every second, so it looks at no day whose evening is still to come."""
    return next(_unreminded(work, _is_evening_over(work)), None) is not None


def reminder_at(promise: Promise, where: ZoneInfo) -> datetime:
    """Six in the evening before, where the visit is."""
    return instant(local_day(promise.start_at, where) - timedelta(days=1), REMIND_AT, where)


def next_reminder_at(work: Work) -> datetime | None:
    """When the next reminder falls due; now, if one is due already."""
    soonest: datetime | None = None
    for _, at in _unreminded(work):
        remind_at = max(at, work.now)
        if soonest is not None and remind_at > soonest + AHEAD:
            break
        soonest = min(soonest, remind_at) if soonest else remind_at
    return soonest


def _is_evening_over(work: Work) -> ColumnElement[bool]:
    """The promises of days whose evening before is over, in every zone in which we work."""
    return or_(
        false(),
        *(
            (col(Territory.time_zone) == where.key)
            & (col(Promise.start_at) < _reminded_until(work.now, where))
            for where in _zones(work)
        ),
    )


def _zones(work: Work) -> Iterator[ZoneInfo]:
    """A territory with a zone that nobody knows any more keeps no other from its reminders: the watch names it."""
    for name in work.session.exec(select(Territory.time_zone).distinct().order_by(Territory.time_zone)):
        try:
            where = zone(name)
        except Invalid:
            continue
        yield where


def _reminded_until(now: datetime, where: ZoneInfo) -> datetime:
    """The end of the last day of whose visits people have been reminded there by now."""
    today = local_day(now, where)
    is_evening = now >= instant(today, REMIND_AT, where)
    return midnight(today + timedelta(days=2 if is_evening else 1), where)


def _unreminded(work: Work, *which: ColumnElement[bool]) -> Iterator[tuple[Visit, datetime]]:
    """Booked visits whose window is ahead and that were promised before the evening, soonest first."""
    reminded = select(Message.id).where(
        Message.visit_id == Visit.id,
        Message.purpose == REMINDER.purpose,
        Message.promise_version == Visit.promise_version,
    )
    query = (
        select(Visit, Promise, Territory)
        .join(Promise, col(Promise.visit_id) == col(Visit.id))
        .join(Territory, col(Territory.id) == col(Visit.territory_id))
        .where(
            Visit.state == VisitState.BOOKED,
            Promise.version == Visit.promise_version,
            Promise.start_at > work.now,
            ~reminded.exists(),
            *which,
        )
        .order_by(col(Promise.start_at), col(Visit.id))
    )
    for visit, promise, territory in work.session.exec(query).all():
        remind_at = reminder_at(promise, territory.zone)
        if promise.made_at < remind_at:
            yield visit, remind_at
