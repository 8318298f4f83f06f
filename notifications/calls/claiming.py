"""Taking due calls: judged once more by the texts' own rules, and committed before any phone rings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.work import Work
from notifications.calls.ending import give_to_person, move
from notifications.calls.queries import list_ripe, list_tries, take_call
from notifications.calls.rules import may_call
from notifications.calls.states import CallState, Signal
from notifications.calls.tables import Call
from notifications.consent import consent_of
from notifications.hours import next_opening
from notifications.outbox.claiming import why_stale
from notifications.outbox.lane import get_lane
from notifications.outbox.queries import get_message
from notifications.outbox.queueing import hours_of, visit_of
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Message
from notifications.witness.queries import is_held

BATCH = 10


@dataclass(frozen=True, slots=True)
class Claimed:
    """What its holder may place, once; `fence` is the right to write down what came of it."""

    call_id: str
    fence: str
    phone: str
    started_at: datetime


def claim(work: Work, limit: int = BATCH) -> list[Claimed]:
    """Up to `limit` due calls, the most pressing ones; nobody else gets the same. None while sending is stopped."""
    if get_lane(work.session).stopped_at or is_held(work.session):
        return []
    taken = [_prepare(work, call_id) for call_id in list_ripe(work.session, work.now, limit)]
    return [claimed for claimed in taken if claimed]


def _prepare(work: Work, call_id: str) -> Claimed | None:
    call = take_call(work.session, call_id)
    if call is None or call.state is not CallState.WAITING:
        return None
    message = get_message(work.session, call.message_id)
    if is_idle(work, call, message):
        move(work, call, Signal.WITHDRAW)
        return None
    why_not = _why_not(work, message)
    if why_not:
        give_to_person(work, call, why_not)
        return None
    call.fence, call.started_at = work.chance.salt(), work.now
    move(work, call, Signal.CLAIM)
    work.session.flush()
    return Claimed(call.id, call.fence, call.phone, work.now)


def is_idle(work: Work, call: Call, message: Message) -> bool:
    """A newer truth was told or will be, or another try of the same call has reached somebody."""
    tries = list_tries(work.session, call.message_id)
    reached = (CallState.TALKING, CallState.TOLD)
    if any(other.id != call.id and other.state in reached for other in tries):
        return True
    if message.state is MessageState.DELIVERED:  # reported as lost first
        return True
    return why_stale(work, message, visit_of(work, message)) is not None


def _why_not(work: Work, message: Message) -> str | None:
    """A machine rings with the same consent and in the same hours as it would text, and never in the night."""
    if not may_call(*consent_of(work.session, message.phone)):
        return "no_consent"
    hours = hours_of(work, message, visit_of(work, message))
    return None if next_opening(work.now, hours) == work.now else "quiet_hours"
