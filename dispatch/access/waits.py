"""Who guesses waits, longer each time. Counted in the database, for all processes together, and by hashes alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import delete
from sqlmodel import col

from dispatch.access.tables import Tries
from dispatch.errors import RateLimited
from dispatch.store import inserting
from dispatch.work import Work

FORGOTTEN_AFTER = timedelta(days=1)
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 30, 15 * 60


@dataclass(frozen=True, slots=True)
class Guessed:
    """What somebody guesses at, and how many wrong guesses are free of a wait."""

    about: str
    free: int


def account(email: str) -> Guessed:
    """One e-mail address, known here or not."""
    return Guessed(mark_of(f"account|{email}"), free=5)


def second_factor(dispatcher_id: str) -> Guessed:
    return Guessed(mark_of(f"second factor|{dispatcher_id}"), free=5)


def network(address: str) -> Guessed:
    """Where somebody comes from; of the long addresses the part that one connection is given as a whole (/64).

    A whole office comes from one address: it has more tries.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return Guessed(mark_of(f"address|{address}"), free=20)
    bits = 64 if found.version == 6 else 32
    return Guessed(mark_of(f"address|{ip_network((found, bits), strict=False)}"), free=20)


def wait_seconds(failures: int, *, free: int) -> int:
    """How long to wait after so many wrong guesses: half a minute at first, then twice as long each time."""
    if failures < free:
        return 0
    return int(min(FIRST_WAIT_SECONDS * 2 ** min(failures - free, 10), LONGEST_WAIT_SECONDS))


def take_try(work: Work, guessed: Guessed) -> None:
    """Count one guess before it is looked at, so that of many in the same moment each is counted.

    Raises RateLimited for whoever must still wait; such a try is neither looked at nor counted.
    """
    row = counted(work, guessed.about)
    if work.now - row.since_at >= FORGOTTEN_AFTER:
        row.since_at, row.failures, row.wait_until = work.now, 0, None
    if row.wait_until and work.now < row.wait_until:
        seconds = max(1, round((row.wait_until - work.now).total_seconds()))
        raise RateLimited(
            f"Too many tries. Please wait {_in_words(seconds)}, then try again.", retry_after_seconds=seconds
        )
    row.failures += 1
    wait = wait_seconds(row.failures, free=guessed.free)
    row.wait_until = work.now + timedelta(seconds=wait) if wait else None
    work.session.add(row)


def take_back(work: Work, guessed: Guessed) -> None:
    """The last guess was right: it does not count."""
    row = counted(work, guessed.about)
    row.failures, row.wait_until = max(0, row.failures - 1), None
    work.session.add(row)


def forgive(work: Work, guessed: Guessed) -> None:
    """Somebody has proved who they are: nothing was guessed."""
    row = counted(work, guessed.about)
    row.failures, row.wait_until = 0, None
    work.session.add(row)


def forget_old(work: Work) -> None:
    """Yesterday's guesses count no more."""
    old = delete(Tries).where(col(Tries.since_at) < work.now - FORGOTTEN_AFTER)
    work.session.execute(old)


def counted(work: Work, about: str) -> Tries:
    """The row, fresh, and nobody else's until the work is committed; made here when there is none."""
    blank = {"about": about, "since_at": work.now, "failures": 0}
    work.session.flush()
    work.session.execute(inserting(work.session, Tries).values(blank).on_conflict_do_nothing())
    return work.session.get_one(Tries, about, populate_existing=True, with_for_update=True)


def _in_words(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 90 else f"{round(seconds / 60)} minutes"


def mark_of(text: str) -> str:
    """Under which something is counted: nobody reads from it what it was."""
    return hashlib.sha256(text.encode()).hexdigest()
