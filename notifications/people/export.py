"""Everything that we hold about one person, as one file for them."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as pick

from dispatch.events import PersonExported
from dispatch.work import Work
from notifications.inbox.receive import A_PHONE
from notifications.outbox.tables import Message, SendAttempt
from notifications.people.data_map import DATA_MAP
from notifications.people.whose import TABLES, Subject, rows_of
from notifications.record.recall import recall
from notifications.render import Writer

LEFT_OUT = {
    "customer": "Left out: who of our people did what, and the keys behind links and commitments. A phone that several "
    "people have stands with all of them.",
    "one customer": "Left out: who of our people did what, and the keys behind links and commitments; of a phone that "
    "others have too, also what does not name this customer.",
    "technician": "Left out: whom the visits were for, other colleagues, and the keys behind sessions and links.",
}
OF_OTHERS = {  # of rows about two people, what is the other one's
    "technician": {
        "visits": ("customer_id", "address_id"),
        "failures": ("evidence",),
        "callbacks": ("phone",),
        "looks": ("subject_id",),
    }
}


def export_person(work: Work, writer: Writer, who: Subject, *, scope: str = "") -> dict[str, Any]:
    """The file, with the words of the texts as far as they can be written again. Who asked goes into the ledger."""
    work.record(PersonExported(subject=who.kind, subject_id=who.id))
    conditions = rows_of(work.session, who)
    rows = {name: _rows(work.session, who, name, conditions[name]) for name in DATA_MAP if name in conditions}
    for text in rows["outbox"]:
        text["words"] = _words(work, writer, text["id"])
    return {
        "about": {"kind": who.kind, "id": who.id},
        "made_at": work.now.isoformat(),
        "left_out": LEFT_OUT[scope or who.kind],
        "what_for": {name: DATA_MAP[name].purpose for name in rows if rows[name]},
        "kept": {name: DATA_MAP[name].kept for name in rows if rows[name]},
        "rows": {name: found for name, found in rows.items() if found},
    }


def count_rows(session: Session, who: Subject) -> dict[str, int]:
    """How much there is, by what it is kept for."""
    conditions = rows_of(session, who)
    counts = {
        name: len(_rows(session, who, name, conditions[name])) for name in DATA_MAP if name in conditions
    }
    return {DATA_MAP[name].purpose: count for name, count in counts.items() if count}


def _rows(session: Session, who: Subject, name: str, condition: Any) -> list[dict[str, Any]]:
    table, hidden = TABLES[name], OF_OTHERS.get(who.kind, {}).get(name, ())
    shown = [one for one in DATA_MAP[name].shown(staff=who.kind != "customer") if one not in hidden]
    query = select(*(table.c[one] for one in shown)).where(condition).order_by(*table.primary_key)
    return [_plain(row) for row in session.connection().execute(query).mappings()]


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): _json(value) for name, value in row.items()}


def _json(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.value if isinstance(value, Enum) else value


def _words(work: Work, writer: Writer, message_id: str) -> str | None:
    message = work.session.get_one(Message, message_id)
    if not A_PHONE.fullmatch(message.phone):
        return None
    query = pick(SendAttempt).where(SendAttempt.message_id == message_id)
    attempts = work.session.exec(query.order_by(col(SendAttempt.number))).all()
    found = recall(work, writer, message, attempts)
    return found.text if found else None
