"""How long things are kept: once a day, what has had its time is blanked or deleted, a few hundred rows at a time.

Each batch is a Work of its own, so that nobody waits for long; one that is cut short goes on the next day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, select, update

from dispatch.technicians.signs_of_life import POSITIONS_KEPT
from dispatch.work import CLOCK, Work, Workshop
from notifications.people.blanks import blank_of, is_filled, keep_only_ids, own_columns
from notifications.people.tables import Kept
from notifications.people.whose import TABLES

EVERY = timedelta(days=1)
WORDS = timedelta(days=396)  # 13 months
CONSENTS = timedelta(days=5 * 366)
BATCH = 500
BLANKED = (
    ("outbox", "queued_at"),
    ("inbound_texts", "received_at"),
    ("calls", "queued_at"),
    ("callbacks", "opened_at"),
    ("call_briefs", "told_at"),
    ("lost_promises", "at"),
    ("invitations", "invited_at"),
    ("phone_codes", "asked_at"),
)
DELETED = (
    ("positions", "at", POSITIONS_KEPT),
    ("device_events", "received_at", POSITIONS_KEPT),
    ("photos", "received_at", WORDS),
    ("links", "expires_at", WORDS),
    ("door_sessions", "expires_at", WORDS),
    ("looks", "hour_at", WORDS),
    ("pocket_texts", "at", WORDS),
    ("pocket_calls", "at", WORDS),
)


def is_due(work: Work) -> bool:
    state = work.session.get(Kept, 1)
    return state is None or work.now - state.ran_at >= EVERY


def keep_house(workshop: Workshop, batch: int = BATCH) -> int:
    """Whatever has had its time; how many rows it was."""
    with workshop.read() as work:
        now = work.now
    done = sum(_all_of(workshop, table, condition, batch) for table, condition in _due(now))
    with workshop.work(CLOCK, "keeping times") as work:
        row = work.session.get(Kept, 1) or Kept(ran_at=now)
        row.ran_at = now
        work.session.add(row)
    return done


def _due(now: datetime) -> Iterator[tuple[str, ColumnElement[bool]]]:
    for name, column, kept in DELETED:
        due = TABLES[name].c[column] < now - kept
        yield name, and_(due, ~_of_the_erased()) if name == "links" else due
    for name, column in BLANKED:
        yield name, and_(TABLES[name].c[column] < now - WORDS, is_filled(name))
    yield "consents", _forgotten(now - CONSENTS)


def _of_the_erased() -> ColumnElement[bool]:
    """Links of visits whose customer was erased say so for ever."""
    links, visits, customers = TABLES["links"], TABLES["visits"], TABLES["customers"]
    return exists().where(
        visits.c.id == links.c.subject_id,
        customers.c.id == visits.c.customer_id,
        customers.c.erased_at.is_not(None),
    )


def _forgotten(before: datetime) -> ColumnElement[bool]:
    """Consents of a phone with which nothing has been for five years: no word of its owner, no text, no visit.

    The text is the row's time: its phone is blanked long before. What keeps a consent is a visit, or a newer word.
    """
    mine, other = TABLES["consents"], TABLES["consents"].alias()
    visits, customers, texts = TABLES["visits"], TABLES["customers"], TABLES["outbox"]
    newest = select(func.max(other.c.at)).where(other.c.phone == mine.c.phone).scalar_subquery()
    theirs = customers.c.phone == mine.c.phone
    visited = exists().where(theirs, visits.c.customer_id == customers.c.id, visits.c.state_at >= before)
    texted = exists().where(theirs, texts.c.customer_id == customers.c.id, texts.c.queued_at >= before)
    return and_(mine.c.phone != "", newest < before, ~visited, ~texted)


def _all_of(workshop: Workshop, name: str, condition: ColumnElement[bool], batch: int) -> int:
    done, did = 0, batch
    while did == batch:
        with workshop.work(CLOCK, "keeping times") as work:
            did = _some_of(work, name, condition, batch)
        done += did
    return done


def _some_of(work: Work, name: str, condition: ColumnElement[bool], batch: int) -> int:
    """At most one batch. What was blanked fits the condition no more, so that the next batch is another."""
    table, connection = TABLES[name], work.session.connection()
    key = next(iter(table.primary_key))
    keys = connection.execute(select(key).where(condition).limit(batch)).scalars().all()
    these = key.in_(keys) & condition
    if not keys:
        return 0
    if any(name == one for one, _, _ in DELETED):
        connection.execute(delete(table).where(these))
    elif name == "consents":
        connection.execute(update(table).where(key.in_(keys)).values(phone="", seen_from=""))
    else:
        if name == "outbox":
            keep_only_ids(work.session, these)
        values = {column.name: blank_of(column) for column in own_columns(name)}
        connection.execute(update(table).where(these).values(values))
    return len(keys)
