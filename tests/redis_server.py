"""A Redis of our own, so that it may be flushed and killed; or the one that is named, which is only flushed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from api.runtime.arq_worker import ping

NO_REDIS = "no Redis was found (no redis-server on the PATH, no MAKEGOOD_TEST_REDIS)"


class NoRedis(Exception):
    """There is none here."""


class RedisServer:
    """One that the test started: it may be killed, and comes back on the same port with nothing in it.

    Raises NoRedis where no `redis-server` is on the PATH.
    """

    def __init__(self, folder: Path) -> None:
        binary = shutil.which("redis-server")
        if binary is None:
            raise NoRedis(NO_REDIS)
        self._binary, self._folder, self._port = binary, folder, free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}"

    def start(self) -> None:
        where = ["--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        command = [self._binary, *where, "--save", ""]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        assert soon(lambda: answers(self.url))

    def kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def a_redis(folder: Path) -> Iterator[str]:
    """Its address. Raises NoRedis where there is none."""
    named = os.environ.get("MAKEGOOD_TEST_REDIS")
    if named:
        yield named
        return
    server = RedisServer(folder)
    server.start()
    yield server.url
    server.kill()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def answers(url: str) -> bool:
    try:
        ping(url)
    except (redis.RedisError, OSError):
        return False
    return True


def soon(holds: Callable[[], object], seconds: int = 30) -> bool:
    """Whether it holds within so many seconds; asked twenty times a second."""
    never = threading.Event()
    return any(bool(holds()) or never.wait(0.05) for _ in range(20 * seconds))
