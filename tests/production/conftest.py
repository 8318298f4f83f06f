"""A database and a Redis of its own for the plant, since both are killed and thrown away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import NO_SERVER, find_server, new_database
from tests.redis_server import NoRedis, RedisServer


@pytest.fixture
def database_url() -> Iterator[str]:
    server = find_server()
    if server is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_SERVER)
    name = f"makegood_plant_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}_{os.getpid()}"
    with new_database(server, name) as url:
        yield url


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    try:
        server = RedisServer(tmp_path)
    except NoRedis as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))
    server.start()
    yield server
    server.kill()
