"""May requests be sent to this house: its database, its schema, its clock, its jobs. In sentences without secrets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import SQLAlchemyError

from api.migrations.schema import newest_revision
from api.runtime.clocks import clock_trouble
from api.runtime.job_notes import list_alarms, list_notes
from api.runtime.runtime import Runtime
from dispatch.clock import real_now

SWEEP_WITHIN = timedelta(seconds=90)  # noted every twenty seconds


def unready(runtime: Runtime) -> list[str]:
    """What is not as it must be; nothing when all is well."""
    try:
        return list(_look(runtime))
    except SQLAlchemyError as error:
        return [f"database: does not answer ({type(error).__name__})"]


def _look(runtime: Runtime) -> Iterator[str]:
    with runtime.workshop.engine.execution_options(read_only=True).connect() as connection:
        seen = MigrationContext.configure(connection).get_current_revision()
        if seen != newest_revision():
            yield f"schema: at {seen or 'nothing'}, not {newest_revision()}"
            return
    with runtime.read() as work:
        wrong = clock_trouble(work)
        sweep = next((one for one in list_notes(work.session) if one.name == "sweep"), None)
        alarms = list_alarms(work.session)
    if wrong:
        yield f"clock: {wrong}"
    if sweep is None or sweep.ended_at is None:
        yield "jobs: the sweep has not run yet"
    elif real_now() - sweep.ended_at > SWEEP_WITHIN:
        yield f"jobs: the sweep last ended at {sweep.ended_at.isoformat(timespec='seconds')}"
    for one in alarms:
        yield f"jobs: {one.name} failed {one.failures_in_a_row} times in a row"
