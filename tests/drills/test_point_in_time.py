"""Somebody damages the database by hand: it comes back as it stood a moment before, from the files of the archive."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.postgres_server import NoBinaries, Server, a_server

pytestmark = pytest.mark.postgres


@pytest.fixture
def server() -> Iterator[Server]:
    try:
        with a_server() as found:
            yield found
    except NoBinaries as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))


def write_settings(data: Path, **settings: str) -> None:
    """As the page of operations says, into the server's own file."""
    with (data / "postgresql.auto.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())


def test_the_day_comes_back_as_it_stood_before_the_accident(server: Server) -> None:
    archive, base = server.folder / "archive", server.folder / "base"
    server.run("mkdir", str(archive))
    server.stop()
    write_settings(
        server.data,
        archive_mode="on",
        archive_timeout="60",
        archive_command=f"test ! -f {archive}/%f && cp %p {archive}/%f",
    )
    server.start()
    url = server.new_database("makegood")
    with psycopg.connect(url, autocommit=True) as house:
        house.execute("CREATE TABLE promised (visit text)")
        house.execute("INSERT INTO promised VALUES ('in the base')")
    server.run("pg_basebackup", f"--dbname={server.url}/postgres", "-D", str(base), "--checkpoint=fast")
    with psycopg.connect(url, autocommit=True) as house:
        house.execute("INSERT INTO promised VALUES ('since the base')")
        moment = house.execute("SELECT clock_timestamp()::text").fetchone()
        assert moment
        house.execute("DELETE FROM promised")
        house.execute("INSERT INTO promised VALUES ('after the accident')")
        house.execute("SELECT pg_switch_wal()")
    server.stop()  # what is not archived yet is archived as it stops
    shutil.rmtree(server.data)
    server.run("mv", str(base), str(server.data))
    server.run("touch", str(server.data / "recovery.signal"))
    write_settings(
        server.data,
        restore_command=f"cp {archive}/%f %p",
        recovery_target_time=moment[0],
        recovery_target_action="promote",
    )
    server.start()
    with psycopg.connect(url) as house:
        found = house.execute("SELECT visit FROM promised ORDER BY visit").fetchall()
    assert found == [("in the base",), ("since the base",)]
