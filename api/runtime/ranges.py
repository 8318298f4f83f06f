"""Arrival ranges that pages showed to customers, on their way to the database: a page that is read writes nothing.

A process that is lost takes those of its last few seconds with it.
"""

from __future__ import annotations

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from dispatch.plans.ranges import Told, keep_ranges
from dispatch.work import SYSTEM, Workshop

log = logging.getLogger("makegood.ranges")

MOST = 50_000  # different ones in memory: a database that is away for long must not fill it

Key = tuple[str, int, str, str]


class ShownRanges:
    """Those of this process that are not written yet: of each promise and lead the one that was shown first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shown: dict[Key, Told] = {}

    def note(self, one: Told) -> None:
        key = (one.visit_id, one.promise_version, one.told_by, one.lead)
        with self._lock:
            if key in self._shown or len(self._shown) < MOST:
                self._shown.setdefault(key, one)
            else:
                log.error("a range was not noted: %d wait to be written", MOST)

    def write(self, workshop: Workshop) -> int:
        """All that there are, in one Work; how many. What could not be written waits for the next time."""
        with self._lock:
            taken, self._shown = self._shown, {}
        if not taken:
            return 0
        try:
            with workshop.work(SYSTEM, "ranges noted") as work:
                keep_ranges(work, taken.values())
        except (SQLAlchemyError, OSError):
            with self._lock:
                self._shown = taken | {key: one for key, one in self._shown.items() if key not in taken}
            raise
        return len(taken)
