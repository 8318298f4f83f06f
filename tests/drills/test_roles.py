"""The application works with a role that cannot change the schema or delete the record, and an auditor only looks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import ProgrammingError

from api.migrations.roles import ADDED_TO_ONLY, APP, AUDITOR, LEDGER_TABLES
from api.migrations.tables import METADATA
from api.runtime.cli import main
from api.runtime.engine import build_engine
from api.runtime.starting import migrate_once
from dispatch.errors import Unavailable
from dispatch.work import Workshop
from notifications.audit import ALL, run_audit
from tests.audit.town import a_busy_town
from tests.postgres_server import NoBinaries, Server, a_server

EngineOf = Callable[[str], Engine]
pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    try:
        with a_server() as found:
            yield found
    except NoBinaries as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))


@pytest.fixture
def owners_url(
    server: Server, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A database that `makegood migrate --roles` has just made, for the app's role in `DATABASE_URL`."""
    url = server.new_database(request.node.name[:60])
    monkeypatch.setenv("MAKEGOOD_DATA", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", as_role(url, APP))
    monkeypatch.setenv("MAKEGOOD_MIGRATOR_URL", url)
    assert main(["migrate", "--roles"]) == 0
    monkeypatch.delenv("MAKEGOOD_MIGRATOR_URL")
    return url


@pytest.fixture
def engine_of(owners_url: str) -> Iterator[EngineOf]:
    engines = {role: build_engine(as_role(owners_url, role)) for role in (APP, AUDITOR)}
    yield engines.__getitem__
    for engine in engines.values():
        engine.dispose()


def as_role(url: str, role: str) -> str:
    return url.replace("owner@", f"{role}@")


def refused(engine: Engine, statement: str) -> bool:
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    except ProgrammingError as error:
        return getattr(error.orig, "sqlstate", "") == "42501"
    return False


def test_a_busy_town_lives_with_the_apps_role_and_an_auditor_looks_at_it(
    engine_of: EngineOf, owners_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bookings, changes, promises that broke and were made good, texts: then every invariant, by who may only read."""
    town = a_busy_town(engine_of(APP))
    looking = Workshop(engine_of(AUDITOR), town.workshop.clock, town.workshop.chance, town.workshop.travel)
    with looking.read() as work:
        assert run_audit(work, ALL) == []
    monkeypatch.setenv("DATABASE_URL", as_role(owners_url, AUDITOR))
    assert main(["audit"]) in (0, 1)  # by the real clock that town's days are long over
    assert f"{len(ALL)} invariants checked" in capsys.readouterr().out


def test_the_record_cannot_be_deleted_nor_the_schema_changed(engine_of: EngineOf) -> None:
    app, auditor = engine_of(APP), engine_of(AUDITOR)
    for table in LEDGER_TABLES:
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE", f"DROP TABLE {table}"):
            assert refused(app, statement), statement
    for table in ADDED_TO_ONLY:
        assert refused(
            app, f"UPDATE {table} SET actor = ''" if table == "ledger" else f"UPDATE {table} SET by = ''"
        )
    for statement in (
        "CREATE TABLE mine (id int)",
        "ALTER TABLE visits ADD COLUMN mine int",
        "ALTER TABLE visits DISABLE TRIGGER ALL",
        "DROP TRIGGER visits_no_delete ON visits",
        "UPDATE alembic_version SET version_num = '0001'",
    ):
        assert refused(app, statement), statement
    with auditor.connect() as connection:
        rights = text("SELECT has_table_privilege(:table, 'INSERT, UPDATE, DELETE, TRUNCATE')")
        for table in inspect(connection).get_table_names():
            assert not connection.execute(rights, {"table": table}).scalar_one(), table
            connection.execute(text(f'SELECT count(*) FROM "{table}"'))
    assert refused(auditor, "SET TRANSACTION READ WRITE; CREATE TABLE mine (id int)")


def test_what_a_later_migration_makes_can_be_worked_with_and_not_deleted_from(
    engine_of: EngineOf, owners_url: str
) -> None:
    with psycopg.connect(owners_url) as owner:
        owner.execute("CREATE TABLE later (id int)")
    with engine_of(APP).begin() as connection:
        connection.execute(text("INSERT INTO later VALUES (1)"))
        connection.execute(text("UPDATE later SET id = 2"))
    with engine_of(AUDITOR).connect() as connection:
        assert connection.execute(text("SELECT id FROM later")).scalar_one() == 2
    assert refused(engine_of(APP), "DELETE FROM later")
    assert refused(engine_of(AUDITOR), "SET TRANSACTION READ WRITE; INSERT INTO later VALUES (3)")


def test_an_app_that_finds_an_older_schema_says_who_can_bring_it_up_to_date(
    engine_of: EngineOf, owners_url: str
) -> None:
    migrate_once(engine_of(APP))  # nothing to do, and no right to it is needed
    with psycopg.connect(owners_url) as owner:
        owner.execute("UPDATE alembic_version SET version_num = '0011'")
    with pytest.raises(Unavailable, match="MAKEGOOD_MIGRATOR_URL"):
        migrate_once(engine_of(APP))


def test_an_owner_who_may_make_no_roles_reads_who_must(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(f"{server.url}/postgres", autocommit=True) as admin:
        admin.execute("CREATE ROLE plain LOGIN")
        for role in (APP, AUDITOR):
            admin.execute(
                f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN END $$"
            )  # type: ignore[arg-type]
            admin.execute(f"ALTER ROLE {role} RENAME TO {role}_of_others")  # type: ignore[arg-type]
        admin.execute("CREATE DATABASE plainly OWNER plain")
        monkeypatch.setenv("MAKEGOOD_DATA", str(tmp_path))
        monkeypatch.setenv("DATABASE_URL", as_role(f"{server.url}/plainly", "plain"))
        assert main(["migrate", "--roles"]) == 2
        assert f"CREATE ROLE {APP} LOGIN;" in capsys.readouterr().err
        for role in (APP, AUDITOR):
            admin.execute(f"ALTER ROLE {role}_of_others RENAME TO {role}")  # type: ignore[arg-type]
        assert main(["migrate", "--roles"]) == 0


def test_the_list_of_the_record_names_tables_that_are_there() -> None:
    known = {*METADATA.tables, "alembic_version", "row_counts"}
    assert set(ADDED_TO_ONLY) < set(LEDGER_TABLES) < known
