"""A phone that sends more than anybody needs is asked to wait. Counted in this process: N processes allow N times as
many."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from api.deps import TechnicianDep
from api.principal import Principal
from dispatch.errors import RateLimited

LIMIT = 20
PER_SECONDS = 1.0


class Reports:
    """What each phone sent within the last second. Asks the machine's clock, not the virtual one."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._lock = threading.Lock()
        self._seen: dict[str, deque[float]] = {}

    def note(self, technician_id: str) -> None:
        """Raises RateLimited for the twenty-first within a second."""
        with self._lock:
            now, seen = self._timer(), self._seen.setdefault(technician_id, deque(maxlen=LIMIT))
            if len(seen) == LIMIT and now - seen[0] < PER_SECONDS:
                raise RateLimited(
                    "This phone sends too often. Send many in one heap instead.", retry_after_seconds=1
                )
            seen.append(now)


def _patient_phone(request: Request, who: TechnicianDep) -> Principal:
    reports: Reports = request.app.state.device_reports
    reports.note(who.subject_id)
    return who


PhoneDep = Annotated[Principal, Depends(_patient_phone)]
