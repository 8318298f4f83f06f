"""The record in words: each fact as a sentence that its customer understands, unless it says nothing new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from api.pages.render import money
from dispatch.ledger import LedgerEntry
from dispatch.local_time import say_time, say_window
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import find_dispatcher
from dispatch.territories.tables import Territory
from dispatch.visits.references import spoken

BROKE = {
    "technician_absent": "Our technician could not keep this time.",
    "late": "We could not be there in time.",
    "plan": "Our day changed and we could not keep the time.",
    "customer_absent": "Our technician was at the door and met nobody.",
    "not_finished": "The work could not be finished.",
    "no_word": "Nobody has told us yet whether the work was finished.",
    "wrong_parts": "A part that the work needs was missing.",
    "no_access": "Our technician could not get in.",
}
CHOSE = {
    "1": "You chose the first option.",
    "2": "You chose the second option.",
    "another_day": "You asked for another day.",
    "person": "You asked to talk to a person.",
}
MADE_GOOD = {
    "done_same_day": "Made good on the same day.",
    "done_later": "Made good on a later day.",
    "failed_again": "It failed again. The next person up takes it from here.",
    "closed": "The matter was closed by our office.",
    "customer_cancelled": "You cancelled; the matter is closed.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the record."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Telling:
    """What a sentence may use: the fact's values, the place, and names for ids."""

    data: Mapping[str, Any]
    zone: ZoneInfo
    country: str
    names: Mapping[str, str]

    def name(self, key: str, otherwise: str) -> str:
        return self.names.get(self.data.get(key) or "", otherwise)

    def time(self, key: str) -> str:
        return say_time(datetime.fromisoformat(self.data[key]), self.zone)

    @property
    def window(self) -> str:
        start, end = (datetime.fromisoformat(self.data[key]) for key in ("start_at", "end_at"))
        return say_window(start, end, self.zone)


def record(session: Session, entries: Sequence[LedgerEntry], territory: Territory) -> list[Line]:
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
        say = SENTENCES.get(entry.kind)
        text = say(Telling(entry.data, territory.zone, territory.country, names)) if say else ""
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
    who = t.name("technician_id", "Our technician")
    return {
        "leave": f"{who} set off to you.",
        "stand_down": f"{who} is not on the way any more.",
        "arrive": f"{who} arrived.",
        "finish": "The work was done.",
        "close": "The visit was closed.",
        "cancel": "The visit was cancelled.",
        "undo_cancel": "The cancellation was taken back.",
    }.get(t.data["signal"], "")


def _promised(t: Telling) -> str:
    if t.data["version"] == 1:
        return f"We promised to come {t.window}."
    by = {"policy": "kept for you by rule; you can still change it", "customer": "as you chose"}
    return f"New promise: {t.window} ({by.get(t.data['agreed_by'], 'agreed with our office')})."


def _settled(t: Telling) -> str:
    return {
        "kept": "We were there in the promised time.",
        "broken": "This promise was broken.",
        "moved": "The earlier time was given up.",
        "open": "The promise stands again.",
    }.get(t.data["outcome"], "")


def _held(t: Telling) -> str:
    return {
        "recovery": f"A place was kept for you: {t.window}.",
        "undo": f"Your place stays kept until {t.time('expires_at')}, in case you change your mind.",
    }.get(t.data["purpose"], "")


def _credit(t: Telling) -> str:
    amount = money(t.data["amount_cents"], t.country)
    if t.data["state"] == "given":
        return f"You get a credit of {amount}."
    return "A credit is being checked." if t.data["state"] == "waiting" else "No credit was given."


def _text(t: Telling) -> str:
    return {
        "accepted": "A text about this visit was sent.",
        "delivered": "The text arrived on the phone.",
        "undelivered": "The text could not be delivered.",
        "suppressed": "A text was held back.",
        "handed_over": "A text could not be sent; a person looks after it.",
        "called": "Told on the phone and not by text.",
    }.get(t.data["outcome"], "")


