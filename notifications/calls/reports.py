"""What the provider reports about a call, in any order and as often as it likes."""

from __future__ import annotations

import logging

from dispatch.work import Work
from notifications.calls.ending import hang_up, miss, move
from notifications.calls.placing import adopt
from notifications.calls.queries import find_by_sid, take_call
from notifications.calls.states import Signal
from notifications.calls.tables import Call

LOG = logging.getLogger("makegood.calls")
UNDER_WAY = frozenset({"queued", "initiated", "ringing", "in-progress"})
IN_VAIN = frozenset({"busy", "no-answer", "failed", "canceled"})


def report(work: Work, call_id: str, sid: str, status: str, answered_by: str = "") -> bool:
    """False, and nothing written, for an unknown word or call, one never placed, or the sid of another one."""
    call = known_call(work, call_id, sid)
    word = status.strip().lower()
    if call is None or word not in UNDER_WAY | IN_VAIN | {"completed"}:
        return False
    if word in UNDER_WAY:
        move(work, call, Signal.ACCEPT)
    take_in(work, call, word, answered_by)
    return True


def known_call(work: Work, call_id: str, sid: str) -> Call | None:
    """The call that whoever speaks for `sid` may speak of."""
    owner = find_by_sid(work.session, sid) if sid else None
    call = take_call(work.session, call_id or (owner.id if owner else ""))
    if not sid or call is None or call.started_at is None or (owner and owner.id != call.id):
        return None
    if not adopt(work, call, sid):
        LOG.error("%s calls itself call %s, which is another one", sid, call.id)
        return None
    return call


def take_in(work: Work, call: Call, word: str, answered_by: str = "") -> None:
    """The end of a call, if that is the word for one."""
    if word in IN_VAIN or (word == "completed" and is_machine(answered_by)):
        miss(work, call, word if word in IN_VAIN else answered_by)
    elif word == "completed":
        hang_up(work, call)
    if word not in UNDER_WAY:
        call.ended_at = call.ended_at or work.now
        work.session.add(call)


def is_machine(answered_by: str) -> bool:
    return answered_by.startswith(("machine", "fax"))
