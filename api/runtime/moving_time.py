"""The virtual clock moved by hand: never past something that is due without doing it."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from api.runtime.jobs import ROUNDS, plan, sweep
from api.runtime.runtime import Runtime
from dispatch.clock import ClockRow, set_clock, stop_clock
from dispatch.due import next_due_at
from dispatch.errors import Invalid
from dispatch.plans.planning import next_planning_at
from dispatch.work import SYSTEM
from notifications.calls.queries import next_due as next_call_due
from notifications.outbox.queries import next_due
from notifications.reminders import next_reminder_at

STANDSTILL = timedelta(minutes=1)
FARTHEST = timedelta(days=400)

_one_at_a_time = threading.Lock()


def read_clock(runtime: Runtime) -> tuple[datetime, float]:
    """The instant that the clock shows, and its rate."""
    with runtime.read() as work:
        row = work.session.get(ClockRow, 1)
        return work.now, row.rate if row else 1.0


def move_clock(runtime: Runtime, target: datetime | timedelta, rate: float | None = None) -> None:
    """Set the clock to `target`, stopping at every instant at which something falls due to do it.

    A target may be so much later than what a running clock shows at this moment. Raises Invalid for an
    instant that has passed, or lies more than four hundred days ahead. When this returns, nothing is due
    any more, and the clock runs at `rate` (the one before when left out).
    """
    with _one_at_a_time:
        now, before = _stop(runtime)
        after, at = before, now + target if isinstance(target, timedelta) else target
        try:
            _require_ahead(now, at)
            _settle(runtime, now)
            while now < at:
                now = min(_next_stop(runtime, now) or at, at)
                _settle(runtime, now)
            after = before if rate is None else rate
        finally:  # whatever went wrong on the way, time goes on
            _set(runtime, now, after)


def _require_ahead(now: datetime, at: datetime) -> None:
    if at < now:
        raise Invalid.field("to", "clock_backwards", f"It is {now.isoformat()} already.")
    if at > now + FARTHEST:
        raise Invalid.field("to", "clock_too_far", f"At most {FARTHEST.days} days at once.")


def _stop(runtime: Runtime) -> tuple[datetime, float]:
    with runtime.work(SYSTEM, "clock stopped") as work:
        return stop_clock(work.session)


def _next_stop(runtime: Runtime, now: datetime) -> datetime | None:
    """The next instant at which something falls due; a minute on when what is due now cannot be done now."""
    with runtime.read() as work:
        found = [next_reminder_at(work), next_due(work.session, after=now)]
        found.append(next_call_due(work.session, after=now))
    found += [next_due_at(runtime.workshop), next_planning_at(runtime.workshop)]
    at = min((at for at in found if at), default=None)
    return at if at is None or at > now else now + STANDSTILL


def _settle(runtime: Runtime, at: datetime) -> None:
    """Stand still at `at` until nothing is due and nothing is left to plan."""
    _set(runtime, at, 0.0)
    for _ in range(ROUNDS):
        sweep(runtime)
        if not plan(runtime):
            break


def _set(runtime: Runtime, at: datetime, rate: float) -> None:
    with runtime.work(SYSTEM, "clock moved") as work:
        set_clock(work.session, at, rate)
