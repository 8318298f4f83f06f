"""What happens to every request alike: its id, its line in the log, the headers, HEAD, and what nobody foresaw."""

from __future__ import annotations

import logging
import secrets
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.cookies import COOKIE_NAMES
from api.errors import answer
from api.metrics.board import Metrics
from api.redaction import redact
from api.refusals import CrossSite, OurFault
from api.runtime.logs import speaking_of
from api.runtime.runtime import Runtime
from api.runtime.traces import Span

access = logging.getLogger("makegood.access")
errors = logging.getLogger("makegood.errors")

SAFE = ("GET", "HEAD", "OPTIONS")
PUBLIC = "/book"  # for everybody, so also for search engines
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class Frame:
    """The outermost layer of ours. Whatever leaves it has the headers, also a refusal and a crash."""

    def __init__(self, app: ASGIApp, *, base_url: str, metrics: Metrics, runtime: Runtime) -> None:
        self._app, self._metrics = app, metrics
        self._traces, self._looks = runtime.traces, runtime.looks
        self._origin = "{0.scheme}://{0.netloc}".format(urlsplit(base_url))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        request_id = state["request_id"] = state.get("given_request_id") or secrets.token_hex(8)
        with (
            self._traces.span(scope["method"], "asked", request_id=request_id) as span,
            speaking_of(request_id=request_id) as about,
        ):
            if span.trace_id:
                about["trace_id"] = span.trace_id
            state["about"] = about
            await self._answer(scope, receive, send, request_id, span)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: str, span: Span) -> None:
        started, status = time.monotonic(), 0

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(MutableHeaders(raw=message["headers"]), scope["path"], request_id)
            elif scope["method"] == "HEAD" and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._handle(scope, receive, send_framed)
        except (
            Exception
        ):  # the one place where a request's unforeseen end is met; the job runner has the other
            errors.exception("%s: not foreseen", request_id)
            if status:
                raise
            crash = OurFault(f"We have noted it under {request_id}. Nothing was changed.")
            await answer(Request(scope), crash)(scope, receive, send_framed)
        finally:
            seconds = time.monotonic() - started
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.note(scope["method"], route, status, seconds)
            _tell(span, scope["method"], route, status)
            if status < 400 and "look" in scope["state"]:
                self._looks.note(scope["state"]["look"])
            milliseconds = round(seconds * 1000)
            method, path = scope["method"], redact(scope["path"])
            fields = {"method": method, "path": path, "status": status, "ms": milliseconds}
            access.info("%s %s %s %d %d ms", request_id, method, path, status, milliseconds, extra=fields)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in SAFE and self._is_cross_site(Headers(scope=scope)):
            await answer(Request(scope), CrossSite())(scope, receive, send)
            return
        if scope["method"] == "HEAD":  # the answer to GET, without its body
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)

    def _is_cross_site(self, headers: Headers) -> bool:
        """Whether a browser sent our cookie along from another site's page, or will not say from where."""
        if not any(f"{name}=" in headers.get("cookie", "") for name in COOKIE_NAMES):
            return False
        fetched_from = headers.get("sec-fetch-site")
        if fetched_from is not None:
            return fetched_from != "same-origin"
        return headers.get("origin") != self._origin

    def _add_headers(self, headers: MutableHeaders, path: str, request_id: str) -> None:
        headers["X-Request-Id"] = request_id
        headers["Content-Security-Policy"] = POLICY
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["X-Robots-Tag"] = "all" if path == PUBLIC else "noindex"
        headers.setdefault("Cache-Control", "no-cache" if path.startswith("/static/") else "no-store")
        if self._origin.startswith("https:"):
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"


def _tell(span: Span, method: str, route: str, status: int) -> None:
    """The template of the route and never the path: that may hold a token."""
    span.rename(f"{method} {route}")
    span.tell(method=method, route=route, status=status)
    if status >= 500 or not status:
        span.fail(str(status))
