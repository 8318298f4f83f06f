"""A backup is whole or it is none; a restore is complete or nothing has changed."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import threading
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import select

from api.migrations.schema import migrate
from api.runtime.backup import CannotBackUp, back_up, restore
from api.runtime.backup.manifest import DATABASE, MANIFEST
from api.runtime.engine import build_engine
from dispatch.clock import SetClock
from dispatch.customers.tables import Customer
from dispatch.work import SYSTEM, Workshop
from notifications.witness.queries import get_state, is_held
from tests.builders import a_customer
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    migrate(workshop.engine)
    return a_quiet_town(workshop, clock, "Tom")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "house.backup"


def names(world: World) -> list[str]:
    with world.look() as work:
        return sorted(work.session.exec(select(Customer.name)))


def refused(world: World, file: Path, *, replace: bool = True) -> str:
    """What a restore says that is refused, and leaves everything as it was."""
    before = names(world)
    with pytest.raises(CannotBackUp) as refusal:
        restore(world.workshop, file, replace=replace)
    assert names(world) == before
    with world.look() as work:
        assert not is_held(work.session)
    return str(refusal.value)


def rewritten(file: Path, **members: bytes) -> Path:
    """The same archive with other contents."""
    with zipfile.ZipFile(file) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in {**found, **members}.items():
            archive.writestr(name, data)
    return file


def manifest_of(file: Path) -> dict[str, object]:
    with zipfile.ZipFile(file) as archive:
        told: dict[str, object] = json.loads(archive.read(MANIFEST))
    return told


def test_what_was_there_comes_back_and_what_came_later_is_gone(world: World, file: Path) -> None:
    world.book("Ana Cole", "08:00")
    manifest = back_up(world.workshop, file)
    assert manifest_of(file)["counts"] == manifest.counts
    assert (manifest.counts["visits"], manifest.instant) == (1, world.at("07:00"))
    world.book("Ben Ode", "10:00", phone="+12025550144")
    world.clock.at = world.at("09:00")
    restore(world.workshop, file, replace=True)
    assert names(world) == ["Ana Cole"]
    with world.look() as work:
        state = get_state(work.session)
        assert (state.held_since_at, state.backup_at) == (world.at("09:00"), world.at("07:00"))
    world.book("Cara Dee", "10:00", phone="+12025550145")  # and work goes on


def test_a_restore_can_be_backed_up_and_restored_again(world: World, file: Path) -> None:
    world.book("Ana Cole", "08:00")
    back_up(world.workshop, file)
    for _ in range(2):
        restore(world.workshop, file, replace=True)
        back_up(world.workshop, file)
    assert names(world) == ["Ana Cole"]


def test_the_old_database_is_kept_beside(world: World, file: Path, engine: Engine) -> None:
    back_up(world.workshop, file)
    world.book("Ana Cole", "08:00")
    restore(world.workshop, file, replace=True)
    assert names(world) == []
    if engine.dialect.name == "sqlite":
        [kept] = Path(engine.url.database or "").parent.glob("makegood.db.before-20260302t070000")
        found = sqlite3.connect(kept)
        assert found.execute("SELECT name FROM customers").fetchall() == [("Ana Cole",)]
        found.close()
    else:
        with engine.connect() as connection:
            found_names = connection.execute(
                text("SELECT name FROM makegood_before_20260302t070000.customers")
            ).scalars()
            assert list(found_names) == ["Ana Cole"]


def test_a_database_with_work_in_it_is_not_replaced_by_accident(world: World, file: Path) -> None:
    back_up(world.workshop, file)
    world.book("Ana Cole", "08:00")
    assert "--replace" in refused(world, file, replace=False)


def test_a_damaged_file_is_refused(world: World, file: Path) -> None:
    back_up(world.workshop, file)
    whole = file.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"no backup at all", whole[:200] + b"x" + whole[201:]):
        file.write_bytes(damaged)
        assert "damaged" in refused(world, file)
    file.write_bytes(whole)
    rewritten(file, **{DATABASE: b"another database"})
    assert "not what was written" in refused(world, file)
    file.unlink()
    assert "There is no file" in refused(world, file)


def test_a_manifest_that_tells_another_story_is_refused(world: World, file: Path) -> None:
    world.book("Ana Cole", "08:00")
    back_up(world.workshop, file)
    told = manifest_of(file)
    for wrong, sentence in (
        ({"revision": "9999"}, "newer Makegood"),
        ({"kind": "oracle"}, "a backup of oracle"),
        ({"counts": {"visits": 2, "ledger": 1, "outbox": 0}}, "says that it holds"),
        ({"at": "yesterday"}, "damaged"),
    ):
        rewritten(file, **{MANIFEST: json.dumps({**told, **wrong}).encode()})
        assert sentence in refused(world, file)


def test_nothing_is_left_of_a_backup_that_failed(world: World, file: Path) -> None:
    file.write_bytes(b"the good one of yesterday")
    with world.workshop.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    with pytest.raises(CannotBackUp, match="no database of Makegood"):
        back_up(world.workshop, file)
    assert file.read_bytes() == b"the good one of yesterday"
    assert [path for path in file.parent.iterdir() if path.name.startswith(".house")] == []


def test_a_folder_that_is_not_there_is_said(world: World, file: Path) -> None:
    with pytest.raises(CannotBackUp, match="There is no folder"):
        back_up(world.workshop, file.parent / "away" / "file")


def test_work_goes_on_while_it_is_copied(world: World, file: Path) -> None:
    """Each backup, whenever it falls, is one consistent moment: it passes its own judgement and the audit's counts."""
    stop = threading.Event()

    def keep_writing() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with world.workshop.work(SYSTEM, "busy") as work:
                a_customer(work, name=f"Customer {number}", phone=f"+1202555{2000 + number % 5000:04}")

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        manifests = [back_up(world.workshop, file) for _ in range(3)]
    finally:
        stop.set()
        writer.join()
    counted = [manifest.counts["ledger"] for manifest in manifests]
    assert counted == sorted(counted)
    world.workshop.engine.dispose()
    restore(world.workshop, file, replace=True)
    with world.look() as work:
        held = work.session.connection().execute(text("SELECT count(*) FROM ledger")).scalar_one()
    assert held == counted[-1]


def test_somebody_who_uses_the_database_keeps_it(world: World, file: Path, database_url: str) -> None:
    back_up(world.workshop, file)
    other = build_engine(database_url)
    with other.connect() as connection:
        connection.execute(text("SELECT 1"))
        assert "Stop `makegood serve`" in refused(world, file)
    other.dispose()


def test_without_its_programs_postgres_says_what_to_install(
    world: World, file: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite needs no programs")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotBackUp, match=r"pg_dump was not found\. Install"):
        back_up(world.workshop, file)
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    program.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    with pytest.raises(CannotBackUp, match="is of version 9, and the server of"):
        back_up(world.workshop, file)
    assert not file.exists()
