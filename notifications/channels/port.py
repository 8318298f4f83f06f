"""What the outbox asks of whoever carries texts, and the three ways in which that can go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class ChannelError(Exception):
    """A text was not accepted, or nobody knows."""


class TryLater(ChannelError):
    """Certainly not accepted; the same text may be tried again."""

    def __init__(self, why: str, retry_after_seconds: int | None = None) -> None:
        super().__init__(why)
        self.retry_after_seconds = retry_after_seconds


class Never(ChannelError):
    """Refused for good: this number, or this text, is not possible. `code` is the provider's."""

    def __init__(self, code: str, why: str = "") -> None:
        super().__init__(why or code)
        self.code = code


class Unclear(ChannelError):
    """The provider may or may not have it: it is looked for before it is sent again."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Accepted; `sid` is the provider's name for the text."""

    sid: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text that came in, as a provider tells us of it."""

    provider_sid: str
    phone: str
    body: str


class SmsChannel(Protocol):
    """One way for texts to leave the house. `delivers` is False when there is none."""

    name: str
    delivers: bool

    def send(self, to: str, body: str, message_id: str) -> Sent:
        """Hand one text over. Raises TryLater, Never or Unclear."""
        ...

    def find(self, message_id: str, to: str, since: datetime) -> Sent | None:
        """The text that was accepted for `message_id` since then. Raises TryLater when nobody can say."""
        ...
