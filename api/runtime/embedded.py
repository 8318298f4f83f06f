"""The jobs in threads of the process that has them: woken by a commit, and every so often by themselves.

However often the bell rings, a job is at work for a quarter of the time at most: whoever books a hundred times a minute
rings thousands of times, and in a house of one process every look at the rows keeps somebody waiting.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType

from api.runtime.jobs import JOBS, Job, run_job
from api.runtime.runtime import Runtime

LONGEST_PAUSE_SECONDS = 60
RESTS_FOR_EACH_SECOND = 3


def rest_seconds(job: Job, took_seconds: float) -> float:
    """How long the bell does not wake a job that was at work for so long: never longer than it sleeps without one."""
    return min(RESTS_FOR_EACH_SECOND * took_seconds, job.every_seconds)


class Embedded:
    """`with Embedded(runtime):` runs every job in a thread of its own until the block ends."""

    def __init__(self, runtime: Runtime, jobs: tuple[Job, ...] = JOBS) -> None:
        self._runtime = runtime
        self._jobs = jobs
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Embedded:
        for job in self._jobs:
            thread = threading.Thread(target=self._loop, args=(job,), name=f"job {job.name}", daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let what runs come to its end, for at most ten seconds: rows half done are taken up by the next start."""
        self._stopping.set()
        self._runtime.bell.ring()
        for thread in self._threads:
            thread.join(timeout=10)

    @property
    def is_alive(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def drain(self) -> int:
        """Run all jobs here and now until none finds anything; returns how much was done."""
        done = 0
        while did := sum(run_job(self._runtime, job) for job in self._jobs):
            done += did
        return done

    def _loop(self, job: Job) -> None:
        bell = self._runtime.bell.listen()
        while not self._stopping.is_set():
            began = time.monotonic()
            run_job(self._runtime, job)
            self._stopping.wait(rest_seconds(job, time.monotonic() - began))
            run = self._runtime.job_runs[job.name]
            if run.failures_in_a_row and not run.is_about_rows:
                # a broken database is not asked every second, however often the bell rings
                self._stopping.wait(min(2 ** min(run.failures_in_a_row, 6), LONGEST_PAUSE_SECONDS))
            else:
                bell.wait(job.every_seconds)
                bell.clear()
