"""When a machine may ring, whether once more, and what a key means. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from notifications.consent import IN, SPEAK_OF_CALLS
from notifications.messages import Kind

ONCE_MORE_AFTER = timedelta(minutes=5)
MOST_TRIES = 2

# A landline, or a phone that no text reaches. Not 21211: that is no number, and nobody would pick up.
CANNOT_BE_TEXTED = frozenset({"21612", "21614", "21635"})
LANDLINE = "landline"  # known as one from its number alone
BLOCKED = "30004"  # its owner, or their carrier, wants none of us: that is for a person


def may_help(kind: Kind, reason: str) -> bool:
    """Whether a call can say what this text could not: bad news of today, to a phone that rings and takes no texts."""
    what, _, code = reason.partition(":")
    if not kind.is_called:
        return False
    if what == LANDLINE:
        return True
    return code in CANNOT_BE_TEXTED if what == "rejected" else what == "undelivered" and code != BLOCKED


def may_call(state: str | None, words: str) -> bool:
    """Nobody is rung by a machine who did not agree to words that speak of calls."""
    return state == IN and words in SPEAK_OF_CALLS


def next_try_at(number: int, now: datetime, deadline_at: datetime) -> datetime | None:
    """When to ring once more after try `number` was missed; None if a person is to ring instead."""
    at = now + ONCE_MORE_AFTER
    return at if number < MOST_TRIES and at < deadline_at else None


class Key(StrEnum):
    """What a key means beside the choices of a question."""

    NONE = "none"
    AGAIN = "again"
    PERSON = "person"


def read_key(digits: str, choices: Mapping[int, str]) -> str:
    """The choice that was pressed, or a Key: 0 and 4 are a person, no key at all is a message heard to its end."""
    if not digits:
        return Key.NONE
    if digits in ("0", "4"):
        return Key.PERSON
    return choices.get(int(digits), Key.AGAIN) if digits.isascii() and digits.isdecimal() else Key.AGAIN
