"""The database goes away in the middle of a day and comes back: nobody restarts anything, and nothing is lost."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import Engine
from sqlmodel import select

from api.migrations.schema import migrate
from api.runtime.embedded import Embedded
from api.runtime.engine import build_engine
from api.runtime.runtime import Runtime
from dispatch.clock import SystemClock
from dispatch.services.tables import Service
from dispatch.work import SYSTEM
from notifications.channels.pocket import Pocket
from notifications.inbox.receive import receive
from tests.http.conftest import SAME_SITE
from tests.postgres_server import NoBinaries, Server, a_server
from tests.redis_server import soon

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.filterwarnings("ignore:<psycopg.Connection:ResourceWarning"),  # of those that were cut
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    try:
        with a_server() as found:
            yield found
    except NoBinaries as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))


@pytest.fixture
def database_url(server: Server, request: pytest.FixtureRequest) -> str:
    url = server.new_database(f"makegood_{abs(hash(request.node.name))}")
    engine = build_engine(url)
    migrate(engine)
    engine.dispose()
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = build_engine(database_url)
    yield engine
    engine.dispose()
    gc.collect()


@pytest.fixture
def clock() -> SystemClock:
    """The worker's process and this one must agree about the time."""
    return SystemClock()


def offer(staff: TestClient, code: str) -> Response:
    body = {"code": code, "name": "Repair", "duration_seconds": 2700, "spread_seconds": 600}
    headers = {"Idempotency-Key": code, **SAME_SITE}
    return staff.post("/api/v1/services", json=body, headers=headers)


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_the_web_process_says_when_to_come_again_and_comes_back(
    staff: TestClient, runtime: Runtime, server: Server, how: str
) -> None:
    assert offer(staff, "before").status_code == 201
    server.stop(how)
    for answer in (offer(staff, "during"), staff.get("/api/v1/services"), staff.get("/healthz")):
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert answer.headers["content-type"] == "application/problem+json"
    page = staff.get("/board")
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    server.start()
    assert [offer(staff, code).status_code for code in ("before", "during", "after")] == [201] * 3
    assert staff.get("/board").status_code == 200
    with runtime.read() as work:
        assert sorted(work.session.exec(select(Service.code))) == ["after", "before", "during"]


def test_the_jobs_of_the_web_process_come_back(runtime: Runtime, server: Server) -> None:
    with Embedded(runtime):
        assert soon(lambda: runtime.job_runs.keys() >= {"sweep"} and not failures(runtime), seconds=60)
        server.stop("immediate")
        assert soon(lambda: failures(runtime) > 0, seconds=60)
        server.start()
        assert soon(lambda: failures(runtime) == 0, seconds=60)


def failures(runtime: Runtime) -> int:
    return max(run.failures_in_a_row for run in list(runtime.job_runs.values()))


@pytest.mark.usefixtures("dispatcher")
def test_a_worker_comes_back_and_sends_what_waits(
    runtime: Runtime, server: Server, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    settings = {
        "MAKEGOOD_DATA": str(tmp_path),
        "MAKEGOOD_DEV": "1",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
    }
    pocket = Pocket(runtime.workshop.engine, runtime.workshop.clock)
    command = [sys.executable, "-m", "api.runtime.cli", "worker"]
    with subprocess.Popen(
        command, env={**os.environ, **settings}, cwd=ROOT, stderr=subprocess.DEVNULL
    ) as worker:
        ask_for_help(runtime, "1", "+12025550143")
        assert soon(lambda: len(pocket.read("+12025550143")) == 1, seconds=60)
        server.stop("immediate")
        server.start()
        ask_for_help(runtime, "2", "+12025550144")
        assert soon(lambda: len(pocket.read("+12025550144")) == 1, seconds=60)
        assert len(pocket.read("+12025550143")) == 1
        assert worker.poll() is None
        worker.terminate()


def ask_for_help(runtime: Runtime, sid: str, phone: str) -> None:
    with runtime.work(SYSTEM, "test") as w:
        receive(w, provider_sid=sid, phone=phone, body="HELP")
