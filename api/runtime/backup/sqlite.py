"""SQLite's file, copied while others write to it, and put in its place by its name alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Engine

from api.runtime.backup.manifest import CannotBackUp, Contents, Manifest, look
from api.runtime.engine import build_engine

IN_USE = "Somebody is using the database. Stop `makegood serve` and the workers first."


def place_of(engine: Engine) -> Path:
    return Path(engine.url.database or "")


def copy(engine: Engine, into: Path) -> Contents:
    """By SQLite's own means, page by page, while others write; judged before it counts."""
    place = place_of(engine)
    if not place.exists():
        raise CannotBackUp(f"There is no database at {place}.")
    source, copied = sqlite3.connect(place), sqlite3.connect(into)
    try:
        source.backup(copied)
        verdict = copied.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise CannotBackUp(f"The database cannot be read: {error}.") from None
    finally:
        copied.close()
        source.close()
    if verdict != "ok":
        raise CannotBackUp(f"The database itself is damaged: {verdict}.")
    opened = build_engine(f"sqlite:///{into}")
    try:
        with opened.execution_options(read_only=True).connect() as connection:
            return look(connection)
    finally:
        opened.dispose()
        gather(into)


def gather(path: Path) -> None:
    """What still lies in the write-ahead log goes into the file, and the log goes away."""
    connection = sqlite3.connect(path, timeout=1)
    try:
        connection.execute("PRAGMA journal_mode=DELETE")
    finally:
        connection.close()


def put(engine: Engine, data: Path, manifest: Manifest) -> Path | None:
    """Two names change; the database that was here is kept under the one that is returned."""
    place, kept = place_of(engine), None
    engine.dispose()
    if place.exists():
        try:
            gather(place)
        except sqlite3.OperationalError:
            raise CannotBackUp(IN_USE) from None
        except sqlite3.DatabaseError:
            pass  # damaged, which may be the reason for all this: it is kept as it is
        kept = _free_name(place, manifest)
        place.rename(kept)
    data.replace(place)
    return kept


def _free_name(place: Path, manifest: Manifest) -> Path:
    named = place.with_name(f"{place.name}.before-{manifest.stamp}")
    number = 1
    while named.exists():
        number += 1
        named = place.with_name(f"{place.name}.before-{manifest.stamp}-{number}")
    return named
