"""One text of the provider's log that our record does not know: ours after all, to be taken in, or lost."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from dispatch.callbacks.actions import promise_callback
from dispatch.customers.queries import list_by_phone
from dispatch.technicians.queries import find_by_phone
from dispatch.territories.queries import get_territory, list_territories
from dispatch.visits.queries import find_by_reference
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications.channels.port import Direction, Passed
from notifications.consent import Word, read_word
from notifications.hours import next_opening, urgent_hours
from notifications.inbox.receive import A_PHONE, receive
from notifications.inbox.tables import Consent, InboundText
from notifications.inbox.who import recognise
from notifications.messages import CATALOGUE
from notifications.outbox.queries import find_by_sid, take_message
from notifications.outbox.sending import found_at_provider
from notifications.outbox.tables import Message
from notifications.render import Writer
from notifications.witness.queries import is_held, list_candidates
from notifications.witness.recognise import is_that_text
from notifications.witness.rules import could_be, references_in
from notifications.witness.tables import LostPromise

ABOUT = "lost_promise"


class Outcome(StrEnum):
    """What became of a text in the log."""

    KNOWN = "known"  # since somebody else took it in meanwhile
    ADOPTED = "adopted"  # a message of ours, which is not sent again
    LOST = "lost"  # for a person
    TAKEN_IN = "taken_in"  # a word about our texts, which counts from now on
    STRANGE = "strange"  # about no visit, or nothing that matters


def take_in(work: Work, writer: Writer, text: Passed, began: datetime) -> Outcome:
    """`began` is when this run began: what somebody said about our texts since `text.at` and before that is newer."""
    if work.session.get(LostPromise, text.sid):
        return Outcome.KNOWN
    return _received(work, text, began) if text.direction is Direction.IN else _sent(work, writer, text)


def _sent(work: Work, writer: Writer, text: Passed) -> Outcome:
    if find_by_sid(work.session, text.sid):
        return Outcome.KNOWN
    message = _find_ours(work, writer, text)
    if message:
        found_at_provider(work, message, text.sid, text.body)
        return Outcome.ADOPTED
    if find_by_sid(work.session, text.sid):  # while we waited for the row
        return Outcome.KNOWN
    named = references_in(text.body)
    if not named:
        return Outcome.STRANGE
    known = {one: find_by_reference(work.session, one) for one in named}
    reference = next((one for one in named if known[one]), named[0])
    is_customers = find_by_phone(work.session, text.phone) is None
    return lose(work, text, reference=reference, visit=known[reference], asks_a_person=is_customers)


def _find_ours(work: Work, writer: Writer, text: Passed) -> Message | None:
    """The message that this text is. One that was queued later can only be it where a restore came in between."""
    held = is_held(work.session)
    for message_id in list_candidates(work.session, text.phone):
        one = take_message(work.session, message_id)
        if one is None or one.provider_sid is not None:  # its sender, or another run, was quicker
            continue
        if not could_be(CATALOGUE[one.purpose], one.queued_at, text.at, written_anew=held):
            continue
        if is_that_text(work, writer, one, body=text.body, at=text.at):
            return one
    return None


def _received(work: Work, text: Passed, began: datetime) -> Outcome:
    """STOP and START count however late we hear of them. What asks for an answer is for a person: the question to
    which it belonged may be another one by now."""
    if work.session.exec(select(InboundText.id).where(InboundText.provider_sid == text.sid)).first():
        return Outcome.KNOWN
    word = read_word(text.body)
    if word is Word.HELP or not A_PHONE.fullmatch(text.phone):
        return Outcome.STRANGE
    if word is None:
        person = recognise(work, text.phone)
        return lose(work, text, reference=None, visit=person.visit, asks_a_person=person.technician is None)
    if _said_since(work, text, began):
        return Outcome.STRANGE
    receive(work, provider_sid=text.sid, phone=text.phone, body=text.body, is_answered=True)
    return Outcome.TAKEN_IN


def _said_since(work: Work, text: Passed, began: datetime) -> bool:
    """Whether the phone's owner said something newer about our texts, of which we know already."""
    query = select(Consent.id).where(
        Consent.phone == text.phone, col(Consent.at) > text.at, col(Consent.at) < began
    )
    return work.session.exec(query.limit(1)).first() is not None


def lose(
    work: Work, text: Passed, *, reference: str | None, visit: Visit | None, asks_a_person: bool
) -> Outcome:
    """Kept with its words, and a person rings by a named time; one call for all that one visit or phone has lost.

    Inserted first: of two runs at once only one goes on.
    """
    lost = LostPromise(
        sid=text.sid,
        direction=text.direction,
        phone=text.phone[:20],
        body=text.body[:1600],
        at=text.at,
        found_at=work.now,
        reference=reference,
        visit_id=visit.id if visit else None,
    )
    try:
        with work.session.begin_nested():
            work.session.add(lost)
    except IntegrityError:
        return Outcome.KNOWN
    territory_id = visit.territory_id if visit else _territory_of(work, text.phone)
    if asks_a_person and territory_id:
        zone = get_territory(work.session, territory_id).zone
        lost.callback_id = promise_callback(
            work,
            territory_id=territory_id,
            about=ABOUT,
            visit_id=lost.visit_id,
            phone=lost.phone,
            not_before=next_opening(work.now, urgent_hours(zone)),
        ).id
        work.session.add(lost)
    return Outcome.LOST


def _territory_of(work: Work, phone: str) -> str | None:
    """Where that phone's owner had their last visit, else the first office."""
    ids = [customer.id for customer in list_by_phone(work.session, phone)]
    query = select(Visit.territory_id).where(col(Visit.customer_id).in_(ids))
    newest = work.session.exec(query.order_by(col(Visit.booked_at).desc()).limit(1)).first()
    territories = list_territories(work.session)
    return newest or (territories[0].id if territories else None)
