"""The quiet twin: texts in a list, and failures in the order in which a test wrote them down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatch.clock import real_now
from notifications.channels.port import (
    ChannelError,
    Direction,
    Inbound,
    Logged,
    Outbound,
    Pace,
    Passed,
    Report,
    Sent,
    TryLater,
    Unclear,
)


@dataclass(frozen=True, slots=True)
class Text:
    to: str
    body: str
    message_id: str
    sid: str


class Memory:
    """`script` is read from its front, one entry for a call: None accepts, an error is raised.

    An `Unclear` that was `accepted` arrives all the same: the provider took it, its answer was lost.
    """

    name = "memory"
    delivers = True
    pace: Pace | None = None

    def __init__(self, now: Callable[[], datetime] = real_now) -> None:
        self._now = now
        self.texts: list[Text] = []
        self.passed: list[Passed] = []
        self.script: list[ChannelError | None] = []
        self.reports: dict[str, Report] = {}
        self.calls = 0
        self.down = False
        self.accepts_unclear = False

    def send(self, text: Outbound) -> Sent:
        self.calls += 1
        if self.down:
            raise TryLater("the pretended provider is down")
        error = self.script.pop(0) if self.script else None
        if error is None or (isinstance(error, Unclear) and self.accepts_unclear):
            sid = f"memory-{len(self.texts) + 1}"
            self.texts.append(Text(text.to, text.body, text.message_id, sid))
            self.passed.append(Passed(Direction.OUT, sid, text.to, text.body, self._now()))
        if error is not None:
            raise error
        return Sent(self.texts[-1].sid)

    def log(self, to: str, since: datetime) -> Sequence[Logged]:
        if self.down:
            raise TryLater("the pretended provider is down")
        return [Logged(text.sid, text.body) for text in self.texts if text.to == to]

    def look_up(self, sid: str) -> Report:
        if self.down:
            raise TryLater("the pretended provider is down")
        return self.reports.get(sid, Report("sent"))

    def log_all(self, since: datetime) -> Iterator[Passed]:
        if self.down:
            raise TryLater("the pretended provider is down")
        return (one for one in reversed(self.passed) if one.at >= since)

    def answer(self, phone: str, body: str) -> Inbound:
        """Write `body` as the phone's owner; what a provider would now tell us."""
        sid = f"memory-in-{len(self.passed) + 1}"
        self.passed.append(Passed(Direction.IN, sid, phone, body, self._now()))
        return Inbound(sid, phone, body)

    def read(self, phone: str) -> list[str]:
        """What lies on that phone, oldest first."""
        return [text.body for text in self.texts if text.to == phone]
