"""Who looked at whose data, on its way to the database: counted in memory, written every few seconds in one go.

A request only adds to a dictionary. A process that is lost takes its last few seconds of looks with it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from dispatch.work import SYSTEM, Workshop
from notifications.people.looked import Noted, add_looks

log = logging.getLogger("makegood.looks")

WRITTEN_EVERY_SECONDS = 5.0
MOST = 50_000  # different ones in memory: a database that is away for long must not fill it


@dataclass(frozen=True, slots=True)
class Look:
    """`object_id` is a person, a visit or what is done about one; or a territory, of what shows many at once."""

    role: str
    subject_id: str
    thing: str
    object_id: str


class Looks:
    """Those of this process that are not written yet."""

    def __init__(self, watch: Callable[[], float] = time.monotonic) -> None:
        self._watch = watch
        self._lock = threading.Lock()
        self._noted: dict[Look, Noted] = {}
        self._since = 0.0

    def note(self, look: Look) -> None:
        now = self._watch()
        with self._lock:
            noted = self._noted.get(look)
            if noted is not None:
                noted.last, noted.times = now, noted.times + 1
            elif len(self._noted) < MOST:
                self._since = self._since if self._noted else now
                self._noted[look] = Noted(look.role, look.subject_id, look.thing, look.object_id, now, now)
            else:
                log.error("a look was not noted: %d wait to be written", MOST)

    @property
    def are_due(self) -> bool:
        return bool(self._noted) and self._watch() - self._since >= WRITTEN_EVERY_SECONDS

    def write(self, workshop: Workshop) -> int:
        """All that there is, in one Work; how many it were. What could not be written waits for the next time."""
        with self._lock:
            taken, self._noted = self._noted, {}
        if not taken:
            return 0
        try:
            with workshop.work(SYSTEM, "looks noted") as work:
                add_looks(work, list(taken.values()), self._watch())
        except (SQLAlchemyError, OSError):
            self._give_back(taken)
            raise
        return len(taken)

    def _give_back(self, taken: dict[Look, Noted]) -> None:
        with self._lock:
            for look, noted in self._noted.items():
                if look in taken:
                    taken[look].last, taken[look].times = noted.last, taken[look].times + noted.times
                else:
                    taken[look] = noted
            self._noted = taken
