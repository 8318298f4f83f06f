"""The database engine from a URL: SQLite that waits for its turn, Postgres with a pool."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event


def build_engine(url: str) -> Engine:
    """An engine for `sqlite:///…` or `postgresql://…`; reads are marked with `read_only=True`.

    Errors do not quote the values of statements: those are people's, and errors are logged.
    """
    if url.startswith("sqlite"):
        return _sqlite(url)
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    return create_engine(url, pool_size=20, pool_pre_ping=True, hide_parameters=True)


def _sqlite(url: str) -> Engine:
    options = {"isolation_level": None, "timeout": 30, "check_same_thread": False}
    engine = create_engine(url, connect_args=options, pool_size=20, hide_parameters=True)
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare_connection(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A write takes the lock before it reads: SQLite's deferred begin loses updates without an error."""
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
