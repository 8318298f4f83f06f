"""Blanking: what the data map calls somebody's own goes out of a row, and the row stays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Float, Table, or_, select, update
from sqlmodel import Session

from dispatch.customers.tables import ERASED_NAME
from dispatch.words import fold
from notifications.people.data_map import DATA_MAP
from notifications.people.whose import TABLES, Conditions

OWN = ("name", "contact", "words")
ABOUT_A_KILOMETRE = 2  # decimal places of a degree
KEPT_PARAMS = frozenset({"territory_id", "direct", "again_of", "round", "callback_id", "gone"})
NO_FINGERPRINT = "0" * 64
ODD: dict[tuple[str, str], Any] = {  # what stands there instead, where empty would not do
    ("customers", "name"): ERASED_NAME,
    ("customers", "name_key"): fold(ERASED_NAME),
    ("addresses", "line"): "Erased address",
    ("idempotent_answers", "fingerprint"): NO_FINGERPRINT,
}
BY_HAND = frozenset({("outbox", "params"), ("idempotent_answers", "body")})  # of these something stays
GONE_WHOLE = ("photos", "pocket_texts", "pocket_calls", "pocket_landlines")
SALTED = frozenset({"salt"})


def own_columns(name: str) -> list[Column[Any]]:
    """The columns of a table in which somebody's own stands: words, name, phone, and the salts beside them."""
    held, table = DATA_MAP[name], TABLES[name]
    own = [column for kind in OWN for column in getattr(held, kind)]
    own += [column for column in held.place if not isinstance(table.c[column].type, Float)]
    own += [column for column in held.secret if column in SALTED or (name, column) in ODD]
    return [table.c[column] for column in own if (name, column) not in BY_HAND]


def blank_of(column: Column[Any]) -> Any:
    odd = ODD.get((column.table.name, column.name))
    if odd is not None:
        return odd
    if column.nullable:
        return None
    return {} if isinstance(column.type, JSON) else ""


def blank(session: Session, conditions: Conditions, *, leave: Iterable[str] = ()) -> None:
    """Blank everybody's own in these rows, but in the tables to `leave`."""
    for name, condition in conditions.items():
        columns = own_columns(name)
        if name in leave or not columns:
            continue
        table = TABLES[name]
        if name in GONE_WHOLE:
            session.connection().execute(table.delete().where(condition))
        else:
            values = {column.name: blank_of(column) for column in columns}
            session.connection().execute(update(table).where(condition).values(values))


def coarsen(session: Session, table: Table, condition: ColumnElement[bool]) -> None:
    """Places to about a kilometre."""
    rows = session.connection().execute(select(table).where(condition)).mappings().all()
    for row in rows:
        values = {name: round(row[name], ABOUT_A_KILOMETRE) for name in ("lat", "lng")}
        session.connection().execute(update(table).where(table.c.id == row["id"]).values(values))


def keep_only_ids(session: Session, condition: ColumnElement[bool]) -> None:
    """Of the parameters of texts only ids and codes stay: by them the record knows which text it was."""
    outbox = TABLES["outbox"]
    for id, params in session.connection().execute(select(outbox.c.id, outbox.c.params).where(condition)):
        kept = {name: value for name, value in params.items() if name in KEPT_PARAMS}
        session.connection().execute(update(outbox).where(outbox.c.id == id).values(params=kept))


def left_in(session: Session, name: str, condition: ColumnElement[bool]) -> list[tuple[Any, list[str]]]:
    """(key, columns) of each row in which somebody's own still stands."""
    columns, table = own_columns(name), TABLES[name]
    if not columns:
        return []
    keys = list(table.primary_key)
    wrong = [] if name in GONE_WHOLE else [is_filled(name)]
    found = session.connection().execute(select(*keys, *columns).where(condition, *wrong)).all()
    return [
        (
            row[0],
            [
                one.name
                for one, value in zip(columns, row[len(keys) :], strict=True)
                if value != blank_of(one)
            ],
        )
        for row in found
    ]


def is_filled(name: str) -> ColumnElement[bool]:
    """Whether a row still has somebody's own in it."""
    return or_(*(_is_filled(column) for column in own_columns(name)))


def _is_filled(column: Column[Any]) -> ColumnElement[bool]:
    empty = blank_of(column)
    return column.is_not(None) if empty is None else column != empty
