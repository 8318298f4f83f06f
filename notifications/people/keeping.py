"""How long things are kept: once a day, what has had its time is blanked or deleted, a few hundred rows at a time.

Each batch is a Work of its own, so that nobody waits for long; one that is cut short goes on the next day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update

from dispatch.work import CLOCK, Work, Workshop
from notifications.people.blanks import KEPT_PARAMS, blank_of, keep_only_ids, own_columns
from notifications.people.tables import Kept
from notifications.people.whose import TABLES

EVERY = timedelta(days=1)
POSITIONS = timedelta(days=60)
WORDS = timedelta(days=396)  # 13 months
CONSENTS = timedelta(days=5 * 366)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Keeping:
    """One table: which rows have had their time at an instant, and whether they go whole."""

    table: str
    is_deleted: bool = False


BLANKED = (
    ("outbox", "queued_at"),
    ("inbound_texts", "received_at"),
    ("calls", "queued_at"),
    ("callbacks", "opened_at"),
    ("lost_promises", "at"),
    ("invitations", "invited_at"),
)
DELETED = (
    ("positions", "at", POSITIONS),
    ("links", "expires_at", WORDS),
    ("door_sessions", "expires_at", WORDS),
    ("pocket_texts", "at", WORDS),
    ("pocket_calls", "at", WORDS),
)


def keep_house(workshop: Workshop) -> int:
    """Everything that is due, once a day; how many rows it was."""
    with workshop.read() as work:
        state = work.session.get(Kept, 1)
        if state is not None and work.now - state.ran_at < EVERY:
            return 0
    done = sum(_all_of(workshop, table, condition) for table, condition in _due(workshop))
    with workshop.work(CLOCK, "keeping times") as work:
        row = work.session.get(Kept, 1) or Kept(ran_at=work.now)
        row.ran_at = work.now
        work.session.add(row)
    return done


def _due(workshop: Workshop) -> Iterator[tuple[str, ColumnElement[bool]]]:
    with workshop.read() as work:
        now = work.now
    for name, column, kept in DELETED:
        yield name, TABLES[name].c[column] < now - kept
    for name, column in BLANKED:
        yield name, and_(TABLES[name].c[column] < now - WORDS, is_filled(name))
    yield "consents", _forgotten(now - CONSENTS)


def is_filled(name: str) -> ColumnElement[bool]:
    """Whether a row still has somebody's own in it."""
    filled = []
    for column in own_columns(name):
        empty = blank_of(column)
        filled.append(column.is_not(None) if empty is None else column != empty)
    return or_(*filled)


def _forgotten(before: datetime) -> ColumnElement[bool]:
    """Consents of a phone with which nothing has been for five years: no word of its owner, no text, no visit."""
    t = {name: TABLES[name] for name in ("consents", "outbox", "inbound_texts", "visits", "customers")}
    mine, other = t["consents"], t["consents"].alias()
    newest = select(func.max(other.c.at)).where(other.c.phone == mine.c.phone).scalar_subquery()
    texted = exists().where(t["outbox"].c.phone == mine.c.phone, t["outbox"].c.queued_at >= before)
    wrote = exists().where(
        t["inbound_texts"].c.phone == mine.c.phone, t["inbound_texts"].c.received_at >= before
    )
    visited = exists().where(
        t["customers"].c.phone == mine.c.phone,
        t["visits"].c.customer_id == t["customers"].c.id,
        t["visits"].c.state_at >= before,
    )
    return and_(mine.c.phone != "", newest < before, ~texted, ~wrote, ~visited)


def _all_of(workshop: Workshop, name: str, condition: ColumnElement[bool]) -> int:
    done = 0
    while True:
        with workshop.work(CLOCK, "keeping times") as work:
            did = _some_of(work, name, condition)
        done += did
        if did < BATCH:
            return done


def _some_of(work: Work, name: str, condition: ColumnElement[bool]) -> int:
    """At most one batch. Whatever is blanked no longer fits the condition, so the next batch is another."""
    table = TABLES[name]
    [key] = table.primary_key
    connection = work.session.connection()
    keys = connection.execute(select(key).where(condition).limit(BATCH)).scalars().all()
    these = key.in_(keys)
    if not keys:
        return 0
    if name in {one for one, _, _ in DELETED}:
        connection.execute(delete(table).where(these))
    elif name == "consents":
        connection.execute(update(table).where(these).values(phone="", seen_from=""))
    else:
        if name == "outbox":
            keep_only_ids(work.session, these)
        values = {column.name: blank_of(column) for column in own_columns(name)}
        connection.execute(update(table).where(these).values(values))
    return len(keys)
