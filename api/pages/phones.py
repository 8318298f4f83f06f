"""The phones of the demo as their owners see them: whose they are, what lies on them, what can be answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.customers.queries import list_by_phone
from dispatch.technicians.queries import find_by_phone
from dispatch.words import fold
from dispatch.work import Work
from notifications.channels.pocket import Pocket
from notifications.channels.tables import PocketText
from notifications.messages import TECHNICIAN_PROMPT, read_question
from notifications.outbox.tables import Message

CHOICES = {"1": "keep it", "2": "the second time", "another_day": "another day", "person": "a person"}


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone in the list; `asks` says that its last text waits for an answer."""

    number: str
    owner: str
    last: PocketText
    asks: bool


def list_phones(work: Work, pocket: Pocket, wanted: str = "") -> list[Phone]:
    """Whoever got or wrote a text last comes first; with `wanted`, those whose name or number has it."""
    found = []
    for number in pocket.phones():
        owner = owner_of(work, number)
        if fold(wanted) in fold(owner) or (wanted.strip() and wanted.strip() in number):
            texts = pocket.read(number)
            found.append(Phone(number, owner, texts[-1], bool(quick_answers(work, texts))))
    return found


def owner_of(work: Work, phone: str) -> str:
    technician = find_by_phone(work.session, phone)
    if technician:
        return f"{technician.name}, technician"
    return ", ".join(customer.name for customer in list_by_phone(work.session, phone)) or "a stranger"


def quick_answers(work: Work, texts: Sequence[PocketText]) -> list[tuple[str, str]]:
    """What the last text from us offers to reply with, and what each reply means."""
    last = texts[-1] if texts else None
    message = work.session.get(Message, last.id.rpartition("-")[0]) if last else None
    if message is None:
        return []
    if message.purpose == TECHNICIAN_PROMPT.purpose:
        return [("OK", "I am going"), ("late", "I cannot")]
    offered = read_question(message.question) if message.question else {}
    return [(str(digit), CHOICES[choice]) for digit, choice in offered.items()]
