"""The audit as a job: all of it every night, its quick part every hour. What it finds stands until a run is clean."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlmodel import Session

from api.runtime.runtime import Runtime
from api.runtime.tables import AuditRun
from dispatch.clock import stopwatch
from dispatch.work import SYSTEM
from notifications.audit import ALL, Finding, run_audit

log = logging.getLogger("makegood.audit")

WHOLE, QUICK = "whole", "quick"
NIGHT_BEGINS_HOUR = 3  # UTC, as the witness
QUICK_EVERY = timedelta(hours=1)
# Short queries, and what they find cannot wait for the night: two at one time, a failure that nobody has, two texts.
QUICK_NUMBERS = frozenset({"I-2", "I-10", "I-12", "I-13", "I-15", "I-21", "I-23", "I-32"})


def due(whole_at: datetime | None, quick_at: datetime | None, now: datetime) -> str | None:
    """Which part is due: the whole one after three at night, the quick one an hour after either."""
    night = now.replace(hour=NIGHT_BEGINS_HOUR, minute=0, second=0, microsecond=0)
    if night > now:
        night -= timedelta(days=1)
    if whole_at is None or whole_at < night:
        return WHOLE
    return QUICK if max(whole_at, quick_at or whole_at) <= now - QUICK_EVERY else None


def audit_when_due(runtime: Runtime) -> int:
    """Run what is due and keep what it found. Always 0: an audit is no work that asks for more."""
    with runtime.read() as work:
        runs = _runs(work.session)
        kind = due(_ran_at(runs, WHOLE), _ran_at(runs, QUICK), work.now)
        if kind is None:
            return 0
        took = stopwatch()
        checks = ALL if kind == WHOLE else [one for one in ALL if one.number in QUICK_NUMBERS]
        found = run_audit(work, checks)
    keep(runtime, kind, found, milliseconds=took())
    if found:
        numbers = ", ".join(sorted({one.invariant for one in found}))
        log.error("the audit: %d rows break %s; run `makegood audit`", len(found), numbers)
    return 0


def keep(runtime: Runtime, kind: str, found: list[Finding], *, milliseconds: int) -> None:
    with runtime.work(SYSTEM, f"audit {kind}") as work:
        run = work.session.get(AuditRun, kind) or AuditRun(kind=kind, ran_at=work.now, milliseconds=0)
        run.ran_at, run.milliseconds = work.now, milliseconds
        run.findings = [[one.invariant, one.subject, one.sentence] for one in found]
        work.session.add(run)


def list_findings(session: Session) -> list[Finding]:
    """What stands: each rule as the newest run that asked it left it."""
    return list(_standing(_runs(session)))


def last_audit(session: Session) -> AuditRun | None:
    """The newest run of either kind."""
    return max(_runs(session).values(), key=lambda one: one.ran_at, default=None)


def _standing(runs: dict[str, AuditRun]) -> Iterator[Finding]:
    whole, quick = runs.get(WHOLE), runs.get(QUICK)
    is_newer = quick is not None and (whole is None or quick.ran_at > whole.ran_at)
    for number, subject, sentence in whole.findings if whole else ():
        if not (is_newer and number in QUICK_NUMBERS):
            yield Finding(number, subject, sentence)
    for number, subject, sentence in quick.findings if quick and is_newer else ():
        yield Finding(number, subject, sentence)


def _runs(session: Session) -> dict[str, AuditRun]:
    found = (session.get(AuditRun, kind, populate_existing=True) for kind in (WHOLE, QUICK))
    return {run.kind: run for run in found if run}


def _ran_at(runs: dict[str, AuditRun], kind: str) -> datetime | None:
    return runs[kind].ran_at if kind in runs else None
