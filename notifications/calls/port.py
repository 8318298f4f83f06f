"""What calls ask of whoever rings phones. It goes wrong in the same four ways as a text: see channels/port.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class ToRing:
    """A phone to ring, and our own id of the call: pages are asked for, and reports come, by it."""

    to: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Placed:
    """Accepted; `sid` is the provider's name for the call."""

    sid: str


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """A call as it stands in the provider's own log; `status` in the provider's words."""

    sid: str
    status: str


@dataclass(frozen=True, slots=True)
class Page:
    """What is said next. One that `listens` waits for a key, and for none, and tells which matter it was about."""

    call_id: str
    saying_id: str
    language: str
    words: str
    listens: bool = True


class Standing(StrEnum):
    """What the provider lets us do with the number that phones are to show."""

    RINGS = "rings"  # it is ours, and calls may come from it
    SHOWN = "shown"  # another one's, and its owner has agreed that phones show it
    SILENT = "silent"  # it is ours, and takes no calls
    STRANGE = "strange"  # the account does not know it


class VoiceChannel(Protocol):
    """One way to ring a phone. `delivers` is False when there is none."""

    name: str
    delivers: bool

    def place(self, call: ToRing) -> Placed:
        """Ring that phone. Raises TryLater, Misconfigured, Never or Unclear."""
        ...

    def log(self, to: str, since: datetime) -> Sequence[LoggedCall]:
        """All calls of ours to that phone since then. Raises TryLater when nobody can say."""
        ...


@runtime_checkable
class VoiceProvider(VoiceChannel, Protocol):
    """A channel whose other end asks us what to say."""

    def markup(self, page: Page | None) -> str:
        """What to say, as the provider reads it; None hangs up."""
        ...

    def standing(self) -> Standing:
        """Whether calls may come from our number. Raises as `place` does."""
        ...
