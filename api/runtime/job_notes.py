"""How the jobs go, noted where every process can read it: a good end every so often, every failure."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from api.runtime.runtime import JobRun, Runtime
from api.runtime.tables import JobNote
from dispatch.clock import real_now
from dispatch.errors import OutcomeUnknown
from dispatch.work import SYSTEM

log = logging.getLogger("makegood.jobs")

NOTE_EVERY = timedelta(seconds=20)
ALARM_AFTER = 3  # failures in a row


def note(runtime: Runtime, name: str, run: JobRun, error: Exception | None) -> None:
    """Keep how the job went. Where the database is away, the next run tells."""
    now = real_now()
    is_news = run.was_noted_failing if error is None else run.failures_in_a_row <= ALARM_AFTER
    if not is_news and run.noted_at and now - run.noted_at < NOTE_EVERY:
        return
    try:
        with runtime.work(SYSTEM, "job noted") as work:
            kept = work.session.get(JobNote, name) or JobNote(name=name)
            if error is None:
                kept.ended_at, kept.failures_in_a_row, kept.trouble = now, 0, ""
            else:
                kept.failed_at, kept.failures_in_a_row = now, run.failures_in_a_row
                kept.trouble = tell(error)[:400]
            work.session.add(kept)
    except (SQLAlchemyError, OutcomeUnknown, OSError, RuntimeError) as away:
        log.debug("how %s went was not noted: %s", name, type(away).__name__)
        return
    run.noted_at, run.was_noted_failing = now, error is not None


def tell(error: BaseException) -> str:
    """The kinds of error, and the rows that they were about; never an error's own words."""
    return "; ".join(dict.fromkeys(_parts(error)))


def list_notes(session: Session) -> Sequence[JobNote]:
    return session.exec(select(JobNote).order_by(col(JobNote.name))).all()


def list_alarms(session: Session) -> list[JobNote]:
    """The jobs that failed again and again until now."""
    return [one for one in list_notes(session) if one.failures_in_a_row >= ALARM_AFTER]


def _parts(error: BaseException) -> Iterator[str]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _parts(inner)
        return
    rows = " ".join(getattr(error, "__notes__", ()))
    yield f"{type(error).__name__} at {rows}" if rows else type(error).__name__
