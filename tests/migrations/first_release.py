"""A day of the first release, as its own code wrote it until Tuesday 3 March 2026, 08:45: the rows of 0002.

Monday is over, Tuesday has begun: done, silent, recovered, moved, cancelled, taken back, far ahead.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy import Connection, Date, DateTime, Engine, MetaData, Table, func, select

from tests.architecture.source import ROOT

FIRST = "0002"
NOW = dt.datetime(2026, 3, 3, 8, 45, tzinfo=dt.UTC)

Rows = dict[str, list[dict[str, Any]]]


def the_day() -> Rows:
    found: Rows = json.loads((ROOT / "tests/data/first_release.json").read_text())
    return found


def tables(connection: Connection) -> dict[str, Table]:
    """As they are now, from the first that nobody refers to."""
    metadata = MetaData()
    metadata.reflect(connection)
    return {table.name: table for table in metadata.sorted_tables}


def write(engine: Engine, rows: Rows) -> None:
    """Plain rows into plain tables. Where a migration put the one row there is, that row is changed."""
    with engine.begin() as connection:
        for name, table in tables(connection).items():
            values = [
                {key: _typed(table, key, value) for key, value in row.items()} for row in rows.get(name, [])
            ]
            is_there = connection.execute(select(func.count()).select_from(table)).scalar_one()
            if values and is_there:
                [value] = values
                connection.execute(table.update().values(value))
            elif values:
                connection.execute(table.insert(), values)


def read(engine: Engine) -> Rows:
    with engine.connect() as connection:
        return {
            name: [
                {key: _plain(value) for key, value in row._asdict().items()}
                for row in connection.execute(table.select().order_by(*table.primary_key.columns))
            ]
            for name, table in tables(connection).items()
        }


def _typed(table: Table, key: str, value: Any) -> Any:
    kind = table.c[key].type
    if isinstance(value, str) and isinstance(kind, DateTime):
        at = dt.datetime.fromisoformat(value)
        return at.replace(tzinfo=dt.UTC) if kind.timezone else at
    if isinstance(value, str) and isinstance(kind, Date):
        return dt.date.fromisoformat(value)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        at = value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
        return at.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, dt.date) else value
