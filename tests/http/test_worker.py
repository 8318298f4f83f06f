"""The jobs in an arq worker with a real Redis, which only wakes it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from api.runtime.arq_worker import Doorbell
from api.runtime.runtime import Runtime
from dispatch.clock import SystemClock
from dispatch.territories.tables import Dispatcher
from dispatch.work import SYSTEM
from notifications.channels.pocket import Pocket
from notifications.inbox.receive import receive
from tests import builders
from tests.redis_server import soon

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clock() -> SystemClock:
    """The worker's process and this one must agree about the time."""
    return SystemClock()


@pytest.fixture
def environment(database_url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    """A worker's: the same database and Redis, the simulator's phones instead of a provider."""
    ours = {
        "MAKEGOOD_DATA": str(tmp_path),
        "MAKEGOOD_DEV": "1",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
    }
    return {**os.environ, **ours}


@pytest.fixture
def _worker(environment: dict[str, str]) -> Iterator[None]:
    """A process of its own, as in production."""
    command = [sys.executable, "-m", "api.runtime.cli", "worker"]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL) as worker:
        yield
        worker.terminate()


@pytest.mark.usefixtures("_worker", "dispatcher")
def test_a_commit_rings_and_a_flushed_redis_loses_nothing(runtime: Runtime, redis_url: str) -> None:
    bell = Doorbell(redis_url)
    pocket = Pocket(runtime.workshop.engine, runtime.workshop.clock)
    loud = replace(runtime, workshop=replace(runtime.workshop, nudge=bell.ring))
    ask_for_help(loud, "1", "+12025550143")
    assert soon(lambda: len(pocket.read("+12025550143")) == 1)
    ask_for_help(runtime, "2", "+12025550144")
    with redis.Redis.from_url(redis_url) as server:
        server.flushall()
    assert soon(lambda: len(pocket.read("+12025550144")) == 1)
    bell.close()


def test_a_bell_without_redis_costs_nothing(
    runtime: Runtime, dispatcher: Dispatcher, caplog: pytest.LogCaptureFixture
) -> None:
    bell = Doorbell("redis://127.0.0.1:1")
    ask_for_help(replace(runtime, workshop=replace(runtime.workshop, nudge=bell.ring)), "1", builders.PHONE)
    assert soon(lambda: "the bell did not ring" in caplog.text)
    bell.close()


def ask_for_help(runtime: Runtime, sid: str, phone: str) -> None:
    with runtime.work(SYSTEM, "test") as w:
        receive(w, provider_sid=sid, phone=phone, body="HELP")
