"""Whether the clock can be believed: beside the database's, and beside what was written down last.

While it cannot, no job decides or sends anything; as soon as it can, they go on by themselves.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, func, text
from sqlmodel import Session, col, select

from api.runtime.runtime import Runtime
from dispatch.clock import real_now
from dispatch.events import ClockBelieved
from dispatch.ledger import LedgerEntry
from dispatch.work import Work

MOST_APART = timedelta(seconds=5)
MOST_BACK = 2 * MOST_APART  # written by a machine that was ahead, read by one that is behind
LOOKS_BACK = 500  # facts


class ClockImplausible(Exception):
    """What the clock says cannot be: nothing may be decided by it. Its note says why."""


def require_plausible_clock(runtime: Runtime) -> None:
    """Raises ClockImplausible."""
    with runtime.read() as work:
        said = clock_trouble(work)
    if said:
        error = ClockImplausible(said)
        error.add_note(said)
        raise error


def clock_trouble(work: Work) -> str:
    """Why the clock cannot be believed, in a few words; nothing when it can."""
    return judge_clock(clock_apart(work.session.connection()), work.now, _newest_at(work.session))


def judge_clock(apart: timedelta, now: datetime, newest_at: datetime | None) -> str:
    """A clock may be five seconds from the database's, and ten behind the newest fact."""
    if abs(apart) > MOST_APART:
        return f"{apart.total_seconds():+.1f} s from the database's"
    if newest_at and newest_at - now > MOST_BACK:
        return f"{(newest_at - now).total_seconds():.0f} s behind what is on record"
    return ""


def clock_apart(connection: Connection) -> timedelta:
    """How far this machine's clock is ahead of the database's. SQLite has none of its own."""
    if connection.dialect.name == "sqlite":
        return timedelta(0)
    theirs: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return real_now() - theirs.astimezone(UTC)


def clock_apart_of(engine: Engine) -> timedelta:
    with engine.execution_options(read_only=True).connect() as connection:
        return clock_apart(connection)


def _newest_at(session: Session) -> datetime | None:
    """The latest instant among the last facts since somebody said that the clock is right.

    Not only of the very last: people go on writing facts while the clock is wrong.
    """
    believed = session.exec(
        select(func.max(LedgerEntry.seq)).where(LedgerEntry.kind == ClockBelieved.kind())
    ).one()
    last = (
        select(LedgerEntry.at)
        .where(LedgerEntry.seq > (believed or 0))
        .order_by(col(LedgerEntry.seq).desc())
        .limit(LOOKS_BACK)
        .subquery()
    )
    newest: datetime | None = session.exec(select(func.max(last.c.at))).one()
    return newest
