"""Asks a range service like Pwned Passwords: it learns five signs of a hash, never the password nor which one fits."""

from __future__ import annotations

import hashlib
import unicodedata

import httpx2

from dispatch.access.breaches import BreachesSilent

PREFIX = 5


class BreachRanges:
    """`GET <base_url>/<five signs>` answers with the rest of every known hash that begins so, and its count.

    Padding is asked for: made-up rows, seen 0 times, hide how long the true answer is. Gives up after
    `timeout_seconds`. The caller owns `client`; threads may share it.
    """

    def __init__(self, client: httpx2.Client, base_url: str, *, timeout_seconds: float = 3.0) -> None:
        self._client = client
        self._base_url = base_url.rstrip("/")
        self._timeout_seconds = timeout_seconds

    def is_known(self, password: str) -> bool:
        kept = unicodedata.normalize("NFC", password).encode()
        digest = hashlib.sha1(kept, usedforsecurity=False).hexdigest().upper()
        return any(rest == digest[PREFIX:] and times > 0 for rest, times in self._range(digest[:PREFIX]))

    def _range(self, prefix: str) -> list[tuple[str, int]]:
        try:
            answer = self._client.get(
                f"{self._base_url}/{prefix}",
                headers={"Add-Padding": "true", "User-Agent": "makegood"},
                timeout=self._timeout_seconds,
            )
            answer.raise_for_status()
            rows = [line.partition(":") for line in answer.text.split()]
            return [(rest.upper(), int(times)) for rest, _, times in rows]
        except (httpx2.HTTPError, ValueError) as error:
            raise BreachesSilent(type(error).__name__) from error
