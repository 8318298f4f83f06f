"""What came of asking the provider to ring: one request, then one short Work that writes it down."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from dispatch.work import Work
from notifications.calls.claiming import Claimed
from notifications.calls.ending import give_to_person, move
from notifications.calls.port import ToRing, VoiceChannel
from notifications.calls.queries import list_lost, take_call
from notifications.calls.rules import may_call
from notifications.calls.states import Signal
from notifications.calls.tables import Call
from notifications.channels.port import Misconfigured, Never, TryLater, Unclear
from notifications.consent import consent_of
from notifications.outbox.lane import get_lane

LOG = logging.getLogger("makegood.calls")
LONGEST_WAIT_SECONDS = 60
LEASE = timedelta(seconds=60)
TURN = timedelta(seconds=20)  # as for texts: with the longest request still within the lease


@dataclass(frozen=True, slots=True)
class Result:
    signal: Signal
    sid: str | None = None
    detail: str = ""
    retry_after_seconds: int | None = None

    @property
    def is_down(self) -> bool:
        return self.signal is Signal.PUT_OFF


def place(channel: VoiceChannel, claimed: Claimed) -> Result:
    """One request. What the channel says is sorted into what a call can do next."""
    try:
        placed = channel.place(ToRing(claimed.phone, claimed.call_id))
    except Misconfigured as ours:
        LOG.error("no phone is rung, %s refuses our settings: %s", channel.name, ours)
        return Result(Signal.PUT_OFF, None, str(ours))
    except TryLater as later:
        return Result(Signal.PUT_OFF, None, str(later), later.retry_after_seconds)
    except Never as never:
        return Result(Signal.HAND_OVER, None, f"refused:{never.code}")
    except Unclear as unclear:
        return Result(Signal.DOUBT, None, str(unclear))
    return Result(Signal.ACCEPT, placed.sid)


def why_not_now(work: Work, claimed: Claimed) -> str | None:
    """Read once more right before the request: its owner, or the office, may have said stop since the claim."""
    if get_lane(work.session).stopped_at:
        return "sending was stopped"
    if not may_call(*consent_of(work, claimed.phone)):
        return "opted out meanwhile"
    return "its turn came too late" if work.now - claimed.started_at > TURN else None


def settle(work: Work, claimed: Claimed, result: Result) -> bool:
    """Write what came of it. False, and nothing written, when the call is no longer this holder's."""
    call = take_call(work.session, claimed.call_id)
    if call is None or call.fence != claimed.fence:
        return False
    adopt(work, call, result.sid)
    if result.signal is Signal.HAND_OVER:
        give_to_person(work, call, result.detail)
    elif move(work, call, result.signal):
        call.detail = result.detail[:200]
        if result.signal is Signal.PUT_OFF:
            _back_off(work, call, result.retry_after_seconds)
    return True


def adopt(work: Work, call: Call, sid: str | None) -> bool:
    """The provider's name for the call, from whoever tells it first. False for the name of another one."""
    if sid and call.provider_sid is None:
        call.provider_sid = sid
        work.session.add(call)
    return sid in (None, call.provider_sid)


def _back_off(work: Work, call: Call, retry_after_seconds: int | None) -> None:
    call.refusals += 1
    wait = retry_after_seconds or min(2 ** min(call.refusals - 1, 10), LONGEST_WAIT_SECONDS)
    call.due_at = work.now + timedelta(seconds=wait)


def release_lost(work: Work) -> None:
    """Calls whose sender died: nobody knows whether a phone rings."""
    for call in list_lost(work.session, work.now - LEASE):
        call.detail = "the sender was lost"
        move(work, call, Signal.DOUBT)
