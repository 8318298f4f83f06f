"""A small reverse proxy in front of several web processes: one after the other, and the next where one is gone.

As Caddy does it: what never reached a process is given to another one; what was cut off on its way is a 502, since
nobody knows what became of it.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from itertools import cycle

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
NOT_PASSED_ON = {"connection", "keep-alive", "transfer-encoding", "content-length"}


def build_proxy(upstreams: Sequence[str]) -> Starlette:
    nobodys = CookieJar(
        DefaultCookiePolicy(allowed_domains=[])
    )  # a cookie is for whom it was sent to, and no one else
    client = httpx2.AsyncClient(timeout=60, cookies=nobodys)
    turns = cycle(range(len(upstreams)))

    async def forward(request: Request) -> Response:
        body, first = await request.body(), next(turns)
        for upstream in (*upstreams[first:], *upstreams[:first]):
            url = f"{upstream}{request.url.path}" + (f"?{request.url.query}" if request.url.query else "")
            asked = client.build_request(request.method, url, content=body, headers=_headers(request))
            try:
                answer = await client.send(asked, stream=True)
            except httpx2.ConnectError:
                continue
            except httpx2.HTTPError:
                return PlainTextResponse("cut off", 502)
            passed = StreamingResponse(
                answer.aiter_raw(), answer.status_code, background=BackgroundTask(answer.aclose)
            )
            passed.raw_headers = [
                one for one in answer.headers.raw if one[0].decode().lower() not in NOT_PASSED_ON
            ]
            return passed
        return PlainTextResponse("nobody is there", 503)

    @asynccontextmanager
    async def until_the_end(app: Starlette) -> AsyncIterator[None]:
        async with client:
            yield

    return Starlette(routes=[Route("/{path:path}", forward, methods=METHODS)], lifespan=until_the_end)


def _headers(request: Request) -> list[tuple[str, str]]:
    came_from = request.client.host if request.client else "unknown"
    kept = [(name, value) for name, value in request.headers.items() if name not in NOT_PASSED_ON]
    return [*kept, ("x-forwarded-for", came_from), ("x-forwarded-proto", request.url.scheme)]


if __name__ == "__main__":
    port, *behind = sys.argv[1:]
    uvicorn.run(build_proxy(behind), port=int(port), log_config=None, access_log=False)
