"""The application on each database, and people at its doors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi.testclient import TestClient

from api.main import create_app
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from dispatch.access.links import LinkKey
from dispatch.access.sessions import LASTS, Lasts, begin_session
from dispatch.access.tables import Scope
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.work import Reaction, Workshop
from notifications.channels.memory import Memory
from notifications.reactions import Reactions
from notifications.render import Writer
from optimizer import repair
from tests import builders
from tests.conftest import OpenWork
from tests.http.declared import Declared

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
def portal() -> Iterator[BlockingPortal]:
    """One event loop for all whom a test asks as: a client alone starts one for each request, with threads of its
    own, and that takes longer than most answers."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def client(runtime: Runtime, portal: BlockingPortal) -> Iterator[TestClient]:
    """Somebody we do not know, with a browser of today.

    Whatever anybody is answered in a test must be in the description of the API.
    """
    app, undeclared = create_app(runtime), list[str]()
    app.add_middleware(Declared, described=app, undeclared=undeclared)
    client = TestClient(
        app, base_url=BASE, raise_server_exceptions=False, follow_redirects=False, headers=SAME_SITE
    )
    client.portal = portal
    yield client
    assert sorted(set(undeclared)) == [], "api/openapi.py must know these answers"


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
    """`sign_in(Scope.SETUP, dispatcher.id)`: the client then has the cookie.

    The session does not end idle, because tests let hours pass; test_signing_in has those that do.
    """

    def walk_in(scope: Scope, subject_id: str) -> TestClient:
        role = "dispatcher" if scope is Scope.SETUP else "technician"
        with work() as w:
            secret = begin_session(w, role, subject_id, lasts=Lasts(LASTS[role].at_most))
        inside = TestClient(
            client.app,
            base_url=BASE,
            raise_server_exceptions=False,
            follow_redirects=False,
            headers=SAME_SITE,
        )
        inside.portal = client.portal
        inside.cookies.set("mg", secret)
        return inside

    return walk_in


@pytest.fixture
def staff(sign_in: Client, dispatcher: Dispatcher) -> TestClient:
    return sign_in(Scope.SETUP, dispatcher.id)