def _called(t: Telling) -> str:
    return {
        "ringing": "Our automated call rang your phone.",
        "told": "Our automated call told you about it.",
        "missed": "Our automated call reached nobody.",
        "hung_up": "Our automated call was not heard to the end; a person looks after it.",
        "handed_over": "The automated call could not be made in time; a person looks after it.",
    }.get(t.data["outcome"], "")


def _decided(t: Telling) -> str:
    if t.data["decision"] == "not_today":
        return "Our office decided that it cannot be today."
    return "Our office made an exception so that it can be today."


def _fixed(text: str) -> Callable[[Telling], str]:
    return lambda _: text


SENTENCES: dict[str, Callable[[Telling], str]] = {
    "visit_booked": lambda t: f"Booked under the reference {spoken(t.data['reference'])}.",
    "visit_stepped": _stepped,
    "step_contested": lambda t: (
        f"{t.name('technician_id', 'Our technician')}’s phone told us something of {t.time('occurred_at')} that does "
        "not fit this record. It is kept; a person looks at it."
    ),
    "note_kept": _fixed("A note was kept."),
    "photo_kept": _fixed("Our technician took a photo of the work or of the door."),
    "phone_code_asked": _fixed("A code was asked for, to change something."),
    "phone_proven": _fixed("The code was entered: whoever did it has the phone on file."),
    "customer_changed": _fixed("The phone number was changed."),
    "visit_place_changed": _fixed("The address was changed."),
    "visit_rated": lambda t: f"You told us how it went: {t.data['score']} of 5.",
    "promise_made": _promised,
    "promise_settled": _settled,
    "hold_made": _held,
    "visit_assigned": lambda t: f"{t.name('technician_id', 'A technician')} is planned to come.",
    "visit_left_out": lambda t: (
        f"Nobody has a free place for it yet; {t.name('owner_id', 'our office')} looks after it."
    ),
    "visit_at_risk": _fixed("We saw that the time could be missed."),
    "visit_back_on_track": _fixed("The time looks safe again."),
    "nobody_came_reported": _fixed("You told us that nobody came."),
    "failure_noticed": lambda t: BROKE.get(t.data["failure"], "Something went wrong."),
    "failure_contested": _fixed("You told us that you were at home. We believe you."),
    "recovery_opened": lambda t: f"{t.name('owner_id', 'Our office')} is responsible for making it good.",
    "offers_made": lambda t: (
        "We offered you another time."
        if len(t.data["offer_ids"]) == 1
        else f"We offered you {len(t.data['offer_ids'])} other times."
    ),
    "not_today_proved": _fixed("We searched the whole day and found nobody who can come today."),
    "not_today_decided": _decided,
    "choice_made": lambda t: CHOSE.get(t.data["choice"], ""),
    "offer_taken": lambda t: (
        "We did not hear from you and kept the time for you."
        if t.data["by"] == "policy"
        else "The new time was arranged."
    ),
    "offer_gone": _fixed("That time had just gone; we looked for the next best."),
    "recovery_handed_over": lambda t: f"{t.name('owner_id', 'Somebody else')} is responsible now.",
    "credit_decided": _credit,
    "recovery_closed": lambda t: MADE_GOOD.get(t.data["outcome"], "The matter was closed."),
    "callback_promised": lambda t: f"{t.name('dispatcher_id', 'Our office')} rings by {t.time('due_at')}.",
    "callback_handed_over": lambda t: (
        f"The call is late. {t.name('dispatcher_id', 'Our office')} rings by {t.time('due_at')}."
    ),
    "callback_made": _fixed("The promised call was made."),
    "message_settled": _text,
    "call_queued": _fixed("We ring instead, since a text cannot arrive."),
    "call_settled": _called,
    "text_received": _fixed("A text from you arrived."),
    "consent_changed": lambda t: (
        "You agreed to texts." if t.data["state"] == "in" else "You asked for no more texts."
    ),
}
