"""Stand-ins for the search, for the child process to import."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from typing import NoReturn

from optimizer import Budget, Day, OnProgress, Plan, Progress, repair


def good(day: Day, budget: Budget, start: Plan | None, on_progress: OnProgress) -> Plan:
    return repair(day)


def dying(day: Day, budget: Budget, start: Plan | None, on_progress: OnProgress) -> NoReturn:
    os._exit(3)


def hanging(day: Day, budget: Budget, start: Plan | None, on_progress: OnProgress) -> Plan:
    threading.Event().wait()
    return repair(day)


def hanging_after_a_word(day: Day, budget: Budget, start: Plan | None, on_progress: OnProgress) -> Plan:
    on_progress(Progress(0.1, 7, 20.0, 0, 0, "searching", repair(day)))
    return hanging(day, budget, start, on_progress)


def lying(day: Day, budget: Budget, start: Plan | None, on_progress: OnProgress) -> Plan:
    """Every visit a minute early."""
    plan = repair(day)
    routes = tuple(
        replace(r, stops=tuple(replace(s, start=s.start - 60, end=s.end - 60) for s in r.stops))
        for r in plan.routes
    )
    return Plan(plan.day, routes, plan.unserved)


def of_another_day(day: Day, budget: Budget, start: Plan | None, on_progress: OnProgress) -> Plan:
    return Plan("yesterday", ())


def lazy(day: Day, budget: Budget, start: Plan | None, on_progress: OnProgress) -> Plan:
    """A legal plan that serves nobody."""
    return repair(replace(day, technicians=tuple(replace(t, absent=True) for t in day.technicians)))
