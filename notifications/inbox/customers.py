"""What customers ask for by text, carried out through the same actions as from their page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dispatch.access.invitations import invite
from dispatch.callbacks.queries import list_for_visit
from dispatch.errors import DispatchError
from dispatch.events import CallbackPromised, Fact, FailureNoticed
from dispatch.failures.reports import report_nobody_came
from dispatch.recoveries.choices import choose
from dispatch.recoveries.queries import find_open
from dispatch.territories.queries import get_territory
from dispatch.visits.queries import find_by_reference
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.wishes.actions import answer_sooner
from dispatch.work import Work
from notifications import messages
from notifications.consent import OUT, consent_state, give_consent, plain_words
from notifications.inbox.answers import Letter, answer, call, said_lately, to_inbox
from notifications.inbox.parse import Intent


def serve(work: Work, letter: Letter) -> str:
    """What the text brought about, in a few words; whatever is refused or unclear is for a person to read."""
    act = _ACTS.get(letter.reply.intent)
    if act is None or (letter.person.visit is None and letter.reply.intent in _ABOUT_A_VISIT):
        return to_inbox(work, letter)
    try:
        with work.whole_or_nothing():
            return act(work, letter)
    except DispatchError as refused:
        return f"{to_inbox(work, letter)} ({refused.code})"


def _choose(work: Work, letter: Letter) -> str:
    """Apply the answer to the one question that it answers; with two open, ask which."""
    question, digit, text = letter.reply.question, letter.reply.digit, letter.text
    if question is None or digit is None:
        return _clarify(work, letter)
    if consent_state(work, text.phone) == OUT:
        give_consent(work, text.phone, "sms", plain_words(text.body))
    visit = find_by_reference(work.session, question.reference)
    text.visit_id = visit.id if visit else text.visit_id
    choice = question.choices[digit]
    if question.sooner_offer_id:
        offer = answer_sooner(work, question.sooner_offer_id, take=choice == "take", how="sms")
        return f"earlier time: {offer.state}"
    if choice == "person":
        return _ask_for_person(work, letter, question.recovery_id)
    choose(work, question.recovery_id, choice, how="sms")
    return f"chose {choice}"


def _clarify(work: Work, letter: Letter) -> str:
    visits = [find_by_reference(work.session, one.reference) for one in letter.person.questions]
    ids = [visit.id for visit in visits if visit]
    answer(work, letter, messages.CHOOSE_CLARIFY, visit_ids=ids)
    return "asked which visit"


def _nobody_came(work: Work, letter: Letter) -> str:
    """Take their word for it. A new failure is told by its recovery; else say what we know."""
    visit = _visit(letter)
    try:
        with work.whole_or_nothing():
            report_nobody_came(work, visit.id, how="sms")
    except DispatchError as refused:
        if visit.state is VisitState.DONE:
            call(work, letter, about="contested")
        else:
            answer(work, letter, messages.NOBODY_CAME_ANSWER)
        return f"nobody came: {refused.code}"
    if not _happened(work, FailureNoticed, visit.id):
        answer(work, letter, messages.NOBODY_CAME_ANSWER)
    return "nobody came"


def _late(work: Work, letter: Letter) -> str:
    answer(work, letter, messages.RUNNING_LATE_ANSWER)
    return "told what we expect"


def _change(work: Work, letter: Letter) -> str:
    answer(work, letter, messages.CHANGE_ANSWER)
    return "sent the link"


def _human(work: Work, letter: Letter) -> str:
    """A person rings; in an open recovery that is the customer's choice."""
    visit = letter.person.visit
    recovery = find_open(work.session, visit.id) if visit else None
    if recovery:
        return _ask_for_person(work, letter, recovery.id)
    callback = call(work, letter, about="customer_asked")
    if callback.inbound_id != letter.text.id:  # promised before: say it again
        answer(work, letter, messages.INBOX_ACK, callback_id=callback.id)
    return "a person rings"


def send_booking_link(work: Work, letter: Letter) -> str:
    """A link of their own to book with, one in ten minutes; a stranger's in the language of their word for it."""
    if said_lately(work, letter.text.phone, messages.BOOKING_LINK):
        return "has a link to book with"
    if letter.person.customer is None:
        letter = replace(letter, to=replace(letter.to, language=letter.reply.language))
    territory = get_territory(work.session, letter.to.territory_id)
    invitation = invite(work, territory, phone=letter.text.phone)
    answer(work, letter, messages.BOOKING_LINK, invitation_id=invitation.id)
    return "sent a link to book with"


def _ask_for_person(work: Work, letter: Letter, recovery_id: str) -> str:
    recovery = choose(work, recovery_id, "person", how="sms")
    if not _happened(work, CallbackPromised, recovery.visit_id):  # promised before: say it again
        calls = [one for one in list_for_visit(work.session, recovery.visit_id) if one.done_at is None]
        answer(work, letter, messages.INBOX_ACK, callback_id=calls[-1].id)
    return "chose person"


def _happened(work: Work, kind: type[Fact], visit_id: str) -> bool:
    return any(isinstance(fact, kind) and fact.visit_id == visit_id for fact in work.facts)


def _visit(letter: Letter) -> Visit:
    assert letter.person.visit is not None
    return letter.person.visit


_ABOUT_A_VISIT = frozenset({Intent.NOBODY_CAME, Intent.LATE_QUESTION, Intent.CHANGE})
_ACTS: dict[Intent, Callable[[Work, Letter], str]] = {
    Intent.ANSWER: _choose,
    Intent.NOBODY_CAME: _nobody_came,
    Intent.LATE_QUESTION: _late,
    Intent.CHANGE: _change,
    Intent.HUMAN: _human,
    Intent.BOOK: send_booking_link,
}
