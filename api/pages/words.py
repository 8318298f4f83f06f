"""The record in words: each fact as a sentence that its customer understands, unless it says nothing new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from api.pages.tongue import ENGLISH, Tongue, term
from dispatch.ledger import LedgerEntry
from dispatch.local_time import say_time
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import find_dispatcher
from dispatch.territories.tables import Territory
from dispatch.visits.references import spoken

BROKE = {
    "technician_absent": term("Our technician could not keep this time."),
    "late": term("We could not be there in time."),
    "plan": term("Our day changed and we could not keep the time."),
    "customer_absent": term("Our technician was at the door and met nobody."),
    "not_finished": term("The work could not be finished."),
    "no_word": term("Nobody has told us yet whether the work was finished."),
    "wrong_parts": term("A part that the work needs was missing."),
    "no_access": term("Our technician could not get in."),
}
CHOSE = {
    "1": term("You chose the first option."),
    "2": term("You chose the second option."),
    "another_day": term("You asked for another day."),
    "person": term("You asked to talk to a person."),
}
MADE_GOOD = {
    "done_same_day": term("Made good on the same day."),
    "done_later": term("Made good on a later day."),
    "failed_again": term("It failed again. The next person up takes it from here."),
    "closed": term("The matter was closed by our office."),
    "customer_cancelled": term("You cancelled; the matter is closed."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the record."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Telling:
    """What a sentence may use: the fact's values, the place, names for ids, and the language it is told in."""

    data: Mapping[str, Any]
    zone: ZoneInfo
    country: str
    names: Mapping[str, str]
    say: Tongue

    def name(self, key: str, otherwise: str) -> str:
        return self.names.get(self.data.get(key) or "", self.say(otherwise))

    def time(self, key: str) -> str:
        return say_time(datetime.fromisoformat(self.data[key]), self.zone)

    @property
    def window(self) -> str:
        start, end = (datetime.fromisoformat(self.data[key]) for key in ("start_at", "end_at"))
        return self.say.window(start, end, self.zone.key)


def record(
    session: Session, entries: Sequence[LedgerEntry], territory: Territory, tongue: Tongue = ENGLISH
) -> list[Line]:
    """The whole record in order, one line a fact; the same sentence twice in a row is said once.

    What was texted to a technician is no text to the customer, and is left out.
    """
    lines: list[Line] = []
    names = _names(session, entries)
    to_technicians = {
        entry.data["message_id"]
        for entry in entries
        if entry.kind == "message_queued" and entry.data["purpose"].startswith("technician_")
    }
    for entry in entries:
        if entry.data.get("message_id") in to_technicians:
            continue
        tell = SENTENCES.get(entry.kind)
        text = tell(Telling(entry.data, territory.zone, territory.country, names, tongue)) if tell else ""
        if text and not (lines and lines[-1].text == text):
            lines.append(Line(entry.at, text))
    return lines


def _names(session: Session, entries: Iterable[LedgerEntry]) -> dict[str, str]:
    """First names of technicians, names of our office's people."""
    found: dict[str, str] = {}
    for data in (entry.data for entry in entries):
        for key in ("dispatcher_id", "owner_id"):
            person = find_dispatcher(session, data.get(key))
            if person:
                found[person.id] = person.name
        technician = session.get(Technician, data["technician_id"]) if data.get("technician_id") else None
        if technician:
            found[technician.id] = technician.first_name
    return found


def _stepped(t: Telling) -> str:
    who = t.name("technician_id", term("Our technician"))
    told = {
        "leave": term("{who} set off to you."),
        "stand_down": term("{who} is not on the way any more."),
        "arrive": term("{who} arrived."),
        "finish": term("The work was done."),
        "close": term("The visit was closed."),
        "cancel": term("The visit was cancelled."),
        "undo_cancel": term("The cancellation was taken back."),
    }.get(t.data["signal"])
    return t.say(told, who=who) if told else ""


