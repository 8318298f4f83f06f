"""The jobs in arq workers, and the bell that calls them. Redis only wakes: flushing it loses nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from typing import Any

from arq import cron
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.worker import Worker, func
from redis.exceptions import RedisError

from api.runtime.jobs import JOBS, Job, run_job
from api.runtime.runtime import Runtime

log = logging.getLogger("makegood.jobs")

JOB_SECONDS = 120
PAUSE_SECONDS = 2


def _write(value: Any) -> bytes:
    return json.dumps(value).encode()


def build_worker(runtime: Runtime, **options: Any) -> Worker:
    """A worker of all JOBS: each can be called, and is called every so often whether anybody rang or not."""
    return Worker(
        functions=[
            func(_shell(job), name=job.name, timeout=JOB_SECONDS, max_tries=1, keep_result=0) for job in JOBS
        ],
        cron_jobs=[
            cron(
                _shell(job),
                name=f"every {job.name}",
                second=set(range(0, 60, job.every_seconds)),
                run_at_startup=True,
                timeout=JOB_SECONDS,
            )
            for job in JOBS
        ],
        health_check_interval=30,
        redis_settings=RedisSettings.from_dsn(runtime.settings.redis_url),
        ctx={"runtime": runtime},
        keep_result=0,
        job_timeout=JOB_SECONDS,
        poll_delay=0.2,
        log_results=False,
        job_serializer=_write,
        job_deserializer=json.loads,
        **options,
    )


def _shell(job: Job) -> Any:
    async def run(ctx: dict[str, Any]) -> int:
        return await asyncio.to_thread(run_job, ctx["runtime"], job)

    run.__qualname__ = job.name
    return run


def run_for_ever(runtime: Runtime) -> None:
    """Work until told to stop. arq's loop dies with its connection to Redis, so it is begun again."""
    while True:
        asyncio.set_event_loop(asyncio.new_event_loop())
        try:
            build_worker(runtime).run()
        except (RedisError, OSError) as error:
            log.warning("Redis is away (%s); trying again in %d s", type(error).__name__, PAUSE_SECONDS)
            time.sleep(PAUSE_SECONDS)
        else:
            return


class Doorbell:
    """Rings from any thread and never waits: whoever rings has committed and wants to answer.

    A ring that is lost costs nothing but the seconds to the workers' next own look at the rows.
    """

    def __init__(self, redis_url: str) -> None:
        self._settings = RedisSettings.from_dsn(redis_url)
        self._settings.conn_retries = 0
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="doorbell", daemon=True)
        self._pool: ArqRedis | None = None

    def ring(self) -> None:
        asyncio.run_coroutine_threadsafe(self._ring(), self._running_loop())

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
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
        if self._pool is not None:
            asyncio.run_coroutine_threadsafe(self._pool.aclose(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _ring(self) -> None:
        try:
            if self._pool is None:
                self._pool = await create_pool(self._settings, job_serializer=_write)
            for job in JOBS:
                await self._pool.enqueue_job(job.name, _job_id=f"nudge {job.name}")
        except (RedisError, OSError) as error:
            log.warning("the bell did not ring: %s", type(error).__name__)


def ping(redis_url: str) -> None:
    """Raises RedisError or OSError when nobody answers."""
    asyncio.run(_ping(redis_url))


async def _ping(redis_url: str) -> None:
    settings = RedisSettings.from_dsn(redis_url)
    settings.conn_retries, settings.conn_timeout = 0, 3
    pool = await create_pool(settings)
    await pool.aclose()
