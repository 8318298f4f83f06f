"""What every test may ask for: a database of each kind, a clock that stands still, a workshop, a work."""

from __future__ import annotations

import gc
import os
import shutil
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine

from api.migrations.schema import migrate
from dispatch.chance import Chance
from dispatch.clock import SetClock
from dispatch.travel.straight import StraightLine
from dispatch.work import SYSTEM, Actor, Reaction, Work, Workshop
from optimizer import load_kernels
from tests.engines import an_engine
from tests.postgres import NO_SERVER, Migrated, find_server, new_database
from tests.redis_server import NoRedis, RedisServer, a_redis

MONDAY_AT_SEVEN = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)

OpenWork = Callable[..., AbstractContextManager[Work]]


@pytest.fixture(scope="session", autouse=True)
def _only_localhost() -> Iterator[None]:
    """No test may talk to the outside: whoever tries fails by name. By hand, one suite talks to the real provider."""
    if os.environ.get("MAKEGOOD_REAL_TWILIO") == "1":
        yield
        return
    connect = socket.socket.connect

    def connect_nearby(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise RuntimeError(f"a test tried to reach {address[0]}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_nearby)
        yield


@pytest.fixture(scope="session", autouse=True)
def _awake() -> None:
    """As a house that is up: first answers are compiled, and what was imported is not looked through again
    and again for garbage (it was a quarter of the time of the tests)."""
    load_kernels()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = an_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def _postgres() -> Iterator[Migrated]:
    """One database for this run and this xdist worker, dropped at the end."""
    server = find_server()
    if server is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_SERVER)
    name = f"makegood_test_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}_{os.getpid()}"
    with new_database(server, name) as url:
        yield Migrated(url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated, empty database: the test runs once for each kind."""
    if request.param == "sqlite":
        copy = tmp_path / "makegood.db"
        shutil.copy(request.getfixturevalue("_sqlite_template"), copy)
        return f"sqlite:///{copy}"
    postgres: Migrated = request.getfixturevalue("_postgres")
    postgres.empty()
    return postgres.url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    try:
        with a_redis(tmp_path_factory.mktemp("redis")) as url:
            yield url
    except NoRedis as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """One that the test may kill and start again; it runs already."""
    try:
        server = RedisServer(tmp_path)
    except NoRedis as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = an_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> SetClock:
    """Monday 2 March 2026, 07:00 UTC, until the test moves it."""
    return SetClock(MONDAY_AT_SEVEN)


@pytest.fixture
def reactions() -> Sequence[Reaction]:
    """What answers to facts: nothing. A test module that wants texts has its own fixture of this name."""
    return ()


@pytest.fixture
def workshop(engine: Engine, clock: SetClock, reactions: Sequence[Reaction]) -> Workshop:
    return Workshop(engine, clock, Chance(Random(7)), StraightLine(), reactions=reactions)


@pytest.fixture
def work(workshop: Workshop) -> OpenWork:
    """`with work() as w:` opens a Work that is committed at the end of the block."""

    def open_work(actor: Actor = SYSTEM, cause: str = "test") -> AbstractContextManager[Work]:
        return workshop.work(actor, cause)

    return open_work


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.getreports("skipped")
    count = sum(NO_SERVER in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.write_line(f"{count} tests did not run: {NO_SERVER}", yellow=True)
