"""What the outbox asks of whoever carries texts, and the four ways in which that can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable


class ChannelError(Exception):
    """A text was not accepted, or nobody knows."""


class TryLater(ChannelError):
    """Certainly not accepted; the same text may be tried again."""

    def __init__(self, why: str, retry_after_seconds: int | None = None) -> None:
        super().__init__(why)
        self.retry_after_seconds = retry_after_seconds


class Misconfigured(TryLater):
    """Not accepted, and no other text will be until somebody mends our account or settings."""


class Never(ChannelError):
    """Refused for good: this number, or this text, is not possible. `code` is the provider's."""

    def __init__(self, code: str, why: str = "") -> None:
        super().__init__(why or code)
        self.code = code


class Unclear(ChannelError):
    """The provider may or may not have it: it is looked for before it is sent again."""


@dataclass(frozen=True, slots=True)
class Outbound:
    """A text that leaves the house; after `validity_seconds` nobody is to deliver it any more."""

    to: str
    body: str
    message_id: str
    validity_seconds: int


@dataclass(frozen=True, slots=True)
class Pace:
    """What our sender may send, all of our processes together; of a day's segments 0 is without limit."""

    segments_per_second: float
    segments_per_day: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """Accepted; `sid` is the provider's name for the text."""

    sid: str


@dataclass(frozen=True, slots=True)
class Logged:
    """A text as it stands in the provider's own log."""

    sid: str
    body: str


class Direction(StrEnum):
    OUT = "out"  # from us
    IN = "in"  # from a phone's owner


@dataclass(frozen=True, slots=True)
class Passed:
    """A text that went through the provider, either way; `phone` is the other side's, `at` when it was taken."""

    direction: Direction
    sid: str
    phone: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider says became of a text: its word for it, and its code where something went wrong."""

    status: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text that came in, as a provider tells us of it; `is_answered` where it has already said what to say."""

    provider_sid: str
    phone: str
    body: str
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """What a provider says about our account with it; texts go out while `status` is active."""

    status: str
    is_trial: bool = False


Around = Callable[[str], AbstractContextManager[object]]
"""Held around each request to a provider, under a name that says what is asked and of whom it is not."""


class SmsChannel(Protocol):
    """One way for texts to leave the house. `delivers` is False when there is none; without `pace`, at any speed."""

    name: str
    delivers: bool
    pace: Pace | None

    def send(self, text: Outbound) -> Sent:
        """Hand one text over. Raises TryLater, Misconfigured, Never or Unclear."""
        ...

    def log(self, to: str, since: datetime) -> Sequence[Logged]:
        """All that was accepted for that phone since then, whoever sent it. Raises TryLater when nobody can say."""
        ...

    def look_up(self, sid: str) -> Report:
        """What became of that text so far. Raises TryLater when nobody can say."""
        ...

    def log_all(self, since: datetime) -> Iterator[Passed]:
        """Every text from and to our sender since then, newest first. Raises TryLater when nobody can say."""
        ...


@runtime_checkable
class Provider(SmsChannel, Protocol):
    """A channel whose other end calls us: with reports on our texts, and with texts of phone owners."""

    def account(self) -> Account:
        """What we are there. Raises a ChannelError when nobody can say, or knows us."""
        ...

    def is_signed(self, url: str, form: Mapping[str, Any], signature: str) -> bool:
        """Whether a request to `url` with that form is the provider's own."""
        ...

    def has_answered(self, body: str, opt_out_type: str) -> bool:
        """Whether the provider itself answers that text, so that we do not."""
        ...
