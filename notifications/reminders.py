"""One reminder for each promise, at six in the evening before, where nobody was told later than that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from dispatch.local_time import instant, local_day
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
    return [
        queue(work, REMINDER, to_customer(work, visit), visit=visit)
        for visit, remind_at in list(_unreminded(work, until=work.now + AHEAD))
        if remind_at <= work.now
    ]


def reminder_at(promise: Promise, zone: ZoneInfo) -> datetime:
    """Six in the evening before, where the visit is."""
    return instant(local_day(promise.start_at, zone) - timedelta(days=1), REMIND_AT, zone)


def next_reminder_at(work: Work) -> datetime | None:
    """When the next reminder falls due; now, if one is due already."""
    soonest: datetime | None = None
    for visit_remind in _unreminded(work, until=None):
        remind_at = max(visit_remind[1], work.now)
        if soonest is not None and remind_at > soonest + AHEAD:
            break
        soonest = min(soonest, remind_at) if soonest else remind_at
    return soonest


def _unreminded(work: Work, until: datetime | None) -> Iterator[tuple[Visit, datetime]]:
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
        )
        .order_by(col(Promise.start_at), col(Visit.id))
    )
    if until is not None:
        query = query.where(Promise.start_at <= until)
    for visit, promise, territory in work.session.exec(query):
        remind_at = reminder_at(promise, territory.zone)
        if promise.made_at < remind_at:
            yield visit, remind_at
