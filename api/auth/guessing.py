"""Who tries tokens that do not exist, or asks too often, is asked to wait.

Counted in this process: N processes allow N times as many. All together are counted in the database.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from sqlalchemy.exc import OperationalError

from api.runtime.runtime import Runtime
from dispatch.access.turns import MOST_UNKNOWN_LINKS, count_unknown_links
from dispatch.errors import RateLimited
from dispatch.work import SYSTEM

log = logging.getLogger("makegood.auth")

LIMIT = 30
PER_SECONDS = 60.0
KEY_LIMIT = 600
LINKS_LIMIT = 5
ADDRESSES_LIMIT = 40
MAX_ADDRESSES = 10_000
HANDED_ON = 10  # so that a guess does not cost a write


class Guesses:
    """Unknown tokens of the last minute by client address, or questions by key.

    Asks the machine's clock, not the virtual one.
    """

    def __init__(
        self,
        timer: Callable[[], float] = time.monotonic,
        *,
        limit: int = LIMIT,
        words: str = "Too many links that do not exist. Please wait.",
    ) -> None:
        self._timer, self._limit, self._words = timer, limit, words
        self._lock = threading.Lock()
        self._seen: dict[str, deque[float]] = {}

    def require_patience(self, address: str) -> None:
        """Raises RateLimited once an address, or a key, had as many as it may have within a minute."""
        with self._lock:
            seen = self._fresh(address)
            if len(seen) >= self._limit:
                wait = max(1, round(PER_SECONDS - (self._timer() - seen[0])))
                raise RateLimited(self._words, retry_after_seconds=wait)

    def note(self, address: str) -> None:
        with self._lock:
            if len(self._seen) >= MAX_ADDRESSES and address not in self._seen:
                self._seen.pop(next(iter(self._seen)))
            self._seen.setdefault(address, deque()).append(self._timer())

    def _fresh(self, address: str) -> deque[float]:
        seen = self._seen.get(address, deque())
        while seen and self._timer() - seen[0] >= PER_SECONDS:
            seen.popleft()
        if not seen:
            self._seen.pop(address, None)
        return seen


class Flood:
    """Unknown tokens from everywhere. Where there are too many, each is asked to wait: known ones open as ever."""

    def __init__(self, runtime: Runtime, timer: Callable[[], float] = time.monotonic) -> None:
        self._runtime, self._timer = runtime, timer
        self._lock = threading.Lock()
        self._here, self._until = 0, float("-inf")

    def note(self) -> None:
        """Raises RateLimited for a minute after all processes together had too many within one."""
        with self._lock:
            self._require_calm()
            self._here += 1
            if self._here < HANDED_ON:
                return
            self._here = 0
        if self._is_flood():
            with self._lock:
                self._until = self._timer() + PER_SECONDS
                self._require_calm()

    def _require_calm(self) -> None:
        if self._timer() < self._until:
            wait = max(1, round(self._until - self._timer()))
            raise RateLimited("Too many links that do not exist. Please wait.", retry_after_seconds=wait)

    def _is_flood(self) -> bool:
        try:
            with self._runtime.work(SYSTEM, "unknown links") as work:
                found = count_unknown_links(work, HANDED_ON)
        except OperationalError:
            log.warning("could not count %d unknown links", HANDED_ON)
            return False
        if found:
            log.error("more than %d links that do not exist were tried within a minute", MOST_UNKNOWN_LINKS)
        return found
