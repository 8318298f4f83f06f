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


@contextmanager
def a_redis(folder: Path) -> Iterator[str]:
    """Its address. Raises NoRedis where there is none."""
    named, binary = os.environ.get("MAKEGOOD_TEST_REDIS"), shutil.which("redis-server")
    if named:
        yield named
        return
    if binary is None:
        raise NoRedis(NO_REDIS)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        url = f"redis://127.0.0.1:{port}"
        assert soon(lambda: answers(url))
        yield url
        server.terminate()


def answers(url: str) -> bool:
    try:
        ping(url)
    except (redis.RedisError, OSError):
        return False
    return True


def soon(holds: Callable[[], bool], seconds: int = 30) -> bool:
    """Whether it holds within so many seconds; asked twenty times a second."""
    never = threading.Event()
    return any(holds() or never.wait(0.05) for _ in range(20 * seconds))
