"""The proxy and the Redis of the container files do what they say, where their programs are on this machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import redis
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from api.runtime.arq_worker import Doorbell, ping
from api.runtime.settings import Settings
from tests.fakes.line import Line
from tests.production.caddy import ROOT, local_caddyfile
from tests.redis_server import answers, free_port, soon

SECRET = "a-secret-of-redis"
TOKEN = "t0ken-that-opens"


# --- Redis -------------------------------------------------------------------------------------------------


@pytest.fixture
def shipped_redis(tmp_path: Path) -> Iterator[str]:
    """The address without the password."""
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on the PATH")
    [_, _, command] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["redis"][
        "command"
    ]
    (tmp_path / "password").write_text(f"{SECRET}\n")
    here = command.replace("$$", "$").replace("/run/secrets/redis_password", str(tmp_path / "password"))
    port = free_port()
    here = here.replace("printf '", f"printf 'port {port}\\nbind 127.0.0.1\\ndir {tmp_path}\\n")
    with subprocess.Popen(["sh", "-c", here], stdout=subprocess.DEVNULL, start_new_session=True) as server:
        yield f"redis://makegood@127.0.0.1:{port}/0"
        os.killpg(server.pid, signal.SIGTERM)  # the shell, and the Redis that it became on its right hand


def test_the_shipped_redis_lets_us_ring_and_nobody_else(shipped_redis: str) -> None:
    url = Settings.model_validate({"REDIS_URL": shipped_redis, "REDIS_PASSWORD": SECRET}).redis
    assert soon(lambda: answers(url))
    doorbell = Doorbell(url)
    doorbell.ring()
    with redis.Redis.from_url(url) as ours:
        assert soon(lambda: ours.zcard("arq:queue") == 1)
        for forbidden in (lambda: ours.set("other", "1"), ours.flushall, lambda: ours.config_get("*")):
            with pytest.raises(redis.exceptions.NoPermissionError):
                forbidden()
    doorbell.close()
    for wrong in (shipped_redis, shipped_redis.replace("makegood@", "")):
        with pytest.raises(redis.exceptions.AuthenticationError):
            ping(wrong)


# --- the proxy ---------------------------------------------------------------------------------------------


@pytest.fixture
def house() -> Iterator[Line]:
    """Somebody behind the proxy who tells what arrives."""

    async def tell(request: Request) -> JSONResponse:
        told = {"path": request.url.path, "headers": dict(request.headers), "size": len(await request.body())}
        return JSONResponse(told)

    line = Line(Starlette(routes=[Route("/{path:path}", tell, methods=["GET", "POST"])]))
    yield line
    line.cut()


@pytest.fixture
def proxy(house: Line, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Its address and its log."""
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("no caddy on the PATH")
    url, log = f"http://127.0.0.1:{free_port()}", tmp_path / "caddy.log"
    config = local_caddyfile(tmp_path, url, [house.url])
    with log.open("wb") as said:
        command = [caddy, "run", "--config", str(config), "--adapter", "caddyfile"]
        environment = {"HOME": str(tmp_path), "PATH": "/usr/bin"}
        with subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=environment) as server:
            assert soon(lambda: is_open(url))
            yield url, log
            server.terminate()


def is_open(url: str) -> bool:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.socket() as knock:
        return knock.connect_ex((host, int(port))) == 0


def test_the_shipped_proxy_writes_no_token_into_its_log(house: Line, proxy: tuple[str, Path]) -> None:
    url, log = proxy
    given = {"Authorization": f"Bearer {TOKEN}", "Cookie": f"mg={TOKEN}", "Referer": f"{url}/v/{TOKEN}"}
    paths = ("v", "V", "book", "setup", "enrol", "v/x/../../v")
    for path in paths:
        assert httpx2.get(f"{url}/{path}/{TOKEN}/calendar.ics?x=1", headers=given).is_success
    assert soon(lambda: log.read_text().count("handled request") >= len(paths))
    house.cut()  # errors are written by another part of it
    assert httpx2.get(f"{url}/v/{TOKEN}", headers=given, timeout=30).status_code in (502, 503)
    assert soon(lambda: "http.log.error" in log.read_text())
    lines = [json.loads(line) for line in log.read_text().splitlines() if '"request"' in line]
    assert {line["request"]["uri"].split("/")[2][:3] for line in lines} >= {"***"}
    assert TOKEN not in log.read_text()


def test_the_shipped_proxy_says_who_came_and_bounds_what_they_bring(proxy: tuple[str, Path]) -> None:
    url, _ = proxy
    lie = {"X-Forwarded-For": "8.8.8.8", "X-Forwarded-Proto": "https"}
    told = httpx2.get(f"{url}/healthz", headers=lie).json()
    assert told["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert told["headers"]["x-forwarded-proto"] == "http"
    assert told["headers"]["host"] == url.removeprefix("http://")
    assert httpx2.post(f"{url}/x", content=b"a" * 1_000_000).json()["size"] == 1_000_000
    assert httpx2.post(f"{url}/x", content=b"a" * 26_000_000).status_code in (413, 502)
