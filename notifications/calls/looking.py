"""Calls of which only the provider knows more: looked for in its log before anybody rings again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.work import Work
from notifications.calls.ending import miss, move
from notifications.calls.placing import adopt
from notifications.calls.port import LoggedCall, VoiceChannel
from notifications.calls.queries import STILL_LISTENING, list_known, list_on_the_line, take_call
from notifications.calls.reports import take_in
from notifications.calls.states import CallState, Signal
from notifications.calls.tables import Call
from notifications.channels.port import TryLater

FIRST_LOOK = SECOND_LOOK = timedelta(seconds=60)  # since the request, and since the first clean look
LOOK_AGAIN = timedelta(seconds=15)  # when the look said nothing
SILENT = timedelta(seconds=120)  # a call of which no report came for so long
SEEN_NOWHERE = "not found once"


@dataclass(frozen=True, slots=True)
class Doubt:
    call_id: str
    phone: str
    started_at: datetime


def list_doubts(work: Work) -> list[Doubt]:
    """Calls that are unknown, or of which nothing was heard for a while, and that it is time to look for."""
    return [
        Doubt(call.id, call.phone, call.started_at)
        for call in list_on_the_line(work.session)
        if call.started_at and _is_time_to_look(call, call.started_at, work.now)
    ]


def _is_time_to_look(call: Call, started_at: datetime, now: datetime) -> bool:
    if call.state is CallState.UNKNOWN:
        wait, first = (SECOND_LOOK if call.detail == SEEN_NOWHERE else LOOK_AGAIN), started_at + FIRST_LOOK
    else:
        wait, first = SECOND_LOOK, max(started_at + SILENT, (call.page_at or started_at) + STILL_LISTENING)
    return now >= first and (call.looked_at is None or now - call.looked_at >= wait)


def look(channel: VoiceChannel, doubt: Doubt) -> Sequence[LoggedCall] | None:
    """What the provider has for that phone since then; None when it cannot say."""
    try:
        return channel.log(doubt.phone, doubt.started_at)
    except TryLater:
        return None


def resolve(work: Work, doubt: Doubt, log: Sequence[LoggedCall] | None) -> None:
    """Ours is the call of that sid, else one to that phone that no other row has: a second call is worse than none.

    Not there at the second clean look, no phone rang: the next try may.
    """
    call = take_call(work.session, doubt.call_id)
    if call is None or call.state not in (CallState.UNKNOWN, CallState.RINGING, CallState.TALKING):
        return
    call.looked_at = work.now
    work.session.add(call)
    if log is None:
        return
    known = list_known(work.session, [one.sid for one in log])
    ours = [
        one for one in log if one.sid == call.provider_sid or (not call.provider_sid and one.sid not in known)
    ]
    if ours:
        adopt(work, call, ours[-1].sid)
        move(work, call, Signal.ACCEPT)
        take_in(work, call, ours[-1].status)
    elif call.state is CallState.UNKNOWN and call.detail == SEEN_NOWHERE:
        miss(work, call, "not found twice")
    elif call.state is CallState.UNKNOWN:
        call.detail = SEEN_NOWHERE
