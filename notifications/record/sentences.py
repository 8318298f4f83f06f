"""Every code of texts as a sentence: for the office, and for the customer whom the text was about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from notifications.calls.states import CallState
from notifications.inbox.parse import Intent
from notifications.messages import WHEN
from notifications.outbox.states import MessageState, Outcome


class Say(Protocol):
    """How sentences and days are told: by whoever shows a page in another language, else plainly."""

    def __call__(self, text: str, **values: str) -> str: ...

    def date(self, at: datetime, zone: str) -> str: ...


class Plainly:
    """In English, as everything here is written."""

    def __call__(self, text: str, **values: str) -> str:
        return text.format(**values) if values else text

    def date(self, at: datetime, zone: str) -> str:
        """`2 Mar`."""
        local = at.astimezone(ZoneInfo(zone))
        return f"{local.day} {local:%b}"


PLAINLY = Plainly()


@dataclass(frozen=True, slots=True)
class Said:
    """The same, said to the two who read it."""

    office: str
    customer: str


def _both(sentence: str) -> Said:
    return Said(sentence, sentence)


# Why a text was withheld, given to a person, or did not arrive. What follows a colon is looked up with its head first.
REASONS: dict[str, Said] = {
    "opted_out": Said("Its owner wants no texts from us.", "You asked us for no more texts."),
    "no_consent": Said("Nobody has agreed to texts on this phone.", "You have not agreed to texts."),
    "no_phone": Said("There was no phone to text.", "We had no phone number to text."),
    "landline": Said(
        "The number is a landline, which no text reaches.",
        "Your number is a landline, which no text reaches.",
    ),
    "enough_today": Said(
        "The phone had had as many texts as we send in a day.", "You had had enough texts from us that day."
    ),
    "enough_this_hour": Said(
        "The phone had had as many texts about this visit as we send in an hour.",
        "You had had enough texts from us in that hour.",
    ),
    "quiet_hours": Said(
        "It was night, and by morning it would have been of no use.",
        "It was night, and we did not want to wake you.",
    ),
    "unwritable": Said(
        "It could not be written: a row that it speaks of is gone, or it was too long.",
        "We could not write it.",
    ),
    "unsure": Said(
        "Nobody knows whether the provider took it, and sending it again could have told it twice.",
        "We could not find out whether it reached you.",
    ),
    "too_late": Said("It could not go out before its deadline.", "It could not be sent in time."),
    "undelivered": Said("The network could not deliver it.", "We could not reach this phone."),
    "misreported": Said(
        "The network spoke of it under the name of another text; somebody looks into it.",
        "We could not find out whether it reached you.",
    ),
    "rejected": Said("The provider refused it for good.", "It could not be sent to this phone."),
    "superseded": _both("Something newer was to be said."),
    "superseded:erased": _both("The customer asked us to erase them before it went out."),
    "superseded:promise": _both("Another time was agreed before it went out."),
    "superseded:cancelled": _both("The visit was cancelled before it went out."),
    "superseded:newer_text": _both("A newer text about the same was already on its way."),
    "superseded:recovery": _both("The question in it was settled before it went out."),
    "superseded:lost_promise": _both("A person rings first, about something that we had lost."),
    "superseded:delivered": _both("The first one arrived after all."),
    "superseded:not_en_route": _both("Nobody was on the way any more."),
    "superseded:dead_link": _both("The link in it opened nothing any more."),
    "superseded:not_booked": _both("The visit had begun, or was off, before it went out."),
    "superseded:window_began": _both("The promised time had already begun."),
    "superseded:not_cancelled": _both("The cancellation had been taken back."),
    "superseded:sooner_over": _both("The time that it spoke of was not kept any more."),
    "superseded:not_failed": _both("It had been settled before it went out."),
}
PROVIDER = {
    "21211": "there is no such number",
    "21408": "texts to that country are not allowed for our account",
    "21610": "its owner told the provider to stop our texts",
    "21612": "it cannot be reached from our number",
    "21614": "it is no mobile phone",
    "21635": "it is a landline",
    "30001": "it waited too long in a queue",
    "30003": "the phone was off or out of reach",
    "30004": "it is blocked",
    "30005": "the number is not in use",
    "30006": "it is a landline, or cannot be reached",
    "30007": "the network took it for unwanted",
    "30008": "the network gave no reason",
    "30034": "our number is not registered with the network",
    "30036": "its time had run out",
}
STATES: dict[MessageState, Said] = {
    MessageState.PENDING: Said("Waits to be sent", "Waits to be sent"),
    MessageState.SENDING: Said("Is being sent", "Is being sent"),
    MessageState.UNKNOWN: Said("Perhaps sent, perhaps not", "We are finding out whether it was sent"),
    MessageState.SENT: Said("Sent, no word yet whether it arrived", "Sent"),
    MessageState.DELIVERED: Said("Delivered", "Delivered"),
    MessageState.UNDELIVERED: Said("Not delivered", "Not delivered"),
    MessageState.SUPPRESSED: Said("Withheld", "Not sent"),
    MessageState.HANDED_OVER: Said("Given to a person", "Not sent"),
    MessageState.CALLED: Said(
        "Said on the phone by a machine instead", "Our automated call rang you instead"
    ),
}
# What the provider said to one attempt; without an outcome the attempt is still in flight.
OUTCOMES: dict[Outcome | None, str] = {
    None: "It is in flight.",
    Outcome.ACCEPTED: "The provider took it.",
    Outcome.NOT_ACCEPTED: "It was not taken, and may be tried again.",
    Outcome.MISCONFIGURED: "The provider refused our settings; nothing goes out until they are mended.",
    Outcome.REJECTED: "The provider refused it for good.",
    Outcome.UNKNOWN: "Nobody knows whether the provider took it.",
}
# What a later entry of the ledger says of a text, beyond what its attempts say.
SETTLED = {
    "unknown": "Nobody knew whether the provider had taken it.",
    "delivered": "It arrived on the phone.",
    "undelivered": "It did not arrive.",
    "suppressed": "It was withheld.",
    "handed_over": "It was given to a person.",
    "called": "A machine rang instead.",
}
# How a call of the machine stands, by its last word.
RUNG: dict[CallState, str] = {
    CallState.WAITING: "waits to be made",
    CallState.PLACING: "is being made",
    CallState.UNKNOWN: "nobody knows whether it rang",
    CallState.RINGING: "rang",
    CallState.TALKING: "somebody picked up",
    CallState.TOLD: "it was heard to the end, or answered with a key",
    CallState.MISSED: "it reached nobody",
    CallState.HUNG_UP: "somebody picked up and did not hear it to the end",
    CallState.WITHDRAWN: "something newer made it idle",
    CallState.HANDED_OVER: "it could not be made in time, and a person has it",
}
UNDERSTOOD: dict[Intent, str] = {
    Intent.ANSWER: "an answer to our question",
    Intent.LATE_QUESTION: "a question when we come",
    Intent.NOBODY_CAME: "word that nobody came",
    Intent.CHANGE: "a wish for another time",
    Intent.HUMAN: "a wish to talk to a person",
    Intent.BOOK: "a wish to book a visit",
    Intent.STOP: "a wish for no more texts",
    Intent.START: "a wish for texts again",
    Intent.HELP: "a call for help about our texts",
    Intent.FREE: "something for a person to read",
}
CONSENT = {"in": "Agreed to texts", "out": "No texts from now on", None: "Nothing was ever agreed"}
SOURCES = {
    "web": "by ticking the box on the booking page",
    "office": "told to our office",
    "paper": "on paper that our office keeps",
    "page": "on their own page, behind the link",
    "sms": "by text",
    "sms_wish": "by text, in their own words",
    "provider": "told to the provider, who refused our text",
}
# What a text told its customer, after how far it came.
TOLD_YOU: dict[MessageState, str] = {
    MessageState.PENDING: "We are about to tell you",
    MessageState.SENDING: "We are about to tell you",
    MessageState.UNKNOWN: "We tried to tell you",
    MessageState.SENT: "We told you",
    MessageState.DELIVERED: "We told you",
    MessageState.UNDELIVERED: "We tried to tell you",
    MessageState.SUPPRESSED: "We wanted to tell you",
    MessageState.HANDED_OVER: "We wanted to tell you",
    MessageState.CALLED: "We rang to tell you",
}
TOLD = {
    "booking_confirmed": "that your visit is booked, and when we come",
    "reminder": "that we come soon",
    "visit_moved": "the new time",
    "visit_cancelled": "that the visit is cancelled",
    "cancel_undone": "that the visit stands after all",
    "en_route": "that somebody is on the way",
    "rate": "that the work is done, and asked how it went",
    "sooner_offer": "that an earlier time had come free",
    "sooner_stays": "that the time you have stays yours",
    "recovery_offer": "that we could not keep our promise, and which other times there are",
    "recovery_days": "which other days there are",
    "offer_gone": "that the time you chose had gone, and what is left",
    "recovery_in_hands": "that somebody is arranging another time, and by when you hear",
    "recovery_not_today": "that nobody can come today, and who rings you",
    "nothing_found": "that we found no other time, and who rings you",
    "recovery_arranged": "the time that is settled now",
    "recovery_kept_by_policy": "that we keep a time for you",
    "callback_promised": "who rings you, and by when",
    "no_word": "that we do not know how the work went, and who asks you",
    "running_late_answer": "when we expect to be there",
    "nobody_came_answer": "what we know, after you wrote that nobody came",
    "change_answer": "where you can choose another time",
    "choose_clarify": "that we need to know which visit you mean",
    "inbox_ack": "that a person has your text, and by when they answer",
    "booking_link": "where you can book",
    "booking_code": "the code to book with",
    "phone_code": "the code that you asked for",
    "help": "how to reach us",
    "stop_confirm": "that you get no more texts",
    "start_confirm": "that you get texts again",
}
SOMETHING = "something about your visit"
JUST_SO, ONCE_MORE = "{told} {what}.", "{told} once more {what}."


def customers_sentences() -> Iterator[str]:
    """Every English sentence and piece of one that a customer may read here: what their pages' catalogues hold."""
    yield from (said.customer for said in (*REASONS.values(), *STATES.values()))
    yield from (*TOLD_YOU.values(), *TOLD.values(), SOMETHING, ONCE_MORE, JUST_SO)


