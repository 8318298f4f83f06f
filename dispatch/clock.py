"""Where time comes from. Nothing else in the system looks at the machine's clock."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlmodel import Field, Session

from dispatch.errors import Invalid
from dispatch.store import Row, UtcDateTime


class Clock(Protocol):
    def now(self, session: Session) -> datetime:
        """The current instant, UTC; `session` is where a shared clock keeps its row."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self, session: Session) -> datetime:
        return real_now()


class SetClock:
    """A clock that stands still until somebody moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self, session: Session) -> datetime:
        return self.at

    def advance(self, **delta: float) -> None:
        self.at += timedelta(**delta)


class ClockRow(Row, table=True):
    """The virtual clock, shared by every process: `virtual_at` was shown when the machine said `real_at`."""

    __tablename__ = "clock"

    id: int = Field(default=1, primary_key=True)
    real_at: datetime = Field(sa_type=UtcDateTime)
    virtual_at: datetime = Field(sa_type=UtcDateTime)
    rate: float

    def read(self, real: datetime) -> datetime:
        return self.virtual_at + (real - self.real_at) * self.rate


class StoredClock:
    """The virtual clock that lives in the database; it is absent until `start` wrote its row."""

    def now(self, session: Session) -> datetime:
        row = session.get(ClockRow, 1, populate_existing=True)
        if row is None:
            return real_now()
        return row.read(real_now())


def set_clock(session: Session, at: datetime, rate: float) -> None:
    """Point the shared clock at `at`, running `rate` virtual seconds a second from now on."""
    row = session.get(ClockRow, 1) or ClockRow(real_at=real_now(), virtual_at=at, rate=rate)
    row.real_at, row.virtual_at, row.rate = real_now(), at, rate
    session.add(row)


def stop_clock(session: Session) -> tuple[datetime, float]:
    """Let the shared clock stand still where it is; the instant that it shows from then on, and its rate before.

    Read and stopped in one transaction, so that it never goes back behind an instant that somebody has seen.
    """
    row = session.get(ClockRow, 1, populate_existing=True, with_for_update=True)
    if row is None:
        return real_now(), 1.0
    at, rate = row.read(real_now()), row.rate
    set_clock(session, at, 0.0)
    return at, rate


def stopwatch() -> Callable[[], int]:
    """Starts now; each call gives the whole milliseconds since, by a clock that never steps."""
    started = time.perf_counter()
    return lambda: round((time.perf_counter() - started) * 1000)


def real_now() -> datetime:
    return datetime.now(UTC)


def parse_start(text: str) -> tuple[datetime, float]:
    """Read `2026-03-02T07:00+01:00*60`: an instant with its offset and a rate (1 when left out).

    Raises Invalid when the instant has no offset or the rate is negative.
    """
    match = re.fullmatch(r"(?P<at>[^*]+?)(?:\*(?P<rate>\d+(?:\.\d+)?))?", text.strip())
    try:
        at = datetime.fromisoformat(match["at"]) if match else None
    except ValueError:
        at = None
    if match is None or at is None or at.tzinfo is None:
        raise Invalid.field("clock", "clock_unreadable", f"{text!r} is not like 2026-03-02T07:00+01:00*60")
    return at.astimezone(UTC), float(match["rate"] or 1)
