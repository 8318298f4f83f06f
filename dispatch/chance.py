"""Ids, salts and references, drawn from one source of randomness that is passed in."""

from __future__ import annotations

from datetime import datetime
from random import Random

from stdnum.iso7064 import mod_37_36

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_SPOKEN = "234679ACDEFGHJKMNPQRTVWXY"  # no 0/O, 1/I/L, 5/S, 8/B, U, Z: what the ear and the eye mix up


class Chance:
    """`random` is `SystemRandom()` in production and `Random(seed)` where a day must replay exactly."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def new_id(self, now: datetime) -> str:
        """26 characters that sort by time: 48 bits of milliseconds, 80 bits of chance (the ULID layout)."""
        number = int(now.timestamp() * 1000) << 80 | self._random.getrandbits(80)
        return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -5, -5))

    def salt(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def word(self, signs: str, length: int) -> str:
        return "".join(self._random.choice(signs) for _ in range(length))

    def share(self) -> float:
        """Somewhere from 0 to 1, so that many who wait do not come back in the same moment."""
        return self._random.random()

    def reference(self) -> str:
        """A reference that can be read over the phone: six characters and an ISO 7064 check character."""
        body = self.word(_SPOKEN, 6)
        return body + str(mod_37_36.calc_check_digit(body))
