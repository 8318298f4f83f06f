"""Who listens at the door of the application and to its log: what secrets passed, and what was written."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from api.redaction import TOKEN_PATHS
from api.runtime.logs import handler, hush


@contextmanager
def captured() -> Iterator[io.StringIO]:
    """All that this process logs, at the level that tells most."""
    stream, root = io.StringIO(), logging.getLogger()
    ours, before = handler("json", stream), root.level
    root.addHandler(ours)
    root.setLevel(logging.DEBUG)
    hush()
    try:
        yield stream
    finally:
        root.removeHandler(ours)
        root.setLevel(before)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


@dataclass
class Overheard:
    """The application, and every secret that passes its door."""

    app: Any
    secrets: set[str] = field(default_factory=set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            found = re.match(rf"/(?:{'|'.join(TOKEN_PATHS)})/([^/]+)", scope["path"])
            self.secrets |= {found[1]} if found else set()
            for name, value in scope["headers"]:
                if name == b"authorization":
                    self.secrets.add(value.decode().partition(" ")[2])

        async def overhear(message: Message) -> None:
            for name, value in message.get("headers", []):
                if name.lower() == b"set-cookie":
                    self.secrets |= {one.value for one in SimpleCookie(value.decode()).values() if one.value}
            await send(message)

        await self.app(scope, receive, overhear)
