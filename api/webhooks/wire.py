"""Posting over the network: to an address that was looked at in the same breath, and never for long."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence

import anyio
import httpx2

from api.webhooks.addresses import Target, is_public, read_url
from api.webhooks.posting import Answer
from dispatch.errors import Invalid

Resolver = Callable[[str], Sequence[str]]

MOST_SECONDS = 5.0
MOST_BYTES = 64_000
SHOWN = 200
MOST_ADDRESSES, CONNECTING_SECONDS = 3, 4.0  # of one name, and for all of them together


def resolve(host: str) -> list[str]:
    """Every address of that name, as the system's resolver says. Raises OSError."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Wire:
    """Resolves, looks at every address, and connects to the first of those very ones that is there, with the name in
    Host and in TLS.

    No proxy, no redirect, no cookie; five seconds and 64 kB for everything together.
    """

    def __init__(self, resolver: Resolver = resolve, *, loopback: bool = False) -> None:
        self._resolve = resolver
        self._loopback = loopback

    def require(self, url: str) -> Target:
        return read_url(url, loopback=self._loopback)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            return anyio.run(self._bounded, self.require(url), headers, body)
        except Invalid:
            return Answer(None, "url_not_allowed")

    async def _bounded(self, target: Target, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            with anyio.fail_after(MOST_SECONDS):
                return await self._post(target, headers, body)
        except TimeoutError:
            return Answer(None, f"no whole answer within {MOST_SECONDS:.0f} seconds")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            return Answer(None, f"not reached: {type(error).__name__}")

    async def _post(self, target: Target, headers: Mapping[str, str], body: bytes) -> Answer:
        found = await anyio.to_thread.run_sync(self._resolve, target.host, abandon_on_cancel=True)
        if not found or not (target.scheme == "http" or all(is_public(one) for one in found)):
            return Answer(None, "url_not_allowed: the name leads to an address that is not public")
        tried = found[:MOST_ADDRESSES]
        timeout = httpx2.Timeout(MOST_SECONDS, connect=CONNECTING_SECONDS / len(tried))
        async with httpx2.AsyncClient(trust_env=False, follow_redirects=False, timeout=timeout) as client:
            for address in tried[:-1]:
                try:
                    return await _post_to(client, address, target, headers, body)
                except (httpx2.ConnectError, httpx2.ConnectTimeout):  # nothing was sent yet
                    continue
            return await _post_to(client, tried[-1], target, headers, body)


async def _post_to(
    client: httpx2.AsyncClient, address: str, target: Target, headers: Mapping[str, str], body: bytes
) -> Answer:
    usual = {"https": 443, "http": 80}[target.scheme]
    host = target.host if target.port == usual else f"{target.host}:{target.port}"
    where = f"[{address}]" if ":" in address else address
    async with client.stream(
        "POST",
        f"{target.scheme}://{where}:{target.port}{target.path}",
        headers={**headers, "Host": host, "Accept-Encoding": "identity"},
        content=body,
        extensions={"sni_hostname": target.host},
    ) as response:
        text = b""
        async for chunk in response.aiter_raw():
            text += chunk
            if len(text) > MOST_BYTES:
                return Answer(None, "the answer was longer than 64 kB")
        return Answer(response.status_code, text[:SHOWN].decode("utf-8", "replace").replace("\x00", " "))
