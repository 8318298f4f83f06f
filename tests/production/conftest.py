"""A database of its own for the plant: its clock is moved, and processes die in it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.postgres import NO_SERVER, find_server, new_database


@pytest.fixture
def database_url() -> Iterator[str]:
    server = find_server()
    if server is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_SERVER)
    name = f"makegood_plant_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}_{os.getpid()}"
    with new_database(server, name) as url:
        yield url
