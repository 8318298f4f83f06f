"""No provider: texts are kept as rows and nothing is sent. Staff pages say so as long as this is the channel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from notifications.channels.port import Logged, Outbound, Pace, Passed, Report, Sent, TryLater


class NoChannel:
    name = "none"
    delivers = False
    pace: Pace | None = None

    def send(self, text: Outbound) -> Sent:
        raise TryLater("there is no text provider")

    def log(self, to: str, since: datetime) -> Sequence[Logged]:
        raise TryLater("there is no text provider")

    def look_up(self, sid: str) -> Report:
        raise TryLater("there is no text provider")

    def log_all(self, since: datetime) -> Iterator[Passed]:
        raise TryLater("there is no text provider")
