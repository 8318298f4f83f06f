"""The Postgres server that tests find, a database on it, and how that is emptied between two tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy import MetaData

from api.migrations.schema import migrate
from tests.engines import an_engine

USUAL_SERVERS = ("postgresql://postgres@127.0.0.1:5432", "postgresql://root@127.0.0.1:5432")
NO_SERVER = "no Postgres was found (start one on 127.0.0.1:5432 or name it in MAKEGOOD_TEST_POSTGRES)"


def find_server() -> str | None:
    named = os.environ.get("MAKEGOOD_TEST_POSTGRES")
    for server in [named.rstrip("/")] if named else USUAL_SERVERS:
        try:
            psycopg.connect(f"{server}/postgres", connect_timeout=3).close()
        except psycopg.OperationalError:
            continue
        return server
    return None


@contextmanager
def new_database(server: str, name: str) -> Iterator[str]:
    """The address of a database that is there only inside the block."""
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        try:
            yield f"{server}/{name}"
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]


class Migrated:
    """A migrated database that can be put back to the rows of its migrations in 3 ms."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._tables = MetaData()
        self._rows: dict[str, list[dict[str, Any]]] = {}
        engine = an_engine(url)
        migrate(engine)
        self._tables.reflect(engine)
        with engine.connect() as connection:
            for table in self._tables.sorted_tables:
                self._rows[table.name] = [row._asdict() for row in connection.execute(table.select())]
        engine.dispose()

    def empty(self) -> None:
        """A replica's deletes pass the guards that keep everybody else from deleting."""
        engine = an_engine(self.url)
        with engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            deletes = (f'DELETE FROM "{table.name}"' for table in self._tables.sorted_tables)
            connection.exec_driver_sql(";".join(deletes))
            for table in self._tables.sorted_tables:
                if self._rows[table.name]:
                    connection.execute(table.insert(), self._rows[table.name])
        engine.dispose()
