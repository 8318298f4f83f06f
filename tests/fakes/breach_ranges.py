"""A range service of the shape of Pwned Passwords: knows some passwords, and pads its answers as it is asked to."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

PADDING_ROWS = 40


class Ranges:
    """Remembers what it was asked; `status` and `body` make it answer something else."""

    def __init__(self, passwords: Collection[str]) -> None:
        self._known = {_digest(password) for password in passwords}
        self.asked: list[tuple[str, str]] = []
        self.status, self.body = 200, ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        prefix = request.url.path.rpartition("/")[2]
        self.asked.append((request.url.path, request.headers.get("add-padding", "")))
        rows = [f"{digest[5:]}:{17}" for digest in self._known if digest.startswith(prefix)]
        rows += [f"{_digest(f'{prefix}{number}')[5:]}:0" for number in range(PADDING_ROWS)]
        await PlainTextResponse(self.body or "\r\n".join(sorted(rows)), self.status)(scope, receive, send)

    def pad_with(self, password: str) -> None:
        """Its row is made up from now on, as padding is: seen no times."""
        self._known.discard(_digest(password))
        self.body = f"{_digest(password)[5:]}:0"


def _digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
