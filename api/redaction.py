"""What must never stand in a log: the tokens in paths."""

from __future__ import annotations

import re

TOKEN_PATHS = ("v", "book", "setup", "enrol", "calendar")

_TOKEN = re.compile(rf"^/({'|'.join(TOKEN_PATHS)})/[^/]+", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


def redact(path: str) -> str:
    """`/v/abc/calendar.ics` as `/v/***/calendar.ics`; signs that could forge a line of a log become `?`."""
    return _UNPRINTABLE.sub("?", _TOKEN.sub(r"/\1/***", path))[:200]
