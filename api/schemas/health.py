"""How a process says that it is well."""

from __future__ import annotations

from datetime import datetime

from api.runtime.runtime import Runtime
from api.schemas.base import Instant, Out


class JobOut(Out):
    """When a job last ended here, by its own clock, and how; nothing yet in a process that just began."""

    last_ended_at: Instant | None
    failures_in_a_row: int


class HealthOut(Out):
    status: str
    now: Instant
    texts: str
    jobs: dict[str, JobOut]

    @classmethod
    def of(cls, runtime: Runtime, *, now: datetime) -> HealthOut:
        """`jobs` is empty where workers of their own run them."""
        jobs = {
            name: JobOut(last_ended_at=run.ended_at, failures_in_a_row=run.failures_in_a_row)
            for name, run in runtime.job_runs.items()
        }
        well = all(job.failures_in_a_row < 3 for job in jobs.values())
        texts = "sent" if runtime.channel.delivers else "kept, not sent"
        return cls(status="ok" if well else "failing jobs", now=now, texts=texts, jobs=jobs)


class ReadyOut(Out):
    status: str
