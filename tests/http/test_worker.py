"""Workers with a real Redis, which only wakes them: whatever happens to it, the rows are looked at."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import redis

from api.runtime.arq_worker import Doorbell, hear, is_well
from api.runtime.jobs import JOBS, run_job
from api.runtime.runtime import Bell, Runtime
from api.runtime.settings import Settings
from dispatch.clock import SystemClock
from dispatch.territories.tables import Dispatcher
from dispatch.work import SYSTEM
from notifications.channels.pocket import Pocket
from notifications.inbox.receive import receive
from tests import builders
from tests.redis_server import RedisServer, soon

ROOT = Path(__file__).parents[2]
NOWHERE = "redis://127.0.0.1:1"


@pytest.fixture
def clock() -> SystemClock:
    """The worker's process and this one must agree about the time."""
    return SystemClock()


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    """A worker's: the same database, the simulator's phones instead of a provider, and no Redis at all."""
    ours = {"MAKEGOOD_DATA": str(tmp_path), "MAKEGOOD_DEV": "1", "DATABASE_URL": database_url}
    return {**os.environ, **ours, "REDIS_URL": NOWHERE}


@contextmanager
def a_worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own, as in production; it ends when it is asked to."""
    command = [sys.executable, "-m", "api.runtime.cli", "worker"]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL) as worker:
        yield worker
        worker.terminate()
        assert worker.wait(30) == 0


@contextmanager
def hearing(redis_url: str, bell: Bell) -> Iterator[None]:
    """As in a worker, in a thread of this process."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(hear(redis_url, bell))

    def listen() -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            loop.close()

    thread = threading.Thread(target=listen)
    thread.start()
    yield
    loop.call_soon_threadsafe(task.cancel)
    thread.join()


# --- the bell ----------------------------------------------------------------------------------------


def test_a_ring_is_heard_through_redis_whatever_happened_to_it(redis_server: RedisServer) -> None:
    bell, doorbell = Bell(), Doorbell(redis_server.url)
    heard = bell.listen()

    def is_heard() -> bool:
        doorbell.ring()
        return heard.wait(0.2)

    with hearing(redis_server.url, bell):
        assert heard.wait(30), "whoever begins to listen looks at the rows once"
        for _ in range(3):  # the same ring is not kept for those who rang before
            heard.clear()
            assert soon(is_heard)
        with redis.Redis.from_url(redis_server.url) as server:
            server.flushall()
        heard.clear()
        assert soon(is_heard), "flushed"
        redis_server.kill()
        doorbell.ring()
        redis_server.start()
        heard.clear()
        assert soon(is_heard), "killed and come back, empty"
    doorbell.close()


def test_rings_do_not_pile_up_while_nobody_listens(redis_server: RedisServer) -> None:
    doorbell = Doorbell(redis_server.url)
    with redis.Redis.from_url(redis_server.url) as server:
        for _ in range(50):
            doorbell.ring()
        assert soon(lambda: server.zcard("arq:queue") == 1)
        [ring] = server.keys("arq:job:*")
        written = server.get(ring)
        assert written.startswith(b'{"')  # JSON: whoever writes to Redis runs no code here
    doorbell.close()


def test_a_bell_without_redis_costs_nothing(
    runtime: Runtime, dispatcher: Dispatcher, caplog: pytest.LogCaptureFixture
) -> None:
    doorbell = Doorbell(NOWHERE)
    loud = replace(runtime, workshop=replace(runtime.workshop, nudge=doorbell.ring))
    for number in range(3):
        ask_for_help(loud, str(number), builders.PHONE)
    assert soon(lambda: "the bell does not ring" in caplog.text)
    doorbell.close()
    assert caplog.text.count("the bell does not ring") == 1, "said once, not at every commit"


# --- workers ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("dispatcher")
def test_workers_that_never_see_a_redis_answer_everybody_once(
    runtime: Runtime, environment: dict[str, str]
) -> None:
    pocket, phones = pocket_of(runtime), [f"+1202555{number}" for number in range(1000, 1020)]
    with ExitStack() as shift:
        for _ in range(2):
            shift.enter_context(a_worker(environment))
        for number, phone in enumerate(phones):
            ask_for_help(runtime, str(number), phone)
        assert soon(lambda: all(pocket.read(phone) for phone in phones), seconds=60)
    assert [len(pocket.read(phone)) for phone in phones] == [1] * len(phones)


@pytest.mark.usefixtures("dispatcher")
def test_a_worker_goes_on_while_redis_is_gone_and_after_it_has_come_back(
    runtime: Runtime, environment: dict[str, str], redis_server: RedisServer
) -> None:
    pocket = pocket_of(runtime)
    with a_worker({**environment, "REDIS_URL": redis_server.url}) as worker:
        for number, happens in enumerate((redis_server.kill, redis_server.start, lambda: None)):
            phone = f"+1202555010{number}"
            ask_for_help(runtime, str(number), phone)
            assert soon(lambda phone=phone: len(pocket.read(phone)) == 1)
            happens()
        assert worker.poll() is None


def test_a_worker_is_well_while_its_jobs_come_to_their_ends(runtime: Runtime) -> None:
    assert not is_well(runtime)
    run_job(runtime, JOBS[0])
    assert is_well(runtime)
    ended_at = runtime.job_runs["sweep"].ended_at
    assert ended_at
    runtime.job_runs["sweep"].ended_at = ended_at - timedelta(minutes=2)
    assert not is_well(runtime)


def test_an_address_that_is_none_of_redis_stops_the_start() -> None:
    with pytest.raises(ValueError, match="REDIS_URL is like redis://"):
        Settings.model_validate({"REDIS_URL": "localhost:6379"})


def pocket_of(runtime: Runtime) -> Pocket:
    return Pocket(runtime.workshop.engine, runtime.workshop.clock)


def ask_for_help(runtime: Runtime, sid: str, phone: str) -> None:
    with runtime.work(SYSTEM, "test") as w:
        receive(w, provider_sid=sid, phone=phone, body="HELP")
