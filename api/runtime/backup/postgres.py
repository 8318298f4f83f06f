"""Postgres by its own programs. No password is on a command line: they read it from a file that only we can read."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, Engine, text

from api.runtime.backup.manifest import CannotBackUp, Contents, Manifest, look
from api.runtime.starting import MIGRATION_LOCK

KEPT = "makegood_before_"
IN_USE = "{} others are connected to the database. Stop `makegood serve` and the workers first."
PLAIN = ("--no-owner", "--no-privileges")


def dump(engine: Engine, into: Path) -> Contents:
    """Counted in the very snapshot that is dumped."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        program = _program("pg_dump", connection)
        contents = look(connection)
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        what = ("--format=custom", f"--snapshot={snapshot}", f"--exclude-schema={KEPT}*")
        _run([program, *PLAIN, *what, f"--file={into}"], engine, into)
    return contents


def load(engine: Engine, data: Path) -> None:
    """All of it or nothing."""
    with engine.connect() as connection:
        program = _program("pg_restore", connection)
    _run([program, *PLAIN, "--single-transaction", "--exit-on-error"], engine, data, more=(str(data),))


@contextmanager
def set_aside(engine: Engine, manifest: Manifest, *, keep: bool) -> Iterator[None]:
    """Inside, `public` is empty; what was in it is kept beside, and comes back when anything fails.

    Whoever starts meanwhile waits, as for a migration.
    """
    options = {"isolation_level": "AUTOCOMMIT"}
    with engine.connect().execution_options(**options) as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        try:
            _require_alone(connection)
            kept = _free_name(connection, manifest)
            connection.exec_driver_sql(f"ALTER SCHEMA public RENAME TO {kept}; CREATE SCHEMA public")
            is_whole = False
            try:
                yield
                is_whole = True
            finally:
                if not is_whole:
                    back = f"DROP SCHEMA public CASCADE; ALTER SCHEMA {kept} RENAME TO public"
                    connection.exec_driver_sql(back)
            if not keep:
                connection.exec_driver_sql(f"DROP SCHEMA {kept} CASCADE")
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})


def _require_alone(connection: Connection) -> None:
    others = connection.execute(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    ).scalar_one()
    if others:
        raise CannotBackUp(IN_USE.format(others))


def _free_name(connection: Connection, manifest: Manifest) -> str:
    taken = set(connection.execute(text("SELECT nspname FROM pg_namespace")).scalars())
    name, number = f"{KEPT}{manifest.stamp}", 1
    while name in taken:
        number += 1
        name = f"{KEPT}{manifest.stamp}_{number}"
    return name


def _program(name: str, connection: Connection) -> str:
    """Where it is. Raises CannotBackUp when it is missing, or older than the server."""
    found = shutil.which(name)
    if found is None:
        raise CannotBackUp(
            f"{name} was not found. Install the client programs of Postgres (postgresql-client) on this machine."
        )
    server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    told = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=30, check=False)
    version = re.search(r"\) (\d+)", told.stdout)
    if version and int(version[1]) < server:
        raise CannotBackUp(
            f"{name} is of version {version[1]}, and the server of {server}. Install one that is not older."
        )
    return found


def _run(command: Sequence[str], engine: Engine, beside: Path, *, more: Sequence[str] = ()) -> None:
    url = engine.url
    given: dict[str, Any] = {"host": url.host, "port": url.port, "user": url.username, **url.query}
    if url.password:
        passwords = beside.with_name("passwords")
        passwords.touch(mode=0o600)
        escaped = str(url.password).replace("\\", "\\\\").replace(":", "\\:")
        passwords.write_text(f"*:*:*:*:{escaped}\n")
        given["passfile"] = str(passwords)
    where = make_conninfo(dbname=url.database, **given)
    ran = subprocess.run(
        [*command, f"--dbname={where}", *more],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if ran.returncode:
        name, said = Path(command[0]).name, ran.stderr.strip().splitlines()
        raise CannotBackUp(f"{name} failed: {said[0] if said else f'exit code {ran.returncode}'}")
