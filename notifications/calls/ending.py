"""Every step of a call along its arrows, and who has the matter when no call has told it."""

from __future__ import annotations

from dispatch.events import CallSettled
from dispatch.recoveries.actions import note_told
from dispatch.work import Work
from notifications.calls.beginning import put_down
from notifications.calls.queries import list_tries
from notifications.calls.rules import next_try_at
from notifications.calls.states import LIVE, CallState, Signal, step
from notifications.calls.tables import Call
from notifications.messages import CATALOGUE
from notifications.outbox.queries import get_message
from notifications.outbox.queueing import ask_person

TELLING = frozenset(
    {CallState.RINGING, CallState.TOLD, CallState.MISSED, CallState.HUNG_UP, CallState.HANDED_OVER}
)


def move(work: Work, call: Call, signal: Signal) -> bool:
    """The only writer of a call's state. False when the signal came late or twice and changed nothing."""
    after = step(call.state, signal)
    if after is call.state:
        return False
    call.state = after
    work.session.add(call)
    if after in TELLING:
        work.record(CallSettled(visit_id=call.visit_id, call_id=call.id, outcome=after.value))
    return True


def miss(work: Work, call: Call, why: str) -> None:
    """Nobody heard it: once more a little later if that is still in time, then a person."""
    if not move(work, call, Signal.MISS):
        return
    call.detail, call.ended_at = why[:200], work.now
    newest = list_tries(work.session, call.message_id)[-1]
    at = next_try_at(call.number, work.now, call.deadline_at)
    if newest.id == call.id and call.saying_id == call.message_id and at:
        message = get_message(work.session, call.message_id)
        put_down(work, message, number=call.number + 1, due_at=at, about=call.about)
    else:
        _ask(work, call)


def hang_up(work: Work, call: Call) -> None:
    """Picked up and not heard to the end: nobody is rung by a machine again for that."""
    if move(work, call, Signal.HANG_UP):
        call.ended_at = work.now
        _ask(work, call)


def give_to_person(work: Work, call: Call, why: str) -> None:
    if move(work, call, Signal.HAND_OVER):
        call.detail, call.ended_at = why[:200], work.now
        _ask(work, call)


def hear(work: Work, call: Call) -> None:
    """Told: by a voice, and as good as a text that was accepted."""
    message = get_message(work.session, call.saying_id)
    if move(work, call, Signal.HEAR):
        call.ended_at = work.now
        if message.recovery_id and CATALOGUE[message.purpose].notice:
            note_told(work, message.recovery_id)


def _ask(work: Work, call: Call) -> None:
    """A named person, unless another try goes on or has told it; what was left half-said is theirs too."""
    others = [one for one in list_tries(work.session, call.message_id) if one.id != call.id]
    if not any(one.state in LIVE or one.state is CallState.TOLD for one in others):
        ask_person(work, get_message(work.session, call.saying_id), call.about)
