"""Everything that runs in production, on this machine: a database and a Redis of its own, two web processes and two
workers behind a proxy, and a provider that remembers. Its clock is the virtual one; the test moves it, the workers
do what has become due.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx2
from sqlalchemy import Engine
from sqlmodel import Session

from api.runtime.engine import build_engine
from dispatch.clock import StoredClock, set_clock
from tests.fakes.line import Line
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN, FakeTwilio
from tests.production.caddy import local_caddyfile
from tests.production.people import Person
from tests.production.processes import Process, await_answer
from tests.redis_server import RedisServer, free_port, soon

WEB, WORKERS = ("web 1", "web 2"), ("worker 1", "worker 2")


class Plant:
    """`start` and `kill` go by name; whatever was killed is as it was when it is started again."""

    def __init__(self, database_url: str, redis: RedisServer, folder: Path, starts_at: datetime) -> None:
        self._engine: Engine = build_engine(database_url)
        self.redis = redis
        self.fake = FakeTwilio(self.now)
        self.line = Line(self.fake.app)
        self.url = f"http://127.0.0.1:{free_port()}"
        self.fake.inbound_url = f"{self.url}/hooks/twilio/inbound"
        self._settings = {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis.url,
            "MAKEGOOD_DATA": str(folder),
            "MAKEGOOD_PUBLIC_URL": self.url,
            "MAKEGOOD_TRUSTED_PROXY": "127.0.0.1",
            "MAKEGOOD_LINK_SECRET": "a secret for the plant, of forty bytes",
            "MAKEGOOD_SEGMENTS_PER_SECOND": "100",
            "MAKEGOOD_DEV": "1",
            "MAKEGOOD_CLOCK": f"{starts_at.isoformat()}*1",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": NUMBER,
            "TWILIO_BASE_URL": self.line.url,
        }
        self._folder = folder
        self._people: list[Person] = []
        self._ports = {name: free_port() for name in WEB}
        self._running = {name: self._makegood(name, "serve", str(port)) for name, port in self._ports.items()}
        self._running |= {name: self._makegood(name, "worker") for name in WORKERS}
        self._running["proxy"] = self._proxy([self._address(name) for name in WEB])

    def makegood(self, *words: str) -> tuple[int, str]:
        """A command to its end."""
        return self._makegood(words[0], *words).run()

    def start(self, *names: str) -> None:
        """Nobody waits for it: who asks in between asks again."""
        for name in names:
            self._running[name].start()

    def await_web(self) -> None:
        for name in WEB:
            await_answer(f"{self._address(name)}/healthz")
        await_answer(f"{self.url}/healthz")

    def kill(self, name: str) -> None:
        self._running[name].kill()

    def said(self) -> Mapping[str, str]:
        return {name: one.log.read_text() for name, one in self._running.items()}

    def now(self) -> datetime:
        with Session(self._engine) as session:
            return StoredClock().now(session)

    def until(self, at: datetime) -> None:
        """Time jumps, and runs on from there."""
        with Session(self._engine) as session:
            set_clock(session, at, 1.0)
            session.commit()

    def deliver(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> int:
        """The provider tells us something, again and again until it is told: what it was answered."""
        answered: list[int] = []

        def tell() -> bool:
            try:
                answer = httpx2.post(url, data=dict(form), headers=dict(headers), timeout=10)
            except httpx2.HTTPError:
                return False
            answered.append(answer.status_code)
            return answer.status_code < 500

        assert soon(tell), "never told"
        return answered[-1]

    def somebody(self, token: str = "") -> Person:
        """In front of the proxy."""
        self._people.append(Person(self.url, token))
        return self._people[-1]

    def close(self) -> None:
        for person in self._people:
            person.close()
        for one in self._running.values():
            one.stop()
        self.fake.release()
        self.line.cut()
        self.redis.kill()
        self._engine.dispose()

    def _makegood(self, name: str, *words: str) -> Process:
        port = {"MAKEGOOD_PORT": words[1]} if words[0] == "serve" else {}
        given = words[:1] if port else words
        settings = self._settings | port
        command = (sys.executable, "-m", "api.runtime.cli", *given)
        return Process(name, *command, environment=settings, folder=self._folder)

    def _proxy(self, behind: Sequence[str]) -> Process:
        """Caddy with the file that is shipped where there is one, else a small one of our own."""
        caddy = shutil.which("caddy")
        if caddy:
            config = str(local_caddyfile(self._folder, self.url, behind))
            command: tuple[str, ...] = (caddy, "run", "--config", config, "--adapter", "caddyfile")
        else:
            port = self.url.rpartition(":")[2]
            command = (sys.executable, "-m", "tests.production.proxy", port, *behind)
        return Process("proxy", *command, environment={"HOME": str(self._folder)}, folder=self._folder)

    def _address(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"


@contextmanager
def plant(database_url: str, redis: RedisServer, folder: Path, starts_at: datetime) -> Iterator[Plant]:
    made = Plant(database_url, redis, folder, starts_at)
    try:
        yield made
    finally:
        made.close()
