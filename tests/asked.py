"""What is put to the database meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

CHANGES = ("INSERT", "UPDATE", "DELETE")


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
