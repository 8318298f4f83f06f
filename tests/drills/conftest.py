"""A database of its own for each drill, since the drill throws it away."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import NO_SERVER, find_server, new_database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'makegood.db'}"
        return
    server = find_server()
    if server is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_SERVER)
    if not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        pytest.skip(
            "the drill on Postgres needs pg_dump and pg_restore, which are not on this machine's PATH"
        )
    name = f"makegood_drill_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}_{os.getpid()}"
    with new_database(server, name) as url:
        yield url
