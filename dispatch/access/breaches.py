"""Passwords that are known from break-ins elsewhere: whom to ask, and the twin that knows only what it is told."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from typing import Protocol


class BreachesSilent(Exception):
    """Whoever knows does not answer, or answers nonsense."""


class Breaches(Protocol):
    def is_known(self, password: str) -> bool:
        """Whether others have this password already. Raises BreachesSilent when it cannot be told."""
        ...


class ListedBreaches:
    """Knows these passwords; none, where nobody is asked."""

    def __init__(self, passwords: Collection[str] = ()) -> None:
        self._known = frozenset(unicodedata.normalize("NFC", one) for one in passwords)

    def is_known(self, password: str) -> bool:
        return unicodedata.normalize("NFC", password) in self._known
