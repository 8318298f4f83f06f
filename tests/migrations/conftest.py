"""A database of its own for each upgrade, without a table in it."""

from __future__ import annotations

import os
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
    name = f"makegood_upgrade_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}_{os.getpid()}"
    with new_database(server, name) as url:
        yield url
