"""Somebody is on the phone: what they hear, and what the key does that they press."""

from __future__ import annotations

import logging

from jinja2 import TemplateError

from dispatch.callbacks.actions import promise_callback
from dispatch.callbacks.queries import list_for_visit
from dispatch.errors import DispatchError
from dispatch.events import CallbackPromised
from dispatch.plans.turns import take_turn
from dispatch.recoveries.choices import choose
from dispatch.recoveries.queries import find_open
from dispatch.visits.queries import get_visit
from dispatch.work import Actor, Work
from notifications.calls.claiming import is_idle
from notifications.calls.ending import hang_up, hear, miss, move
from notifications.calls.port import Page
from notifications.calls.reports import is_machine, known_call
from notifications.calls.rules import Key, read_key
from notifications.calls.states import CallState, Signal
from notifications.calls.tables import Call
from notifications.languages import known_language
from notifications.messages import CALLBACK_PROMISED, SETTLED, SPOKEN, read_question
from notifications.outbox.queries import get_message
from notifications.outbox.queueing import queue, to_customer
from notifications.outbox.tables import Message
from notifications.render import Writer

LOG = logging.getLogger("makegood.calls")
MOST_PAGES = 12
HOW = "call"
CAN_STILL_ANSWER = (CallState.TALKING, CallState.HUNG_UP, CallState.HANDED_OVER)


def pick_up(work: Work, call_id: str, sid: str, answered_by: str = "") -> None:
    """The provider asks what to say. A machine that answered is told nothing: it is no person."""
    call = known_call(work, call_id, sid)
    if call is None:
        return
    if is_machine(answered_by):
        miss(work, call, answered_by)
        return
    if move(work, call, Signal.PICK_UP):
        call.page_at, call.ended_at = work.now, None


def press(work: Work, call_id: str, sid: str, saying_id: str, digits: str) -> None:
    """A key, or none to the end, after `saying_id` was said. Told again, or about what is over, it does nothing.

    First the day's turn, then the call: so does whoever settles it from another side while somebody is on the phone.
    """
    found = work.session.get(Call, call_id)
    if found is None:
        return
    take_turn(work, get_visit(work.session, found.visit_id).territory_id)
    call = known_call(work, call_id, sid)
    if call is None or call.saying_id != saying_id or call.state not in CAN_STILL_ANSWER:
        return
    call.page_at, call.pages = work.now, call.pages + 1
    work.session.add(call)
    message = get_message(work.session, saying_id)
    is_over = is_idle(work, call, message)
    key = read_key(digits, {} if is_over or not message.question else read_question(message.question))
    if key == Key.NONE and is_over:
        move(work, call, Signal.WITHDRAW)
    elif key == Key.NONE:
        hear(work, call)
    elif key != Key.AGAIN:
        _act(work, call, message, key)
    elif call.pages >= MOST_PAGES:
        hang_up(work, call)


def _act(work: Work, call: Call, message: Message, key: str) -> None:
    """The same as the digit of a text; what is refused in the meantime is for a person."""
    visit = get_visit(work.session, call.visit_id)
    work.actor = Actor("customer", visit.customer_id)
    hear(work, call)
    recovery = find_open(work.session, visit.id)
    try:
        with work.whole_or_nothing():
            if key != Key.PERSON:
                choose(work, message.recovery_id or "", key, how=HOW)
                return
            if recovery:
                choose(work, recovery.id, "person", how=HOW)
            else:
                _promise(work, call, message)
    except DispatchError:
        _promise(work, call, message)
    _say_who_rings(work, call)


def _promise(work: Work, call: Call, message: Message) -> None:
    promise_callback(
        work,
        territory_id=message.params["territory_id"],
        about="customer_asked",
        visit_id=call.visit_id,
        phone=call.phone,
    )


def _say_who_rings(work: Work, call: Call) -> None:
    """Promised now, it is told as every such promise; promised before, it is said again."""
    if any(isinstance(fact, CallbackPromised) and fact.visit_id == call.visit_id for fact in work.facts):
        return
    visit = get_visit(work.session, call.visit_id)
    waiting = [one for one in list_for_visit(work.session, visit.id) if one.done_at is None]
    queue(
        work,
        CALLBACK_PROMISED,
        to_customer(work, visit),
        visit=visit,
        round=f"{call.id}:{call.pages}",
        params={"callback_id": waiting[-1].id},
        direct=True,
    )


def page_of(work: Work, call_id: str, sid: str, writer: Writer) -> Page | None:
    """What is to be said now, by the rows; None when there is nobody to say it to."""
    call = work.session.get(Call, call_id)
    if call is None or call.provider_sid != sid:
        return None
    message = get_message(work.session, call.saying_id)
    language = known_language(message.language)
    if call.state is not CallState.TALKING:
        ended = call.state in (CallState.TOLD, CallState.WITHDRAWN, CallState.HUNG_UP)
        words = writer.phrase(language, "goodbye")
        return Page(call.id, call.saying_id, language, words, listens=False) if ended else None
    kind = SETTLED if is_idle(work, call, message) else SPOKEN[f"spoken_{message.purpose}"]
    try:
        return Page(call.id, call.saying_id, language, writer.say(work, message, kind))
    except (TemplateError, DispatchError) as error:
        LOG.error("call %s cannot say %s: %s", call.id, message.purpose, error)
        return None  # hung up, not heard: a person has it