def _promised(t: Telling) -> str:
    if t.data["version"] == 1:
        return t.say("We promised to come {window}.", window=t.window)
    by = {
        "policy": term("kept for you by rule; you can still change it"),
        "customer": term("as you chose"),
    }
    how = t.say(by.get(t.data["agreed_by"], term("agreed with our office")))
    return t.say("New promise: {window} ({how}).", window=t.window, how=how)


def _settled(t: Telling) -> str:
    return _one_of(
        t,
        t.data["outcome"],
        {
            "kept": term("We were there in the promised time."),
            "broken": term("This promise was broken."),
            "moved": term("The earlier time was given up."),
            "open": term("The promise stands again."),
        },
    )


def _held(t: Telling) -> str:
    if t.data["purpose"] == "recovery":
        return t.say("A place was kept for you: {window}.", window=t.window)
    if t.data["purpose"] == "undo":
        until = t.time("expires_at")
        return t.say("Your place stays kept until {time}, in case you change your mind.", time=until)
    return ""


def _credit(t: Telling) -> str:
    amount = t.say.money(t.data["amount_cents"], t.country)
    if t.data["state"] == "given":
        return t.say("You get a credit of {amount}.", amount=amount)
    if t.data["state"] == "waiting":
        return t.say("A credit is being checked.")
    return t.say("No credit was given.")


def _text(t: Telling) -> str:
    return _one_of(
        t,
        t.data["outcome"],
        {
            "accepted": term("A text about this visit was sent."),
            "delivered": term("The text arrived on the phone."),
            "undelivered": term("The text could not be delivered."),
            "suppressed": term("A text was held back."),
            "handed_over": term("A text could not be sent; a person looks after it."),
            "called": term("Told on the phone and not by text."),
        },
    )


def _called(t: Telling) -> str:
    return _one_of(
        t,
        t.data["outcome"],
        {
            "ringing": term("Our automated call rang your phone."),
            "told": term("Our automated call told you about it."),
            "missed": term("Our automated call reached nobody."),
            "hung_up": term("Our automated call was not heard to the end; a person looks after it."),
            "handed_over": term("The automated call could not be made in time; a person looks after it."),
        },
    )


def _decided(t: Telling) -> str:
    if t.data["decision"] == "not_today":
        return t.say("Our office decided that it cannot be today.")
    return t.say("Our office made an exception so that it can be today.")


def _offered(t: Telling) -> str:
    count = len(t.data["offer_ids"])
    if count == 1:
        return t.say("We offered you another time.")
    return t.say("We offered you {count} other times.", count=count)


def _taken(t: Telling) -> str:
    if t.data["by"] == "policy":
        return t.say("We did not hear from you and kept the time for you.")
    return t.say("The new time was arranged.")


def _agreed(t: Telling) -> str:
    agreed, refused = term("You agreed to texts."), term("You asked for no more texts.")
    return t.say(agreed if t.data["state"] == "in" else refused)


def _one_of(t: Telling, which: str, told: Mapping[str, str]) -> str:
    return t.say(told[which]) if which in told else ""


def _fixed(text: str) -> Callable[[Telling], str]:
    return lambda t: t.say(text)


def _by_person(text: str, key: str, otherwise: str) -> Callable[[Telling], str]:
    """A sentence about `{who}`."""
    return lambda t: t.say(text, who=t.name(key, otherwise))


def _by_person_until(text: str, otherwise: str) -> Callable[[Telling], str]:
    """A sentence about `{who}` who rings by `{time}`."""
    return lambda t: t.say(text, who=t.name("dispatcher_id", otherwise), time=t.time("due_at"))


def _sooner(t: Telling) -> str:
    return _one_of(
        t,
        t.data["outcome"],
        {
            "taken": term("You took the earlier time."),
            "declined": term("You kept the time that you had."),
            "lapsed": term("We did not hear from you; your time stays as it was."),
            "gone": term("That earlier time had gone; your time stays as it was."),
        },
    )


