"""The file: a zip of `manifest.json` and `database`, which is SQLite's own file or pg_dump's custom format."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

COUNTED = ("visits", "ledger", "outbox")
MANIFEST, DATABASE = "manifest.json", "database"
CHUNK = 1 << 20
UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError)


class CannotBackUp(Exception):
    """No backup was made, or it cannot be restored here; everything is as it was."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds: its schema, and how many rows of those that are never deleted."""

    revision: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the file says about itself; everything up to `at` is in it."""

    kind: str
    revision: str
    at: str
    counts: Mapping[str, int]
    sha256: str

    @property
    def instant(self) -> datetime:
        return datetime.fromisoformat(self.at)

    @property
    def stamp(self) -> str:
        """`20260302t070000`, for names."""
        return self.instant.strftime("%Y%m%dt%H%M%S")


def look(connection: Connection) -> Contents:
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        raise CannotBackUp("There is no database of Makegood here yet.")
    counts = {name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in COUNTED}
    return Contents(revision, counts)


def pack(data: Path, into: Path, *, kind: str, at: datetime, contents: Contents) -> Manifest:
    manifest = Manifest(kind, contents.revision, at.isoformat(), dict(contents.counts), _sha256(data))
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=2) + "\n")
        archive.write(data, DATABASE)
    return manifest


def unpack(file: Path, into: Path) -> Manifest:
    """Raises CannotBackUp for what is not exactly what was packed."""
    if not file.is_file():
        raise CannotBackUp(f"There is no file {file}.")
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = Manifest(**json.loads(archive.read(MANIFEST)))
            with archive.open(DATABASE) as packed, into.open("wb") as data:
                shutil.copyfileobj(packed, data, CHUNK)
        is_whole = _sha256(into) == manifest.sha256 and manifest.instant.tzinfo is not None
    except UNREADABLE as error:
        raise CannotBackUp(
            f"{file} is damaged, or no backup of ours ({type(error).__name__}). Take another one."
        ) from None
    if not is_whole:
        raise CannotBackUp(f"{file} is damaged: it is not what was written. Take another one.")
    return manifest


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as data:
        while chunk := data.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
