"""The quiet twin: texts in a list, and failures in the order in which a test wrote them down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notifications.channels.port import ChannelError, Logged, Outbound, Pace, Report, Sent, TryLater, Unclear


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

    def __init__(self) -> None:
        self.texts: list[Text] = []
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

    def read(self, phone: str) -> list[str]:
        """What lies on that phone, oldest first."""
        return [text.body for text in self.texts if text.to == phone]
