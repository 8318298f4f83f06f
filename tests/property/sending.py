"""One text, one schedule of everything that can go wrong around it, and what must be true afterwards.

The outbox is the real one, on a real database. What is played: the provider, who dies or sleeps where, when a report is
heard, and how far the provider's log lags behind.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import select

from dispatch.callbacks.tables import Callback
from dispatch.clock import SetClock
from dispatch.work import SYSTEM, Actor, Work, Workshop
from notifications.channels.port import (
    Logged,
    Misconfigured,
    Never,
    Outbound,
    Report,
    Sent,
    SmsChannel,
    TryLater,
    Unclear,
)
from notifications.messages import STRANGER
from notifications.outbox.actions import send_due
from notifications.outbox.queries import list_attempts, list_for_phone
from notifications.outbox.queueing import queue, to_stranger
from notifications.outbox.reports import hear
from notifications.outbox.states import LOST_ON_ITS_WAY, MessageState
from notifications.render import Writer

SOON, FIRST_LOOK = 30, 61
LOOKS = (
    1,
    5,
    SOON,
    FIRST_LOOK,
    75,
    90,
    121,
    136,
    151,
    182,
    240,
    303,
    400,
    700,
    960,
    1900,
    3599,
    3601,
    3700,
    7300,
)
DAYS_LATER = timedelta(days=3)


class Killed(BaseException):
    """The sender's process is gone, in the middle of whatever it did."""


class Ending(StrEnum):
    """What becomes of a call to the provider."""

    ACCEPTED = "accepted"
    NO_CONNECTION = "no connection"
    BUSY = "busy"
    NEVER = "no such phone"
    STOPPED = "its owner said stop"
    OURS = "our settings are refused"
    KEPT = "no answer, and it has the text"
    DROPPED = "no answer, and it has no text"


class Told(StrEnum):
    """What the provider reports, and when."""

    NEVER = "never"
    FIRST = "before its answer"
    SOON = "soon after"
    SHUFFLED = "again and again, in any order"
    LOST = "lost on its way, soon after"
    FAILED = "failed for good, soon after"
    LATE = "days later"


class Sleep(StrEnum):
    """Where the sender is stopped for minutes, while others go on, and wakes as if nothing had been."""

    NEVER = "never"
    BEFORE_CALL = "before its call"
    BEFORE_ANSWER = "before its answer"


# Writes of a sweep in their order (tidying up, claiming, settling), each left before or after its commit; the two sides
# of the call; and for whoever looks at the provider's log a minute later, the write that follows.
DEATHS = (
    "never",
    "before 1",
    "after 1",
    "before 2",
    "after 2",
    "at the call",
    "at the answer",
    "before 3",
    "after 3",
    "before look",
    "after look",
)
LAGS = (
    timedelta(),
    timedelta(seconds=45),
    timedelta.max,
)  # the log shows it at once, a little later, or is down


@dataclass(frozen=True, slots=True)
class Schedule:
    first: Ending
    later: Ending
    death: str
    sleep: Sleep
    told: Told
    lag: timedelta


def every_schedule() -> Iterator[Schedule]:
    later = (Ending.ACCEPTED, Ending.KEPT, Ending.DROPPED, Ending.NO_CONNECTION)
    for first, after, death, sleep, told, lag in itertools.product(Ending, later, DEATHS, Sleep, Told, LAGS):
        yield Schedule(first, after, death, sleep, told, lag)


@dataclass
class Accepted:
    """A text that the provider took; `lost_at` once it told us so."""

    sid: str
    body: str
    message_id: str
    at: datetime
    lost_at: datetime | None = None


@dataclass
class Provider:
    """Follows the schedule; `meanwhile` is what happens in the world while somebody sleeps."""

    schedule: Schedule
    phone: str
    clock: SetClock
    report: Callable[[Accepted, str, str], None]
    meanwhile: Callable[[], None]
    name: str = "provider"
    delivers: bool = True
    pace: None = None
    calls: int = 0
    accepted: list[Accepted] = field(default_factory=list)

    def send(self, text: Outbound) -> Sent:
        self.calls += 1
        is_first = self.calls == 1
        ending = self.schedule.first if is_first else self.schedule.later
        if is_first and self.schedule.death == "at the call":
            raise Killed
        if ending in (Ending.ACCEPTED, Ending.KEPT):
            self._keep(text)
        if is_first and self.schedule.death == "at the answer":
            raise Killed
        if is_first and self.schedule.sleep is Sleep.BEFORE_ANSWER:
            self.meanwhile()
        return self._answer(ending)

    def _keep(self, text: Outbound) -> None:
        one = Accepted(f"{self.phone}-{len(self.accepted) + 1}", text.body, text.message_id, self.clock.at)
        self.accepted.append(one)
        if self.schedule.told is Told.FIRST:
            self.report(one, "delivered", "")

    def _answer(self, ending: Ending) -> Sent:
        match ending:
            case Ending.ACCEPTED:
                return Sent(self.accepted[-1].sid)
            case Ending.NO_CONNECTION:
                raise TryLater("no connection")
            case Ending.BUSY:
                raise TryLater("busy", 30)
            case Ending.NEVER:
                raise Never("21614")
            case Ending.STOPPED:
                raise Never("21610")
            case Ending.OURS:
                raise Misconfigured("20003")
        raise Unclear("no answer")

    def log(self, to: str, since: datetime) -> Sequence[Logged]:
        lag = self.schedule.lag
        if lag == timedelta.max:
            raise TryLater("the log is down")
        return [Logged(one.sid, one.body) for one in self.accepted if one.at + lag <= self.clock.at]

    def look_up(self, sid: str) -> Report:
        return Report("sent")


