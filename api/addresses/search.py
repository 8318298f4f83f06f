"""What stands between a page and whoever knows addresses: an even pace, and answers that are remembered for a while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from api.addresses.port import Addresses, AddressesSilent, Area, Found
from dispatch.words import fold

KEPT_SECONDS = 3600.0
KEPT_ANSWERS = 500
LONGEST_WAIT_SECONDS = 2.0
MOST_AT_ONCE = 4  # so that a slow server takes no threads from everybody else
BUSY = "too many ask at once"

Asked = tuple[str, Area, str]


class AddressSearch:
    """One for each process. Threads may share it. Asks the machine's clock, not the virtual one.

    `addresses` is asked at most `per_second` times a second: who would wait longer than two seconds for their turn is
    not served. Answers are kept in memory alone.
    """

    def __init__(
        self,
        addresses: Addresses,
        *,
        per_second: float = 1.0,
        timer: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._addresses, self._every = addresses, 1 / per_second
        self._timer, self._pause = timer, pause
        self._lock, self._places = threading.Lock(), threading.BoundedSemaphore(MOST_AT_ONCE)
        self._next_at = float("-inf")
        self._kept: OrderedDict[Asked, tuple[float, Sequence[Found]]] = OrderedDict()

    @property
    def while_typing(self) -> bool:
        return self._addresses.while_typing

    @property
    def attribution(self) -> str:
        return self._addresses.attribution

    def find(self, words: str, area: Area, language: str) -> Sequence[Found]:
        """As `Addresses.find`. Raises AddressesSilent also where too many others ask at this moment."""
        asked = (fold(words), area, language)
        known = self._known(asked)
        if known is not None:
            return known
        if not self._places.acquire(blocking=False):
            raise AddressesSilent(BUSY)
        try:
            self._take_turn()
            found = self._addresses.find(words, area, language)
        finally:
            self._places.release()
        with self._lock:
            self._kept[asked] = (self._timer(), found)
            while len(self._kept) > KEPT_ANSWERS:
                self._kept.popitem(last=False)
        return found

    def _known(self, asked: Asked) -> Sequence[Found] | None:
        with self._lock:
            at, found = self._kept.get(asked, (float("-inf"), ()))
            return found if self._timer() - at < KEPT_SECONDS else None

    def _take_turn(self) -> None:
        with self._lock:
            now = self._timer()
            wait = max(0.0, self._next_at - now)
            if wait > LONGEST_WAIT_SECONDS:
                raise AddressesSilent(BUSY)
            self._next_at = now + wait + self._every
        if wait:
            self._pause(wait)
