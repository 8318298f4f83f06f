# ruff: noqa: T201
"""The provider reports on our texts, three hundred times a second for a minute, three in ten of them told twice.

Run: python -m tests.benchmarks.reports [seconds, 60 when left out] [reports a second, 300 when left out]
Once on SQLite with one web process, once on Postgres with two. Reports leave at their time whether or not earlier ones
were answered; the time of each is counted from when it was to leave. Beside it, in the same run, a bare endpoint that
only reads the form. The first ten seconds, while a process loads its search, are told and not counted.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import httpx2
from sqlmodel import select

from api.migrations.schema import migrate
from api.runtime.engine import build_engine
from dispatch.chance import Chance
from dispatch.clock import SystemClock
from dispatch.travel.straight import StraightLine
from dispatch.work import SYSTEM, Workshop
from notifications.messages import STRANGER
from notifications.outbox.queueing import queue, to_stranger
from notifications.outbox.states import MessageState, Outcome
from notifications.outbox.tables import Message, SendAttempt
from tests.builders import a_dispatcher, a_territory
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN, sign
from tests.postgres import find_server, new_database
from tests.redis_server import soon

ROOT = Path(__file__).parents[2]
REPEATED = 0.3
UNCOUNTED_SECONDS = 10
TARGET_MS = 500
PUBLIC = "https://visits.example"
BARE = """
import uvicorn
from fastapi import FastAPI, Request, Response
app = FastAPI()
@app.post("/hooks/twilio/status")
async def status(request: Request) -> Response:
    await request.body()
    return Response(status_code=204)
