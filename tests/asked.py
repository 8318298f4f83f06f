"""What is put to the database meanwhile, and which tables it reads from their first row to their last for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

CHANGES = ("INSERT", "UPDATE", "DELETE")
# Everything, or all facts of a kind.
_WHOLE = re.compile(r"SCAN (\w+)|SEARCH (ledger) USING INDEX ix_ledger_kind \(kind=\?\)")


@contextmanager
def asked(engine: Engine) -> Iterator[list[str]]:
    """The statements, in order, as they are put."""
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def changes(statements: list[str]) -> list[str]:
    return [one for one in statements if one.lstrip().startswith(CHANGES)]


@contextmanager
def read_whole(engine: Engine) -> Iterator[dict[str, str]]:
    """By table, a statement for which SQLite goes through all of it, or through all of an index of it."""
    found: dict[str, str] = {}

    def explain(connection: Connection, _cursor: object, statement: str, values: Any, *_: object) -> None:
        if not statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE")):
            return
        plan = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [str(one[3]) for one in plan.fetchall()]
        if "LIMIT" in statement and not any("TEMP B-TREE" in step for step in steps):
            return  # it goes in order, and ends with the first that it finds
        for scanned in filter(None, (_WHOLE.match(step) for step in steps)):
            found.setdefault(scanned[1] or scanned[2], statement)

    event.listen(engine, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", explain)
