"""The only two places where a call takes over from a text: it cannot arrive, or its reader is on the phone."""

from __future__ import annotations

from datetime import datetime

from dispatch.events import CallQueued, CallSettled, MessageSettled
from dispatch.work import Work
from notifications.calls.queries import find_listening, list_tries
from notifications.calls.rules import may_call, may_help
from notifications.calls.states import CallState, Signal, step
from notifications.calls.tables import Call
from notifications.consent import consent_of
from notifications.messages import CATALOGUE, SPOKEN
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Audience, Message


def ring_instead(work: Work, message: Message, reason: str, about: str) -> bool:
    """Put down a call with what the text could not say, in time for the text's own deadline. False: a person rings."""
    if not may_help(CATALOGUE[message.purpose], reason) or message.audience is not Audience.CUSTOMER:
        return False
    if message.visit_id is None or work.now >= message.deadline_at:
        return False
    if not may_call(*consent_of(work, message.phone)):
        return False
    if not list_tries(work.session, message.id):
        put_down(work, message, number=1, due_at=work.now, about=about)
    return True


def put_down(work: Work, message: Message, *, number: int, due_at: datetime, about: str) -> Call:
    call = Call(
        id=work.new_id(),
        message_id=message.id,
        number=number,
        saying_id=message.id,
        visit_id=message.visit_id or "",
        phone=message.phone,
        about=about[:60],
        state=CallState.WAITING,
        queued_at=work.now,
        due_at=due_at,
        deadline_at=message.deadline_at,
    )
    work.session.add(call)
    work.session.flush()
    work.record(CallQueued(visit_id=call.visit_id, call_id=call.id, message_id=message.id))
    return call


def say_now(work: Work, message: Message) -> bool:
    """Whoever is on the phone about this visit hears it now and is sent no text."""
    if f"spoken_{message.purpose}" not in SPOKEN or message.audience is not Audience.CUSTOMER:
        return False
    call = find_listening(work.session, message.visit_id or "", work.now)
    if call is None or call.phone != message.phone:
        return False
    after = step(call.state, Signal.GO_ON)
    if after is not call.state:
        call.state = after
        work.record(CallSettled(visit_id=call.visit_id, call_id=call.id, outcome=after.value))
    call.saying_id, call.ended_at = message.id, None
    message.state, message.reason = MessageState.CALLED, "said_in_call"
    work.session.add_all([call, message])
    work.session.flush()
    work.record(
        MessageSettled(visit_id=message.visit_id, message_id=message.id, outcome=MessageState.CALLED.value)
    )
    return True
