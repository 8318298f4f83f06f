"""What the log says, in which form, and what it never says."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from api.main import create_app
from api.runtime.logs import handler, mask, speaking_of
from api.runtime.runtime import Runtime
from tests.http.conftest import BASE
from tests.http.overheard import captured, lines


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with captured() as stream:
        yield stream


def test_what_breaks_is_told_without_its_words(
    client: TestClient, runtime: Runtime, log: io.StringIO
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("Ana Cole said sesame")

    event.listen(runtime.workshop.engine, "begin", fail)
    answer = client.get("/healthz")
    event.remove(runtime.workshop.engine, "begin", fail)
    [told] = [line for line in lines(log) if line.get("exception")]
    assert told["request_id"] == answer.headers["x-request-id"]
    assert told["exception"].startswith("RuntimeError ")
    assert "test_logs.py" in told["exception"]
    assert "sesame" not in log.getvalue()


def test_a_line_stays_one_line_and_says_no_phone(log: io.StringIO) -> None:
    with speaking_of(job="sweep"):
        logging.getLogger("arq.worker").warning("%s rang\r\nroot logged in", "+12025550123")
    [told] = lines(log)
    assert told["event"] == "***123 rang??root logged in"
    assert (told["job"], told["logger"], told["level"]) == ("sweep", "arq.worker", "warning")


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("GET /v/Ab3_x-9/calendar", "GET /v/***/calendar"),
        ("Authorization: Bearer Ab3_x-9", "Authorization: Bearer ***"),
        ("token=Ab3 code: 123456", "token=*** code: ***"),
        ("12025550123 and +4915112345678", "***123 and ***678"),
        ("at 2026-03-02T07:00:00 port 8000, 4700 ms", "at 2026-03-02T07:00:00 port 8000, 4700 ms"),
        ("a\x1b[31mb\u2028c", "a?[31mb?c"),
    ],
)
def test_what_is_masked(said: str, written: str) -> None:
    assert mask(said) == written


def test_a_terminal_reads_sentences() -> None:
    stream = io.StringIO()
    record = logging.LogRecord("makegood.jobs", logging.INFO, "", 0, "all is %s", ("well",), None)
    handler("text", stream).emit(record)
    assert "all is well" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


@pytest.mark.parametrize(
    ("caller", "given", "is_taken"),
    [
        ("10.0.0.9", "edge-12345678", True),
        ("10.0.0.9", "two\tlines", False),
        ("10.0.0.9", "short", False),
        ("203.0.113.5", "edge-12345678", False),
    ],
)
def test_only_the_trusted_proxy_names_requests(
    runtime: Runtime, caller: str, given: str, is_taken: bool
) -> None:
    settings = runtime.settings.model_copy(update={"trusted_proxy": "10.0.0.9"})
    outside = TestClient(
        create_app(replace(runtime, settings=settings)), base_url=BASE, client=(caller, 50_000)
    )
    answered = outside.get("/healthz", headers={"X-Request-Id": given}).headers["x-request-id"]
    assert (answered == given) is is_taken
