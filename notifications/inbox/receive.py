"""A text came in: written down first, understood, acted upon, answered. One effect for one text, for ever."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy.exc import IntegrityError

from dispatch.events import TextReceived
from dispatch.ledger import commit_to
from dispatch.technicians.signs_of_life import hear_from
from dispatch.technicians.tables import Technician
from dispatch.work import SYSTEM, Work, Workshop
from notifications import messages
from notifications.consent import (
    OUT,
    Word,
    consent_state,
    give_consent,
    plain_words,
    read_word,
    withdraw_consent,
)
from notifications.inbox.answers import Letter, call, confirm, to_inbox
from notifications.inbox.customers import serve
from notifications.inbox.parse import Intent, parse, read_technician
from notifications.inbox.queries import find_by_sid, list_waiting, take_inbound
from notifications.inbox.tables import InboundText
from notifications.inbox.who import recognise
from notifications.outbox.queueing import UNTOLD

A_PHONE = re.compile(r"\+[1-9]\d{5,14}")
UNANSWERABLE, NO_OFFICE = "kept: nobody who could be answered", "kept: there is no office yet"
MOST_TRIES = 3
AT_ONCE = timedelta(seconds=2)  # whoever keeps a text acts on it; only then it is for the sweep


def receive(
    work: Work, *, provider_sid: str, phone: str, body: str, is_answered: bool = False
) -> InboundText:
    """Kept and acted on in one Work: for those who come again with the same text when that fails."""
    text = keep(work, provider_sid=provider_sid, phone=phone, body=body, is_answered=is_answered)
    act_on(work, text.id)
    return text


def keep(work: Work, *, provider_sid: str, phone: str, body: str, is_answered: bool = False) -> InboundText:
    """The row of this text, written the first time that `provider_sid` is seen, and only then.

    Where the provider has answered, we only note what was said.
    """
    text = InboundText(
        id=work.new_id(),
        provider_sid=provider_sid,
        phone=phone[:20],
        body="".join(sign for sign in body if sign != "\x00" and not "\ud800" <= sign <= "\udfff")[:1600],
        salt=work.chance.salt(),
        received_at=work.now,
        intent=Intent.FREE.value,
        effect="",
        is_answered=is_answered,
    )
    try:
        with work.session.begin_nested():
            work.session.add(text)
    except IntegrityError:  # of two deliveries, the unique sid lets only one in
        return find_by_sid(work.session, provider_sid)
    return text


def act_on(work: Work, inbound_id: str) -> None:
    """What that text brings about, once. From here on the work's actor is whoever wrote."""
    text = take_inbound(work.session, inbound_id)
    if text.effect:
        return
    text.effect = (_effect(work, text) if A_PHONE.fullmatch(text.phone) else UNANSWERABLE)[:120]
    work.session.add(text)


def act_on_waiting(workshop: Workshop) -> int:
    """Act on texts that were kept and, because somebody died or a database was away, nothing more; how many."""
    with workshop.read() as read:
        waiting = list_waiting(read.session, before=read.now - AT_ONCE)
    for inbound_id in waiting:
        with workshop.work(SYSTEM, "text tried again") as work:
            text = take_inbound(work.session, inbound_id)
            text.tries += 1
            work.session.add(text)
        with workshop.work(SYSTEM, "text received") as work:
            act_on(work, inbound_id)
    return len(waiting)


def _effect(work: Work, text: InboundText) -> str:
    person = recognise(work, text.phone)
    opted_out = consent_state(work, text.phone) == OUT
    reply = parse(text.body, person.questions, opted_out=opted_out)
    text.intent, text.visit_id = reply.intent.value, person.visit.id if person.visit else None
    effect = NO_OFFICE
    if person.to:
        work.actor = person.actor
        letter = Letter(text, person, reply, person.to, text.is_answered)
        effect = _act(work, letter) if text.tries <= MOST_TRIES else to_inbox(work, letter)
    commitment = commit_to(text.salt, text.phone, text.body)
    work.record(
        TextReceived(visit_id=text.visit_id, inbound_id=text.id, intent=text.intent, commitment=commitment)
    )
    return effect


def _act(work: Work, letter: Letter) -> str:
    """STOP, START and HELP mean the same from every phone; the rest depends on whose it is."""
    intent, person = letter.reply.intent, letter.person
    if intent is Intent.STOP:
        return _stop(work, letter)
    if intent is Intent.START:
        return _start(work, letter)
    if intent is Intent.HELP:
        confirm(work, letter, messages.HELP)
        return "help"
    if person.technician:
        return _technician(work, letter, person.technician)
    if person.customer or intent is Intent.BOOK:
        return serve(work, letter)
    return to_inbox(work, letter, messages.STRANGER)


def _stop(work: Work, letter: Letter) -> str:
    """No text from now on, but the one that says so. The visit stays; a person asks how to go on without texts."""
    text, words = letter.text, plain_words(letter.text.body)
    already = consent_state(work, text.phone) == OUT
    in_own_words = read_word(text.body) is Word.WISH
    withdraw_consent(work, text.phone, "sms_wish" if in_own_words else "sms", words)
    if not already:
        confirm(work, letter, messages.STOP_CONFIRM)
    if letter.person.visit or in_own_words:
        call(work, letter, about=f"{UNTOLD}{'may_cancel' if words == 'cancel' else 'opted_out'}")
    return "no more texts"


def _start(work: Work, letter: Letter) -> str:
    """Back in, for those who had stopped or are known to us; nothing old is sent."""
    phone = letter.text.phone
    if not letter.person.is_known and consent_state(work, phone) is None:
        return to_inbox(work, letter, messages.STRANGER)
    give_consent(work, phone, "sms", plain_words(letter.text.body))
    confirm(work, letter, messages.START_CONFIRM)
    return "texts again"


def _technician(work: Work, letter: Letter, technician: Technician) -> str:
    """Any sign of life counts; what is not a plain answer is also read by a person."""
    said = read_technician(letter.text.body)
    hear_from(work, technician, said)
    return to_inbox(work, letter) if said == "texted" else f"technician: {said}"
