"""So many clients, each with one connection, each asking again as soon as it was answered; as little work as can be."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import quantiles


@dataclass(frozen=True, slots=True)
class Request:
    """As it goes over the wire; `then` makes the next one of what was answered, in the same turn."""

    method: str
    path: str
    headers: str = ""
    body: bytes = b""
    then: Callable[[bytes], Request] | None = None

    @property
    def wire(self) -> bytes:
        head = f"{self.method} {self.path} HTTP/1.1\r\nHost: bench\r\n{self.headers}"
        if self.body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n"
        return head.encode() + b"\r\n" + self.body


@dataclass
class Tally:
    """What came of one load: every status, the seconds of each request, and the seconds of all of it."""

    statuses: Counter[int] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    lasted: float = 0.0

    @property
    def good(self) -> int:
        return sum(count for status, count in self.statuses.items() if status < 400)

    @property
    def per_second(self) -> float:
        return self.good / self.lasted

    @property
    def broken(self) -> int:
        """Answers of 500 and more, and connections that were cut."""
        return sum(count for status, count in self.statuses.items() if status >= 500 or status == 0)

    def milliseconds(self, percent: int) -> float:
        return 1000 * quantiles(self.took, n=100, method="inclusive")[percent - 1] if self.took else 0.0


def load(
    ports: Sequence[int], make: Callable[[], Request | None], *, clients: int, seconds: float, most: int
) -> Tally:
    """Ends after so many seconds or requests, or when `make` has no more; clients take the ports in turn."""
    return asyncio.run(_load(ports, make, clients, seconds, most))


async def _load(
    ports: Sequence[int], make: Callable[[], Request | None], clients: int, seconds: float, most: int
) -> Tally:
    tally, began = Tally(), time.perf_counter()

    async def live(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() - began < seconds and len(tally.took) < most:
            request = make()
            if request is None:
                break
            while request is not None:
                asked = time.perf_counter()
                try:
                    writer.write(request.wire)
                    status, body = await _answer(reader)
                except (OSError, asyncio.IncompleteReadError):
                    tally.statuses[0] += 1
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                    break
                tally.took.append(time.perf_counter() - asked)
                tally.statuses[status] += 1
                request = request.then(body) if request.then and status < 300 else None
        writer.close()

    await asyncio.gather(*(live(ports[number % len(ports)]) for number in range(clients)))
    tally.lasted = time.perf_counter() - began
    return tally


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    status, length = int(head[9:12]), 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return status, await reader.readexactly(length)
