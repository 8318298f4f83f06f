"""The words of a text that went out. They are not kept: they are written again, and what its attempt committed to says
whether they are the very words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from jinja2 import TemplateError
from sqlalchemy import ColumnElement
from sqlmodel import col, select

from dispatch.errors import DispatchError
from dispatch.ledger import LedgerEntry, commit_to
from dispatch.plans.expected import arrival_by, planned_by
from dispatch.plans.queries import find_assignment
from dispatch.promises.queries import current_promise
from dispatch.territories.queries import find_dispatcher, get_territory
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications.languages import known_language
from notifications.messages import CATALOGUE, EN_ROUTE
from notifications.outbox.tables import Message, SendAttempt
from notifications.render import TextTooLong, Writer, draft
from notifications.segments import simplify
from notifications.speech import Speech
from notifications.telling import first_name, tell
from notifications.wordings.queries import own_wording

A_LINK = re.compile(r"(/(?:v|enrol)/)[\w-]{22}")
CALLS = ("callback_promised", "callback_handed_over")


@dataclass(frozen=True, slots=True)
class Words:
    """`are_the_very` words that went out, or as the text would read now. The secret in its link is left out."""

    text: str
    are_the_very: bool


def recall(work: Work, writer: Writer, message: Message, attempts: Sequence[SendAttempt]) -> Words | None:
    """What the text says; None for one that cannot be written any more."""
    if message.purpose not in CATALOGUE:
        return None
    try:
        for attempt in reversed(attempts):
            for text in _drafts(_back_at(work, attempt.started_at), writer, message):
                if commit_to(attempt.fence, text) == attempt.commitment:
                    return Words(_without_secret(text, writer, message), are_the_very=True)
        return Words(_without_secret(writer.write(work, message), writer, message), are_the_very=False)
    except (DispatchError, TemplateError, TextTooLong):
        return None


def _without_secret(text: str, writer: Writer, message: Message) -> str:
    """Whoever has the link, or the code, is the customer or the technician: it must not lie in a file that is sent
    around."""
    secret = writer.code(message).get("code")
    text = A_LINK.sub(r"\1…", text)
    return text.replace(secret, "…") if secret else text


def _back_at(work: Work, at: datetime) -> Work:
    return Work(
        work.session, now=at, chance=work.chance, travel=work.travel, actor=work.actor, cause=work.cause
    )


def _drafts(then: Work, writer: Writer, message: Message) -> Iterator[str]:
    """First as the rows say it, then with what stood otherwise: who was to come and when, who was to ring, and that
    nobody had been told yet."""
    remembered = {**_technician(then, message), **_arrival(then, message), **_caller(then, message)}
    untold = {"told": False}
    link = writer.link_in(then.session, message)
    values = tell(then, message) | {"company": writer.company, "link": link} | writer.code(message)
    own = own_wording(then.session, known_language(message.language), at=then.now)
    stood: tuple[dict[str, Any], ...] = ({}, remembered, untold, remembered | untold)
    for wording, otherwise, is_first in product((own, {}) if own else ({},), stood, (False, True)):
        try:
            yield simplify(draft(message, values | otherwise, wording, is_first=is_first))
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError):
            continue  # as a wording of the office may, where the shipped one does not


def _technician(then: Work, message: Message) -> dict[str, Any]:
    entry = _last(then, col(LedgerEntry.visit_id) == message.visit_id, "visit_assigned")
    name = first_name(then.session, entry.data["technician_id"]) if entry else None
    return {"technician": name} if name else {}


def _arrival(then: Work, message: Message) -> dict[str, Any]:
    """When somebody on the way was expected: they have arrived since, and nobody expects them any more."""
    visit = then.session.get(Visit, message.visit_id) if message.purpose == EN_ROUTE.purpose else None
    row = find_assignment(then.session, visit.id) if visit else None
    if visit is None or row is None:
        return {}
    arrival = arrival_by(
        planned_by(row),
        left_at=visit.left_at,
        promised_at=current_promise(then.session, visit).start_at,
        spread_seconds=visit.spread_seconds,
        now=then.now,
    )
    return {"expected": _speech(then, message).span(arrival.from_at, arrival.until_at)} if arrival else {}


def _speech(then: Work, message: Message) -> Speech:
    zone = get_territory(then.session, message.params["territory_id"]).zone
    return Speech(known_language(message.language), zone, then.now)


def _caller(then: Work, message: Message) -> dict[str, Any]:
    """The person and the time that were promised before somebody else took the call over."""
    is_it = col(LedgerEntry.data)["callback_id"].as_string() == message.params.get("callback_id", "")
    entry = _last(then, is_it, *CALLS)
    if entry is None:
        return {}
    person = find_dispatcher(then.session, entry.data.get("dispatcher_id"))
    by_time = _speech(then, message).by(datetime.fromisoformat(entry.data["due_at"]))
    return {"by_time": by_time} | ({"person": person.name} if person else {})


def _last(then: Work, is_it: ColumnElement[bool], *kinds: str) -> LedgerEntry | None:
    """The newest such entry that was there by then."""
    query = select(LedgerEntry).where(is_it, col(LedgerEntry.kind).in_(kinds), LedgerEntry.at <= then.now)
    return then.session.exec(query.order_by(col(LedgerEntry.seq).desc()).limit(1)).first()