def say_reason(reason: str, to: str = "office") -> str:
    """`reason` as a sentence for the `office` or the `customer`; one that nobody foresaw is spelled, not hidden.

    The provider's number is for the office alone.
    """
    head, _, rest = reason.partition(":")
    said = REASONS.get(reason) or REASONS.get(head)
    if said is None:
        return f"Reason: {reason.replace('_', ' ')}."
    if to == "customer":
        return said.customer
    is_code = bool(rest) and reason not in REASONS
    return f"{said.office.rstrip('.')}: {say_code(rest)}." if is_code else said.office


def say_code(code: str) -> str:
    """The provider's number in words, with the number."""
    return f"{PROVIDER[code]} ({code})" if code in PROVIDER else f"code {code.replace('_', ' ')}"


def say_why(purpose: str) -> str:
    """What makes this kind of text be written."""
    return f"Due when {WHEN[purpose]}." if purpose in WHEN else "Of a kind that is not sent any more."


def say_told(purpose: str, state: MessageState, *, again: bool = False, say: Say = PLAINLY) -> str:
    """What the text told its customer, or should have, as a sentence to them."""
    told = say(TOLD_YOU[state])
    what = say(TOLD.get(purpose, SOMETHING))
    return say(ONCE_MORE if again else JUST_SO, told=told, what=what)
