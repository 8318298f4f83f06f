"""Who tries tokens that do not exist, or asks too often, is asked to wait.

Counted in this process: N processes allow N times as many.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from dispatch.errors import RateLimited

LIMIT = 30
PER_SECONDS = 60.0
KEY_LIMIT = 600
LINKS_LIMIT = 5
MAX_ADDRESSES = 10_000


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
