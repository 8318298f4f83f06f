"""Making a backup while the house runs, and putting one in the place of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import DatabaseError
from tempfile import TemporaryDirectory

from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from api.migrations.schema import alembic_config, migrate
from api.runtime.backup import postgres, sqlite
from api.runtime.backup.manifest import DATABASE, CannotBackUp, Manifest, look, pack, unpack
from api.runtime.engine import build_engine
from dispatch.work import SYSTEM, Workshop
from notifications.witness.actions import hold_sending

KEPT_BESIDE = (
    "There is work in the database here. With --replace the backup takes its place, and it is kept beside."
)


def back_up(workshop: Workshop, file: Path) -> Manifest:
    """Written beside, and given its name when it is whole. Raises CannotBackUp."""
    engine = workshop.engine
    is_sqlite = engine.dialect.name == "sqlite"
    with _beside(file) as folder:
        data, packed = folder / DATABASE, folder / "packed"
        if is_sqlite and not sqlite.place_of(engine).exists():
            raise CannotBackUp(f"There is no database at {sqlite.place_of(engine)}.")
        with workshop.read() as read:
            at = read.now  # before the copy begins: the witness asks for everything since
        contents = sqlite.copy(engine, data) if is_sqlite else postgres.dump(engine, data)
        manifest = pack(data, packed, kind=engine.dialect.name, at=at, contents=contents)
        packed.replace(file)
    return manifest


def restore(workshop: Workshop, file: Path, *, replace: bool = False) -> Manifest:
    """The backup in the place of the database, at the schema of this code, with sending held until the witness
    was heard. Raises CannotBackUp; then everything is as it was."""
    engine = workshop.engine
    is_sqlite = engine.dialect.name == "sqlite"
    with _beside(sqlite.place_of(engine) if is_sqlite else file) as folder:
        data = folder / DATABASE
        manifest = unpack(file, data)
        if manifest.kind != engine.dialect.name:
            raise CannotBackUp(f"This is a backup of {manifest.kind}, and {engine.dialect.name} is set here.")
        _require_known(manifest.revision)
        has_work = _has_work(engine)
        if has_work and not replace:
            raise CannotBackUp(KEPT_BESIDE)
        if is_sqlite:
            _make_ready(workshop, f"sqlite:///{data}", manifest)
            sqlite.gather(data)
            sqlite.put(engine, data, manifest)
        else:
            engine.dispose()
            with postgres.set_aside(engine, manifest, keep=has_work):
                postgres.load(engine, data)
                _make_ready(workshop, engine.url.render_as_string(hide_password=False), manifest)
    return manifest


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A folder on the same disk, so that giving a file its name is one step; gone at the end."""
    if not file.parent.is_dir():
        raise CannotBackUp(f"There is no folder {file.parent}.")
    with TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.") as folder:
        yield Path(folder)


def _has_work(engine: Engine) -> bool:
    """Whether anything was ever done here; what cannot be read may have been anything."""
    if engine.dialect.name == "sqlite" and not sqlite.place_of(engine).exists():
        return False
    try:
        with engine.execution_options(read_only=True).connect() as connection:
            if not inspect(connection).has_table("ledger"):
                return False
            return connection.execute(text("SELECT 1 FROM ledger LIMIT 1")).first() is not None
    except (SQLAlchemyError, DatabaseError):  # the second one while a connection is only being made
        return True


def _require_known(revision: str) -> None:
    known = {one.revision for one in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
    if revision not in known:
        raise CannotBackUp(
            f"This backup is of a newer Makegood (schema {revision}). Restore it with that version, or a later one."
        )


def _make_ready(workshop: Workshop, url: str, manifest: Manifest) -> None:
    """Counted, migrated and held before anybody else can open it."""
    engine = build_engine(url)
    try:
        with engine.execution_options(read_only=True).connect() as connection:
            counts = look(connection).counts
        if counts != manifest.counts:
            raise CannotBackUp(f"The backup holds {counts}, and says that it holds {manifest.counts}.")
        migrate(engine)
        restored = Workshop(engine, workshop.clock, workshop.chance, workshop.travel)
        with restored.work(SYSTEM, "restore") as work:
            hold_sending(work, manifest.instant)
    finally:
        engine.dispose()
