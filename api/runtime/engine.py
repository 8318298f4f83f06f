"""The database engine from a URL: SQLite that waits for its turn, Postgres with a pool."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

CONNECT_SECONDS = 5


def build_engine(url: str) -> Engine:
    """An engine for `sqlite:///…` or `postgresql://…`; reads are marked with `read_only=True`.

    Errors do not quote the values of statements: those are people's, and errors are logged.
    """
    engine = _sqlite(url) if url.startswith("sqlite") else _postgres(url)
    event.listen(engine, "checkin", _leave_nothing_open)
    return engine


def _postgres(url: str) -> Engine:
    """The isolation is said here and not left to the server's settings: see decision 12."""
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    patience = {} if "connect_timeout" in url else {"connect_timeout": CONNECT_SECONDS}
    return create_engine(
        url,
        pool_size=20,
        pool_use_lifo=True,
        pool_pre_ping=True,  # a connection from before the server's restart is replaced before it is used
        isolation_level="READ COMMITTED",
        connect_args=patience,
        hide_parameters=True,
    )


def _sqlite(url: str) -> Engine:
    options = {"isolation_level": None, "timeout": 30, "check_same_thread": False}
    engine = create_engine(url, connect_args=options, pool_size=20, hide_parameters=True)
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    return engine


def learn_sizes(engine: Engine) -> None:
    """SQLite chooses its way through tables by the sizes that it was last told of; Postgres sees to that by itself."""
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA analysis_limit = 1000")
            connection.exec_driver_sql("ANALYZE")
        engine.dispose()  # a connection knows the sizes as they were when it was opened


def _prepare_connection(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _leave_nothing_open(connection: Any, _record: Any) -> None:
    """A commit that fails leaves SQLite's transaction open, with the write lock, and SQLAlchemy takes the
    connection back as it is: the next one who got it would be told that a transaction is open already."""
    if connection is not None and not getattr(connection, "closed", False):
        connection.rollback()


def _begin(connection: Connection) -> None:
    """A write takes the lock before it reads: SQLite's deferred begin loses updates without an error."""
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
