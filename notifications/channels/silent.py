"""No provider: texts are kept as rows and nothing is sent. Staff pages say so as long as this is the channel."""

from __future__ import annotations

from datetime import datetime

from notifications.channels.port import Sent, TryLater


class NoChannel:
    name = "none"
    delivers = False

    def send(self, to: str, body: str, message_id: str) -> Sent:
        raise TryLater("there is no text provider")

    def find(self, message_id: str, to: str, since: datetime) -> Sent | None:
        raise TryLater("there is no text provider")
