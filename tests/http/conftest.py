"""The application on each database, and people at its doors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from dispatch.access.links import LinkKey, issue
from dispatch.access.tables import Scope
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.work import Reaction, Workshop
from notifications.channels.memory import Memory
from notifications.reactions import Reactions
from notifications.render import Writer
from optimizer import repair
from tests import builders
from tests.conftest import OpenWork

BASE = "http://127.0.0.1:8000"
KEY = LinkKey(b"a secret for tests, of forty bytes and more")
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}

Client = Callable[..., TestClient]


@pytest.fixture
def reactions() -> Sequence[Reaction]:
    return (Reactions(KEY, BASE, "Makegood"),)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"MAKEGOOD_DATA": tmp_path})


@pytest.fixture
def runtime(workshop: Workshop, settings: Settings) -> Runtime:
    writer = Writer(KEY, BASE, "Makegood")
    return Runtime(settings, workshop, Memory(), KEY, writer, solver=lambda day, seconds, start: repair(day))


@pytest.fixture
def client(runtime: Runtime) -> TestClient:
    """Somebody we do not know."""
    return TestClient(
        create_app(runtime), base_url=BASE, raise_server_exceptions=False, follow_redirects=False
    )


@pytest.fixture
def territory(work: OpenWork) -> Territory:
    with work() as w:
        return builders.a_territory(w)


@pytest.fixture
def dispatcher(work: OpenWork, territory: Territory) -> Dispatcher:
    with work() as w:
        return builders.a_dispatcher(w, territory)


@pytest.fixture
def sign_in(work: OpenWork, client: TestClient) -> Client:
    """`sign_in(Scope.SETUP, dispatcher.id)` walks through the door; the client then has the cookie."""

    def walk_in(scope: Scope, subject_id: str) -> TestClient:
        with work() as w:
            token = issue(w, KEY, scope, subject_id, expires_at=w.now + timedelta(hours=1))
        door = "setup" if scope is Scope.SETUP else "enrol"
        inside = TestClient(
            client.app,
            base_url=BASE,
            raise_server_exceptions=False,
            follow_redirects=False,
            headers=SAME_SITE,
        )
        assert inside.post(f"/{door}/{token}").status_code == 303
        return inside

    return walk_in


@pytest.fixture
def staff(sign_in: Client, dispatcher: Dispatcher) -> TestClient:
    return sign_in(Scope.SETUP, dispatcher.id)
