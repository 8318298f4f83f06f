"""What all senders share, on all machines: one switch that stops every text, and the sender's pace."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from dispatch.errors import StateConflict
from dispatch.events import SendingStarted, SendingStopped
from dispatch.words import clean
from dispatch.work import SYSTEM, Work
from notifications.channels.port import Pace
from notifications.outbox.tables import Lane

LOG = logging.getLogger("makegood.texts")
CATCH_UP = timedelta(seconds=2)  # a sweep a second keeps the pace although no text ends on the second


def get_lane(session: Session) -> Lane:
    return session.get_one(Lane, 1, populate_existing=True)


def lock_lane(session: Session) -> Lane:
    """The lane for this work alone: who sends takes their turn one after the other."""
    return session.get_one(Lane, 1, populate_existing=True, with_for_update=True)


def stop_sending(work: Work, why: str) -> None:
    """From now on nothing goes out; a text already on its way is not called back. Rows stay.

    At its deadline each goes to a named person, as always. Raises StateConflict when it is stopped already.
    """
    lane = lock_lane(work.session)
    if lane.stopped_at:
        raise StateConflict("Sending is stopped already.", current_state="stopped")
    _stop(work, lane, str(work.actor), clean(why, "reason", limit=200))


def start_sending(work: Work) -> None:
    """Texts go out again, those that are still true and in time; the day's segments are counted from here.

    Raises StateConflict when nothing is stopped.
    """
    lane = lock_lane(work.session)
    if not lane.stopped_at:
        raise StateConflict("Sending is not stopped.", current_state="sending")
    lane.stopped_at, lane.stopped_by, lane.why, lane.day_segments = None, "", "", 0
    work.session.add(lane)
    work.record(SendingStarted())


def may_send(lane: Lane, now: datetime) -> bool:
    return not lane.stopped_at and (lane.free_at is None or lane.free_at <= now)


def take_turn(work: Work, lane: Lane, pace: Pace, segments: int) -> None:
    """A text of so many segments goes out; with the last that a day may have, sending stops for a person to look."""
    lane.free_at = free_again(lane.free_at, work.now, segments, pace.segments_per_second)
    today = work.now.astimezone(UTC).date()
    lane.day, lane.day_segments = today, segments + (lane.day_segments if lane.day == today else 0)
    work.session.add(lane)
    if 0 < pace.segments_per_day <= lane.day_segments:
        LOG.error("no more texts today: %s segments are as many as a day may have", lane.day_segments)
        _stop(work, lane, SYSTEM.role, f"{lane.day_segments} segments today, as many as a day may have")


def free_again(
    free_at: datetime | None, now: datetime, segments: int, segments_per_second: float
) -> datetime:
    """When the sender is free for another text, if one of `segments` goes out now."""
    since = max(free_at, now - CATCH_UP) if free_at else now
    return since + timedelta(seconds=segments / segments_per_second)


def _stop(work: Work, lane: Lane, by: str, why: str) -> None:
    lane.stopped_at, lane.stopped_by, lane.why = work.now, by[:60], why
    work.session.add(lane)
    work.record(SendingStopped())
