"""A day is searched by one process at a time, however many workers there are. Doing it twice would do no harm, it
would only cost the seconds: the version of the day decides what is published.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from dispatch.plans.queries import find_day, lock_day
from dispatch.plans.solver import PLANNER, TRIES
from dispatch.territories.queries import get_territory
from dispatch.work import Work, Workshop

CAUSE = "search"
AROUND_SECONDS = 10  # what a try needs besides its search: the child's start, the reading and the writing


@contextmanager
def claimed(
    workshop: Workshop, territory_id: str, day: dt.date, *, planned_at: dt.datetime | None = None
) -> Iterator[bool]:
    """Whether the day is this block's to search: nobody else searches it, nor has planned it since `planned_at`.

    A claim ends with its block; that of a process which died ends by itself, within a minute by default.
    """
    with workshop.work(PLANNER, CAUSE) as work:
        until = _claim(work, territory_id, day, planned_at)
    try:
        yield until is not None
    finally:
        if until is not None:
            with workshop.work(PLANNER, CAUSE) as work:
                _leave(work, territory_id, day, until)


def _claim(work: Work, territory_id: str, day: dt.date, planned_at: dt.datetime | None) -> dt.datetime | None:
    """Until when it is ours; None when it is not."""
    row = lock_day(work.session, territory_id, day)
    is_searched = row.searched_until_at is not None and row.searched_until_at > work.now
    if is_searched or row.planned_at != planned_at:
        return None
    seconds = get_territory(work.session, territory_id).policies.planning_seconds + AROUND_SECONDS
    row.searched_until_at = work.now + dt.timedelta(seconds=TRIES * seconds)
    work.session.add(row)
    return row.searched_until_at


def _leave(work: Work, territory_id: str, day: dt.date, until: dt.datetime) -> None:
    """Unless ours had run out and somebody else has it."""
    row = lock_day(work.session, territory_id, day)
    if row.searched_until_at == until:
        row.searched_until_at = None
        work.session.add(row)


def planned_at(work: Work, territory_id: str, day: dt.date) -> dt.datetime | None:
    """What whoever wants to claim the day has seen."""
    known = find_day(work.session, territory_id, day)
    return known.planned_at if known else None
