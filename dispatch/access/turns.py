"""What strangers may make us do only so often. Counted in the database, for all processes, and by hashes alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from dispatch.access.tables import Tries
from dispatch.access.waits import counted, mark_of, network
from dispatch.errors import RateLimited
from dispatch.work import Work

UNKNOWN_LINKS = mark_of("unknown links")
MOST_UNKNOWN_LINKS = 300  # a minute, from everywhere
ALARMED_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Turns:
    """So many of something within a time; `words` are for whoever wants one more."""

    about: str
    most: int
    within: timedelta
    words: str


def bookings_from(address: str) -> Turns:
    """By links, from one network address. A house full of people has one."""
    words = "So many visits were booked from your network just now. Please wait a minute, or ring us."
    return Turns(mark_of(f"booked from|{network(address).about}"), 30, timedelta(minutes=1), words)


def bookings_for(phone: str) -> Turns:
    """By links, for one phone: each is texted to it."""
    words = "So many visits were booked for this phone today. Please ring us for another one."
    return Turns(mark_of(f"booked for|{phone}"), 10, timedelta(days=1), words)


def take_turn(work: Work, turns: Turns) -> None:
    """Count one more, with whatever else the Work does: what is undone does not count. Raises RateLimited."""
    row = _since(work, turns.about, turns.within)
    if row.failures >= turns.most:
        left = (row.since_at + turns.within - work.now).total_seconds()
        raise RateLimited(turns.words, retry_after_seconds=max(1, round(left)))
    row.failures += 1
    work.session.add(row)


def count_unknown_links(work: Work, more: int) -> bool:
    """Note that so many more links were tried that do not exist; whether there are too many of them this minute."""
    row = _since(work, UNKNOWN_LINKS, timedelta(minutes=1))
    row.failures += more
    is_flood = row.failures > MOST_UNKNOWN_LINKS
    if is_flood:
        row.wait_until = work.now + ALARMED_FOR
    work.session.add(row)
    return is_flood


def were_links_guessed(session: Session, now: datetime) -> bool:
    """Whether there were too many within the last hour."""
    row = session.get(Tries, UNKNOWN_LINKS)
    return row is not None and row.wait_until is not None and now < row.wait_until


def _since(work: Work, about: str, within: timedelta) -> Tries:
    """The row, locked, beginning anew where its time is over."""
    row = counted(work, about)
    if work.now - row.since_at >= within:
        row.since_at, row.failures = work.now, 0
    return row
