"""When the witness is due, how far back it looks, and what a text says about itself."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.local_time import instant, local_day
from dispatch.visits.references import LENGTH, is_wellformed
from notifications.messages import EN_ROUTE, Kind
from notifications.witness.tables import WitnessState

NIGHTLY_AT = time(3)
LOOKS_BACK = timedelta(days=35)
OVERLAP = timedelta(minutes=10)  # of the backup with what follows it, and for a log that lags
TRY_AGAIN = timedelta(minutes=10)
TRY_AGAIN_HELD = timedelta(minutes=1)
BEFORE_IT_WAS_QUEUED = timedelta(minutes=1)  # clocks may differ by so much
SAYS_THE_SAME_FOR = timedelta(hours=24)
ON_THE_WAY_FOR = timedelta(hours=2)  # it names no window: later it is another journey
_REFERENCE = re.compile(rf"\b[A-Z0-9]{{{LENGTH}}}\b")


def could_be(kind: Kind, queued_at: datetime, at: datetime, *, written_anew: bool) -> bool:
    """Whether a text of that instant could be the message that was queued at that one.

    A text is older than its message only where a restore came in between and the message was written anew. An answer
    is never that: it belongs to what somebody wrote just now.
    """
    if at >= queued_at - BEFORE_IT_WAS_QUEUED:
        return True
    longest = ON_THE_WAY_FOR if kind is EN_ROUTE else SAYS_THE_SAME_FOR
    return written_anew and not kind.reply and queued_at - at <= longest


def references_in(body: str) -> list[str]:
    """Every reference that a text names, each once, in order."""
    return [found for found in dict.fromkeys(_REFERENCE.findall(body)) if is_wellformed(found)]


def last_night(now: datetime, zone: ZoneInfo) -> datetime:
    """The latest three o'clock in the morning that has come."""
    tonight = instant(local_day(now, zone), NIGHTLY_AT, zone)
    return tonight if tonight <= now else instant(local_day(now, zone) - timedelta(days=1), NIGHTLY_AT, zone)


def is_due(state: WitnessState, began_at: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Once a night; after a restore at once. What could not be read is tried again after a while."""
    if state.tried_at and state.trouble:
        wait = TRY_AGAIN_HELD if state.held_since_at else TRY_AGAIN
        if now - state.tried_at < wait:
            return False
    if state.held_since_at:
        return True
    night = last_night(now, zone)
    return began_at < night and (state.ran_at is None or state.ran_at < night)


def since_when(state: WitnessState, began_at: datetime, now: datetime) -> datetime:
    """From the backup on, as long as sending is held; else five weeks, or since there is a record."""
    if state.held_since_at and state.backup_at:
        return state.backup_at - OVERLAP
    return max(now - LOOKS_BACK, began_at)