def _wish_ended(t: Telling) -> str:
    return t.say("You no longer wait for an earlier time.") if t.data["how"] == "taken_back" else ""


SENTENCES: dict[str, Callable[[Telling], str]] = {
    "visit_booked": lambda t: t.say(
        "Booked under the reference {reference}.", reference=spoken(t.data["reference"])
    ),
    "visit_stepped": _stepped,
    "step_contested": lambda t: t.say(
        "{who}’s phone told us something of {time} that does "
        "not fit this record. It is kept; a person looks at it.",
        who=t.name("technician_id", term("Our technician")),
        time=t.time("occurred_at"),
    ),
    "note_kept": _fixed(term("A note was kept.")),
    "photo_kept": _fixed(term("Our technician took a photo of the work or of the door.")),
    "phone_code_asked": _fixed(term("A code was asked for, to change something.")),
    "phone_proven": _fixed(term("The code was entered: whoever did it has the phone on file.")),
    "customer_changed": _fixed(term("The phone number was changed.")),
    "visit_place_changed": _fixed(term("The address was changed.")),
    "visit_rated": lambda t: t.say("You told us how it went: {score} of 5.", score=t.data["score"]),
    "promise_made": _promised,
    "promise_settled": _settled,
    "hold_made": _held,
    "sooner_wished": _fixed(term("You would like to be visited sooner, if something comes free.")),
    "sooner_wish_ended": _wish_ended,
    "sooner_offered": lambda t: t.say("A time came free and was kept for you: {window}.", window=t.window),
    "sooner_settled": _sooner,
    "visit_assigned": _by_person(term("{who} is planned to come."), "technician_id", term("A technician")),
    "visit_left_out": _by_person(
        term("Nobody has a free place for it yet; {who} looks after it."), "owner_id", term("our office")
    ),
    "visit_at_risk": _fixed(term("We saw that the time could be missed.")),
    "visit_back_on_track": _fixed(term("The time looks safe again.")),
    "nobody_came_reported": _fixed(term("You told us that nobody came.")),
    "failure_noticed": lambda t: t.say(BROKE.get(t.data["failure"], term("Something went wrong."))),
    "failure_contested": _fixed(term("You told us that you were at home. We believe you.")),
    "recovery_opened": _by_person(
        term("{who} is responsible for making it good."), "owner_id", term("Our office")
    ),
    "offers_made": _offered,
    "not_today_proved": _fixed(term("We searched the whole day and found nobody who can come today.")),
    "emergency_put_first": _fixed(term("Our office put your visit before others: somebody comes at once.")),
    "offer_taken_back": _fixed(term("Our office took the offered times back; a person rings you.")),
    "offer_withheld": _fixed(term("Our office is choosing another time for you.")),
    "not_today_decided": _decided,
    "choice_made": lambda t: _one_of(t, t.data["choice"], CHOSE),
    "offer_taken": _taken,
    "offer_gone": _fixed(term("That time had just gone; we looked for the next best.")),
    "recovery_handed_over": _by_person(term("{who} is responsible now."), "owner_id", term("Somebody else")),
    "credit_decided": _credit,
    "recovery_closed": lambda t: t.say(MADE_GOOD.get(t.data["outcome"], term("The matter was closed."))),
    "callback_promised": _by_person_until(term("{who} rings by {time}."), term("Our office")),
    "callback_handed_over": _by_person_until(
        term("The call is late. {who} rings by {time}."), term("Our office")
    ),
    "callback_briefed": _fixed(term("You told us what the call is about.")),
    "callback_made": _fixed(term("The promised call was made.")),
    "message_settled": _text,
    "call_queued": _fixed(term("We ring instead, since a text cannot arrive.")),
    "call_settled": _called,
    "text_received": _fixed(term("A text from you arrived.")),
    "consent_changed": _agreed,
}
