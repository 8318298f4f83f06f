"""A worker's bell, and who rings it: one message through Redis that says nothing but "look at the rows".

The jobs themselves run in `Embedded`, as in a house without Redis. So whatever happens to Redis (flushed, gone, never
there, a message doubled or lost) costs at most the second until the next look.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import tempfile
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker, func
from redis.exceptions import RedisError

from api.runtime.embedded import Embedded
from api.runtime.jobs import OF_WORKERS
from api.runtime.runtime import Bell, Runtime
from dispatch.clock import real_now

log = logging.getLogger("makegood.jobs")
logging.getLogger("arq.worker").setLevel(logging.WARNING)  # it would write a line for every ring

RING = "ring"
RING_SECONDS = 2
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1, 30
SIGN_OF_LIFE, SIGN_SECONDS = Path(tempfile.gettempdir()) / "makegood-worker", 5
WITHIN = timedelta(minutes=1)
AWAY = (RedisError, OSError, TimeoutError)


def _write(value: Any) -> bytes:
    return json.dumps(value).encode()


def _where(redis_url: str) -> RedisSettings:
    """Tried once: whoever needs Redis has a loop of its own, and something better to do meanwhile."""
    settings = RedisSettings.from_dsn(redis_url)
    settings.conn_retries, settings.password = 0, unquote(settings.password or "") or None
    return settings


def work_until_told_to_stop(runtime: Runtime) -> None:
    """Run the jobs, and hear the bell whenever Redis is there. Ends with SIGTERM or SIGINT."""
    with Embedded(runtime, OF_WORKERS):
        asyncio.run(_live_until_told_to_stop(runtime))


async def _live_until_told_to_stop(runtime: Runtime) -> None:
    living = asyncio.gather(hear(runtime.settings.redis, runtime.bell), show_life(runtime))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, living.cancel)
    with suppress(asyncio.CancelledError):
        await living


async def show_life(runtime: Runtime) -> None:
    """Touch a file for as long as the jobs get to their ends: what a health check looks at."""
    while True:
        if is_well(runtime):
            SIGN_OF_LIFE.touch()
        await asyncio.sleep(SIGN_SECONDS)


def is_well(runtime: Runtime) -> bool:
    sweep = runtime.job_runs.get("sweep")
    return bool(sweep and sweep.ended_at and real_now() - sweep.ended_at < WITHIN)


async def hear(redis_url: str, bell: Bell) -> None:
    """Ring `bell` for every message, for ever. arq's loop dies with its connection, so it is begun again: ever more
    seldom while that does not help."""
    pause, time = FIRST_PAUSE_SECONDS, asyncio.get_running_loop().time
    while True:
        began = time()
        try:
            await _hear_until_away(redis_url, bell)
        except AWAY as error:
            lasted = time() - began > LONGEST_PAUSE_SECONDS
            pause = FIRST_PAUSE_SECONDS if lasted else min(2 * pause, LONGEST_PAUSE_SECONDS)
            log.warning("no bell: Redis is away (%s); the next try in %d s", type(error).__name__, pause)
            await asyncio.sleep(pause)


async def _hear_until_away(redis_url: str, bell: Bell) -> None:
    async def ring(ctx: dict[Any, Any]) -> None:
        bell.ring()

    pool = await create_pool(_where(redis_url), job_serializer=_write, job_deserializer=json.loads)
    log.info("Redis is there: the bell is heard")
    bell.ring()  # for whoever rang meanwhile
    worker = Worker(
        functions=[func(ring, name=RING, timeout=RING_SECONDS, keep_result=0)],
        redis_pool=pool,
        handle_signals=False,
        poll_delay=0.2,
        log_results=False,
        job_serializer=_write,
        job_deserializer=json.loads,
    )
    try:
        await worker.async_run()
    finally:
        await asyncio.gather(*worker.tasks.values(), return_exceptions=True)
        with suppress(*AWAY):
            await pool.aclose(close_connection_pool=True)


class Doorbell:
    """Rings from any thread and never waits: whoever rings has committed and wants to answer.

    A ring that is lost costs nothing but the second to the workers' next own look at the rows. There is one ring in
    the queue, however many rang: nothing piles up while no worker is there to hear it.
    """

    def __init__(self, redis_url: str) -> None:
        self._settings = _where(redis_url)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
        self._pool: ArqRedis | None = None
        self._is_waiting, self._is_away = False, False
        self._one_at_a_time = asyncio.Lock()

    def ring(self) -> None:
        with self._lock:
            if self._is_waiting:  # that one will be heard after this commit too
                return
            self._is_waiting = True
            asyncio.run_coroutine_threadsafe(self._ring(), self._running_loop())

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread.start()
        return self._loop

    def _run(self) -> None:
        assert self._loop is not None
        self._loop.run_forever()

    def close(self) -> None:
        """Hang up; for tests, a process may just end."""
        if self._loop is None:
            return
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _hang_up(self) -> None:
        async with self._one_at_a_time:
            if self._pool is not None:
                await self._pool.aclose()

    async def _ring(self) -> None:
        async with self._one_at_a_time:
            self._is_waiting = False
            try:
                async with asyncio.timeout(RING_SECONDS):
                    if self._pool is None:
                        self._pool = await create_pool(self._settings, job_serializer=_write)
                    await self._pool.enqueue_job(RING, _job_id=RING)
            except AWAY as error:
                if not self._is_away:
                    log.warning("the bell does not ring: %s", type(error).__name__)
                self._is_away = True
            else:
                self._is_away = False


def ping(redis_url: str) -> None:
    """Raises RedisError or OSError when nobody answers."""
    asyncio.run(_ping(redis_url))


async def _ping(redis_url: str) -> None:
    settings = _where(redis_url)
    settings.conn_timeout = 3
    pool = await create_pool(settings)
    await pool.aclose()
