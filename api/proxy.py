"""The one hop before us that is believed: whose addresses and request ids count. Nobody else's do."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class TrustedProxy(ProxyHeadersMiddleware):
    """Takes over who asks, and under which id, when the caller is the proxy of the settings."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]
        caller = scope.get("client")
        if scope["type"] == "http" and caller and caller[0] in self.trusted_hosts:
            given = Headers(scope=scope).get("x-request-id", "")
            if _REQUEST_ID.fullmatch(given):
                scope.setdefault("state", {})["given_request_id"] = given
        await super().__call__(scope, receive, send)  # type: ignore[arg-type]
