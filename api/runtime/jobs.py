"""What is done in the background. The rows say what is due; a job that runs late, or twice, changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from api.runtime.auditing import audit_when_due
from api.runtime.clocks import require_plausible_clock
from api.runtime.engine import learn_sizes
from api.runtime.erasures import redo_erasures, remember_erasures
from api.runtime.job_notes import ALARM_AFTER, note, tell
from api.runtime.logs import speaking_of
from api.runtime.runtime import JobRun, Runtime
from api.webhooks.sending import deliver_due
from dispatch.clock import real_now
from dispatch.due import run_due
from dispatch.plans.planning import plan_due
from dispatch.work import CLOCK
from notifications.calls.actions import call_due
from notifications.inbox.receive import act_on_waiting
from notifications.outbox.actions import send_due
from notifications.people.keeping import is_due, keep_house
from notifications.reminders import due_reminders, has_due_reminders
from notifications.witness.actions import hear_witness, is_witness_due
from notifications.witness.texts import Outcome

log = logging.getLogger("makegood.jobs")

ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Job:
    """`run` answers how much it did. It is tried every so often, and whenever something was committed."""

    name: str
    run: Callable[[Runtime], int]
    every_seconds: int


def sweep(runtime: Runtime) -> int:
    """Everything that is due, until nothing is: what the clock broke, what to remind of, what to send.

    What fails among the first keeps no text from going out; it is raised at the end.
    """
    done = 0
    for _ in range(ROUNDS):
        did, failed = _run_due(runtime)
        did += _remind(runtime)
        did += send_due(runtime.workshop, runtime.channel, runtime.writer)
        did += call_due(runtime.workshop, runtime.voice)
        if failed:
            raise failed
        if not did:
            break
        done += did
    return done


def _run_due(runtime: Runtime) -> tuple[int, ExceptionGroup | None]:
    try:
        return run_due(runtime.workshop), None
    except ExceptionGroup as failed:
        return 0, failed


def _remind(runtime: Runtime) -> int:
    with runtime.read() as work:
        if not has_due_reminders(work):
            return 0
    return runtime.workshop.whole(CLOCK, "reminder", lambda work: len(due_reminders(work)))


def plan(runtime: Runtime) -> int:
    """Search for better days where the evening or a change asks for it."""
    return plan_due(runtime.workshop, runtime.solver)


def read_kept(runtime: Runtime) -> int:
    """Act on texts that came in and were only kept."""
    return act_on_waiting(runtime.workshop)


def witness(runtime: Runtime) -> int:
    """Once a night, and after a restore until it was heard: the provider's log beside our record."""
    if not runtime.channel.delivers:
        return 0
    with runtime.read() as work:
        if not is_witness_due(work):
            return 0
    heard = hear_witness(runtime.workshop, runtime.channel, runtime.writer)
    if heard is None:
        log.warning("the provider's log could not be read; `makegood doctor` says why")
        return 0
    if heard.counts[Outcome.LOST] or heard.missing:
        log.error(
            "the provider's log: %d texts that we do not know, %d of ours that it lacks; run `makegood audit`",
            heard.counts[Outcome.LOST],
            len(heard.missing),
        )
    return heard.effects


def keeping(runtime: Runtime) -> int:
    """The list of erasures at once; once a day what a backup brought back is erased again, and what is old goes."""
    remember_erasures(runtime)
    with runtime.read() as work:
        if not is_due(work):
            return 0
    for sentence in redo_erasures(runtime):
        log.error("%s", sentence)
    learn_sizes(runtime.workshop.engine)
    return keep_house(runtime.workshop)


def tell_webhooks(runtime: Runtime) -> int:
    """Tell other programs of the facts that they asked for."""
    return deliver_due(runtime.workshop, runtime.poster, runtime.key)


def write_looks(runtime: Runtime) -> int:
    """Who looked at whose data, once enough time has passed since the first of them."""
    return runtime.looks.write(runtime.workshop) if runtime.looks.are_due else 0


def write_ranges(runtime: Runtime) -> int:
    """The arrival ranges that customers saw on their pages."""
    return runtime.ranges.write(runtime.workshop)


LOOKS = Job("looks", write_looks, 5)  # of whoever is asked for pages
RANGES = Job("ranges", write_ranges, 5)  # of whoever shows them
OF_WORKERS = (
    Job("sweep", sweep, 1),
    Job("plan", plan, 5),
    Job("witness", witness, 30),
    Job("inbox", read_kept, 2),
    Job("keeping", keeping, 30),
    Job("webhooks", tell_webhooks, 5),
    Job("audit", audit_when_due, 60),
)
JOBS = (*OF_WORKERS, LOOKS, RANGES)


def _level_of(failures_in_a_row: int) -> int:
    """An alarm at the third time, and then at every sixtieth: a row that always fails does so every second."""
    if failures_in_a_row < ALARM_AFTER:
        return logging.WARNING
    return logging.ERROR if failures_in_a_row == ALARM_AFTER or failures_in_a_row % 60 == 0 else logging.DEBUG


def _run(runtime: Runtime, job: Job) -> int:
    """A run that found nothing to do leaves no trace."""
    with runtime.traces.span(f"job {job.name}") as span, speaking_of(job=job.name) as about:
        if span.trace_id:
            about["trace_id"] = span.trace_id
        require_plausible_clock(runtime)
        done = job.run(runtime)
        span.tell(done=done)
        if not done:
            span.drop()
        return done


def run_job(runtime: Runtime, job: Job) -> int:
    """Run one job. A failure is logged by its kind and counted, never raised: the next run is the retry."""
    run = runtime.job_runs.setdefault(job.name, JobRun())
    try:
        done = _run(runtime, job)
    except Exception as error:  # the job runner: whatever broke, the next second is tried again
        run.failures_in_a_row += 1
        run.is_about_rows = isinstance(error, ExceptionGroup)
        log.log(
            _level_of(run.failures_in_a_row),
            "%s failed (%d in a row): %s",
            job.name,
            run.failures_in_a_row,
            tell(error),
        )
        log.debug("%s", job.name, exc_info=error)
        note(runtime, job.name, run, error)
        return 0
    run.ended_at, run.failures_in_a_row = real_now(), 0
    note(runtime, job.name, run, None)
    return done
