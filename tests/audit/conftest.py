"""The busy town, built once on each kind of database; every test damages its own copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.migrations.schema import migrate
from tests.audit.damage import Damaged
from tests.audit.town import Town, a_busy_town
from tests.engines import an_engine
from tests.postgres import NO_SERVER, find_server, new_database


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            template: Path = request.getfixturevalue("_sqlite_template")
            copy = tmp_path_factory.mktemp("town") / "town.db"
            shutil.copy(template, copy)
            url = f"sqlite:///{copy}"
        else:
            server = find_server()
            if server is None:
                (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_SERVER)
            name = f"makegood_audit_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}_{os.getpid()}"
            url = stack.enter_context(new_database(server, name))
        engine: Engine = an_engine(url)
        stack.callback(engine.dispose)
        if request.param != "sqlite":
            migrate(engine)
        yield a_busy_town(engine)


@pytest.fixture
def copy(town: Town) -> Iterator[Damaged]:
    with town.workshop.engine.connect() as connection:
        transaction = connection.begin()
        yield Damaged(connection, town)
        transaction.rollback()