@dataclass(frozen=True)
class Mortal(Workshop):
    """The workshop of a sender that is killed at the named write, or sleeps between its claim and its call."""

    death: str = field(kw_only=True)
    sleep: Callable[[], None] | None = field(default=None, kw_only=True)
    writes: list[str] = field(default_factory=list, kw_only=True)
    naps: list[datetime] = field(default_factory=list, kw_only=True)

    @contextmanager
    def work(self, actor: Actor, cause: str) -> Iterator[Work]:
        with super().work(actor, cause) as work:
            self.writes.append(cause)
            yield work
            self._die_at("before")
        self._die_at("after")

    def _die_at(self, side: str) -> None:
        if self.death == f"{side} {len(self.writes)}":
            raise Killed

    @contextmanager
    def read(self, actor: Actor = SYSTEM) -> Iterator[Work]:
        if self.sleep and len(self.writes) == CLAIMED and not self.naps:
            with super().read(actor) as work:
                self.naps.append(work.now)
            self.sleep()
        with super().read(actor) as work:
            yield work


CLAIMED = 2  # writes: what is overdue, then the claim


@dataclass
class Run:
    """One text under one schedule, from nine in the morning of its day until days later."""

    schedule: Schedule
    workshop: Workshop
    clock: SetClock
    writer: Writer
    territory_id: str
    number: int
    wrap: Callable[[SmsChannel], SmsChannel] = lambda channel: channel

    def __post_init__(self) -> None:
        self.phone = f"+1202555{self.number:05}"
        self.started_at = self.clock.at
        self.provider = Provider(self.schedule, self.phone, self.clock, self._report, self._meanwhile)
        self.channel = self.wrap(self.provider)

    def play(self) -> None:
        with self.workshop.work(SYSTEM, "it is to be said") as work:
            to = to_stranger(self.phone, self.territory_id)
            queue(work, STRANGER, to, round=self.number, direct=True)
        first = self._mortal(self.schedule.death)
        first = replace(first, sleep=self._meanwhile if self.schedule.sleep is Sleep.BEFORE_CALL else None)
        self._sweep(first)
        for seconds in LOOKS:
            self._stand_at(seconds)
            if seconds == FIRST_LOOK and self.schedule.death.endswith("look"):
                self._sweep(self._mortal(self.schedule.death.replace("look", "1")))
            self._sweep(self.workshop)
            if seconds == SOON:
                self._tell_soon()
        self.clock.at += DAYS_LATER
        if self.schedule.told is Told.LATE:
            for one in self.provider.accepted:
                self._report(one, "delivered", "")
        self._sweep(self.workshop)

    def _mortal(self, death: str) -> Mortal:
        of = self.workshop
        return Mortal(of.engine, of.clock, of.chance, of.travel, of.reactions, death=death)

    def _sweep(self, workshop: Workshop) -> None:
        with suppress(Killed):
            send_due(workshop, self.channel, self.writer)

    def _stand_at(self, seconds: int) -> None:
        self.clock.at = max(self.clock.at, self.started_at + timedelta(seconds=seconds))

    def _meanwhile(self) -> None:
        """For two and a half minutes others sweep."""
        for _ in range(5):
            self.clock.advance(seconds=31)
            self._sweep(self.workshop)

    def _tell_soon(self) -> None:
        for one in self.provider.accepted:
            match self.schedule.told:
                case Told.SOON:
                    self._report(one, "delivered", "")
                case Told.SHUFFLED:
                    for status in ("sent", "delivered", "queued", "undelivered", "delivered"):
                        self._report(one, status, "")
                case Told.LOST:
                    self._report(one, "undelivered", "30008")
                case Told.FAILED:
                    self._report(one, "undelivered", "30006")

    def _report(self, one: Accepted, status: str, code: str) -> None:
        if code in LOST_ON_ITS_WAY:
            one.lost_at = self.clock.at
        with self.workshop.work(SYSTEM, "report") as work:
            hear(work, one.message_id, one.sid, status, code)

    def ways(self) -> set[str]:
        """How its attempts ended, and why rows were given up."""
        with self.workshop.read() as work:
            rows = list_for_phone(work.session, self.phone)
            attempts = [one for row in rows for one in list_attempts(work.session, row.id)]
        return {one.detail for one in attempts} | {row.reason for row in rows if row.reason}

    # --- what must be true -------------------------------------------------------------------------------

    def wrongs(self) -> Iterator[str]:
        """Every way in which this text was doubled or lost."""
        for earlier, later in itertools.pairwise(self.provider.accepted):
            if earlier.lost_at is None or earlier.lost_at > later.at:
                yield "a double: it was accepted again, and nobody had said that it was lost"
        if len(self.provider.accepted) > 2:
            yield "it was accepted more than twice"
        with self.workshop.read() as work:
            rows = list_for_phone(work.session, self.phone)
            calls = work.session.exec(select(Callback).where(Callback.phone == self.phone)).all()
        arrived = any(row.state in (MessageState.SENT, MessageState.DELIVERED) for row in rows)
        if not arrived and not calls:
            yield f"lost: {[row.state.value for row in rows]}, and nobody rings"
        yield from (f"stuck: {row.state.value}" for row in rows if row.state in STUCK)
        known = {row.provider_sid for row in rows}
        if arrived and not known & {one.sid for one in self.provider.accepted}:
            yield "we say that it was sent, and the provider never took it"


STUCK = (MessageState.PENDING, MessageState.SENDING, MessageState.UNKNOWN)
