"""The life of one message, tolerant of repeats and of callbacks that come late."""

from __future__ import annotations

from enum import StrEnum


class MessageState(StrEnum):
    PENDING = "pending"  # a row, waiting for its time or for a channel
    SENDING = "sending"  # an attempt is in flight
    UNKNOWN = "unknown"  # the provider may or may not have it
    SENT = "sent"  # accepted
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    SUPPRESSED = "suppressed"  # withheld for a recorded reason
    HANDED_OVER = "handed_over"  # a named human has it
    CALLED = "called"  # told by voice instead


class Outcome(StrEnum):
    """What an attempt came to."""

    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"  # try later
    MISCONFIGURED = "misconfigured"  # the same, but nothing goes out until our settings are mended
    REJECTED = "rejected"  # never
    UNKNOWN = "unknown"


_S = MessageState

RANK: dict[MessageState, int] = {
    _S.PENDING: 0,
    _S.SENDING: 1,
    _S.UNKNOWN: 2,
    _S.SENT: 3,
    _S.UNDELIVERED: 4,
    _S.DELIVERED: 5,
}

AFTER_ATTEMPT: dict[Outcome, MessageState] = {
    Outcome.ACCEPTED: _S.SENT,
    Outcome.NOT_ACCEPTED: _S.PENDING,
    Outcome.MISCONFIGURED: _S.PENDING,
    Outcome.REJECTED: _S.HANDED_OVER,
    Outcome.UNKNOWN: _S.UNKNOWN,
}

FREE_TO_TRY = frozenset({Outcome.NOT_ACCEPTED, Outcome.MISCONFIGURED})
# Codes of reports: a queue, a phone that was off, no reason, too late; and held back by a carrier, for what it says
# or because the sender is not registered.
LOST_ON_ITS_WAY = frozenset({"30001", "30003", "30008", "30036"})
FILTERED = frozenset({"30007", "30034"})
FINAL = frozenset({_S.DELIVERED, _S.SUPPRESSED, _S.HANDED_OVER, _S.CALLED})


def after_callback(state: MessageState, told: MessageState) -> MessageState:
    """The state after the provider said `told`: only ever forwards, never out of a final state."""
    if state in FINAL or RANK.get(told, -1) <= RANK.get(state, 99):
        return state
    return told