uvicorn.run(app, host="127.0.0.1", port={port}, log_level="error")
"""


@dataclass(frozen=True, slots=True)
class Report:
    message_id: str
    sid: str
    status: str

    @property
    def form(self) -> dict[str, str]:
        return {"AccountSid": ACCOUNT, "MessageSid": self.sid, "MessageStatus": self.status, "To": NUMBER}


def lay_out(database_url: str, texts: int) -> list[Report]:
    """So many texts that the provider accepted, and what it has to say of them: first sent, then delivered."""
    engine = build_engine(database_url)
    migrate(engine)
    workshop = Workshop(engine, SystemClock(), Chance(Random(7)), StraightLine())
    with workshop.work(SYSTEM, "set up") as work:
        territory = a_territory(work)
        a_dispatcher(work, territory)
    reports = []
    with workshop.work(SYSTEM, "texts") as work:
        to = to_stranger("+12025550143", territory.id)
        for number in range(texts):
            message = queue(work, STRANGER, to, round=number, direct=True)
            message.state, message.provider_sid = MessageState.SENT, f"SM{number:032x}"
            message.sent_at, message.look_up_at = work.now, work.now + timedelta(hours=1)
            attempt = SendAttempt(
                id=work.new_id(), message_id=message.id, number=1, fence="f", started_at=work.now
            )
            attempt.finished_at, attempt.outcome = work.now, Outcome.ACCEPTED
            work.session.add_all([message, attempt])
            reports += [Report(message.id, message.provider_sid, word) for word in ("sent", "delivered")]
    engine.dispose()
    return reports


def in_order(reports: list[Report], seed: int = 1) -> list[Report]:
    """As a provider tells them: texts one after the other, three in ten reports a second time a little later."""
    random, told = Random(seed), list[Report]()
    for number, report in enumerate(reports):
        told.append(report)
        if random.random() < REPEATED / (1 - REPEATED):
            told.append(reports[max(0, number - random.randrange(40))])
    return told


@contextmanager
def web_processes(environment: dict[str, str], count: int) -> Iterator[list[str]]:
    """`makegood serve`, so many of them, and the address of each."""
    with ExitStack() as stack:
        addresses = []
        for _ in range(count):
            port = free_port()
            command = [sys.executable, "-m", "api.runtime.cli", "serve"]
            stack.enter_context(running(command, environment | {"MAKEGOOD_PORT": str(port)}))
            addresses.append(f"http://127.0.0.1:{port}")
        assert all(soon(lambda address=address: answers(address), 60) for address in addresses)
        yield addresses


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def answers(address: str) -> bool:
    try:
        httpx2.get(f"{address}/healthz", timeout=1)
    except httpx2.HTTPError:
        return False
    return True


@dataclass
class Lines:
    """Connections to one address that are kept and used again; a client that costs less than what it measures."""

    address: str
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = field(default_factory=list)

    async def post(self, request: bytes) -> int:
        """The status; 0 when the line broke."""
        host, _, port = self.address.removeprefix("http://").partition(":")
        reader, writer = self.idle.pop() if self.idle else await asyncio.open_connection(host, int(port))
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
        except (OSError, asyncio.IncompleteReadError):
            writer.close()
            return 0
        status = int(head.split(b" ", 2)[1])
        if status == 204:  # without a body the line is free
            self.idle.append((reader, writer))
        else:
            writer.close()
        return status


def written(report: Report) -> bytes:
    """The whole request, signed."""
    path, body = f"/hooks/twilio/status?o={report.message_id}", urlencode(report.form)
    signature = sign(TOKEN, PUBLIC + path, report.form)
    return (
        f"POST {path} HTTP/1.1\r\nHost: visits.example\r\nX-Twilio-Signature: {signature}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def tell(
    addresses: list[str], reports: list[Report], per_second: float
) -> tuple[list[float], Counter[int]]:
    """How long each took that is counted, in seconds from when it was to leave, and how all were answered."""
    took, statuses, lines = list[float](), Counter[int](), [Lines(address) for address in addresses]
    requests = [written(report) for report in reports]
    started = time.perf_counter() + 0.5

    async def one(number: int, request: bytes) -> None:
        leaves = started + number / per_second
        await asyncio.sleep(max(0.0, leaves - time.perf_counter()))
        statuses[await lines[number % len(lines)].post(request)] += 1
        if leaves - started >= UNCOUNTED_SECONDS:
            took.append(time.perf_counter() - leaves)

    await asyncio.gather(*(one(number, request) for number, request in enumerate(requests)))
    return took, statuses


def unsettled(database_url: str) -> int:
    """Texts that are not known to be delivered although that was told."""
    engine = build_engine(database_url)
    workshop = Workshop(engine, SystemClock(), Chance(Random(8)), StraightLine())
    with workshop.read() as work:
        found = len(
            work.session.exec(select(Message.id).where(Message.state != MessageState.DELIVERED)).all()
        )
    engine.dispose()
    return found


def line(name: str, took: list[float], statuses: Counter[int], lost: str) -> None:
    order = sorted(took)
    at = [f"{1000 * order[int(share * (len(order) - 1))]:9.1f}" for share in (0.5, 0.95, 0.99, 1.0)]
    wrong = sum(count for status, count in statuses.items() if status != 204)
    print(f"{name:>34}{len(took):>10}{''.join(at)}{wrong:>9}{lost:>9}", flush=True)


def measure(name: str, database_url: str, processes: int, seconds: int, per_second: float) -> float:
    texts = round((UNCOUNTED_SECONDS + seconds) * per_second * (1 - REPEATED) / 2)
    reports = in_order(lay_out(database_url, texts))
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "MAKEGOOD_DATA": folder,
            "MAKEGOOD_LINK_SECRET": "k" * 40,
            "MAKEGOOD_PUBLIC_URL": PUBLIC,
            "DATABASE_URL": database_url,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": NUMBER,
            "TWILIO_BASE_URL": "http://127.0.0.1:9",
        }
        with web_processes(environment, processes) as addresses:
            took, statuses = asyncio.run(tell(addresses, reports, per_second))
    line(name, took, statuses, str(unsettled(database_url)))
    return sorted(took)[int(0.99 * (len(took) - 1))]


def measure_bare(seconds: int, per_second: float) -> None:
    port = free_port()
    count = int((UNCOUNTED_SECONDS + seconds) * per_second * (1 - REPEATED))
    reports = in_order([Report(f"m{number}", f"SM{number}", "sent") for number in range(count)])
    with running([sys.executable, "-c", BARE.format(port=port)], dict(os.environ)):
        address = f"http://127.0.0.1:{port}"
        assert soon(lambda: answers(address), 60)
        line("bare endpoint", *asyncio.run(tell([address], reports, per_second)), "-")


def main(seconds: int = 60, per_second: float = 300) -> None:
    print(
        f"{per_second:g} reports a second for {seconds} s, {REPEATED:.0%} repeats; ms from when each was to leave"
    )
    print(f"{'':>34}{'reports':>10}{'median':>9}{'p95':>9}{'p99':>9}{'worst':>9}{'refused':>9}{'lost':>9}")
    measure_bare(seconds, per_second)
    with tempfile.TemporaryDirectory() as folder:
        p99 = [measure("SQLite, one web process", f"sqlite:///{folder}/makegood.db", 1, seconds, per_second)]
    if server := find_server():
        with new_database(server, f"makegood_reports_{os.getpid()}") as url:
            p99.append(measure("Postgres, two web processes", url, 2, seconds, per_second))
    met = all(1000 * one <= TARGET_MS for one in p99)
    print(f"  p99 answered within   target ≤ {TARGET_MS} ms   {'met' if met else 'MISSED'}")


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:]))
