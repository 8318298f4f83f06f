"""Figures for a machine that watches: closed without the token, and true of the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError

from api.main import create_app
from api.metrics.board import Rows
from api.runtime.auditing import keep
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from dispatch.audit import Finding
from dispatch.callbacks.tables import Callback
from dispatch.clock import SetClock
from dispatch.territories.tables import Territory
from tests import builders
from tests.conftest import OpenWork
from tests.http.conftest import BASE

TOKEN = "a token of forty letters, for the watcher"


@pytest.fixture
def watched(runtime: Runtime, settings: Settings) -> TestClient:
    given = Settings.model_validate({"MAKEGOOD_DATA": settings.data, "MAKEGOOD_METRICS_TOKEN": TOKEN})
    return TestClient(create_app(replace(runtime, settings=given)), base_url=BASE)


def read(watched: TestClient) -> dict[tuple[str, ...], float]:
    answer = watched.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name.removeprefix("makegood_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_without_the_token_there_is_nothing(client: TestClient, watched: TestClient) -> None:
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    for given in ("", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x"):
        answer = watched.get("/metrics", headers={"Authorization": given})
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")


def test_a_short_token_stops_the_start() -> None:
    with pytest.raises(ValidationError, match="at least 20"):
        Settings.model_validate({"MAKEGOOD_METRICS_TOKEN": "short"})


def test_the_rows_are_told(
    watched: TestClient, runtime: Runtime, work: OpenWork, clock: SetClock, territory: Territory
) -> None:
    with work() as w:
        about = {"territory_id": territory.id, "about": "test", "phone": builders.PHONE, "opened_at": w.now}
        w.session.add(Callback(id=w.new_id(), due_at=w.now + timedelta(minutes=1), **about))
        w.session.add(Callback(id=w.new_id(), due_at=w.now + timedelta(hours=1), **about))
    keep(runtime, "whole", [Finding("I-10", "visit", "Two at one time.")], milliseconds=1500)
    clock.advance(minutes=3)
    told = read(watched)
    assert told["callbacks_overdue",] == 1
    assert told["oldest_due_seconds", "callback"] == 120
    assert told["oldest_due_seconds", "text"] == 0
    assert (told["audit_findings",], told["audit_seconds",]) == (1, 1.5)
    assert told["failures_open",] == told["recoveries_overdue",] == told["texts", "unknown"] == 0


def test_requests_are_counted_by_template_only(watched: TestClient) -> None:
    for path in ("/v/sesame", "/v/other", "/wp-login.php", "/healthz"):
        watched.get(path)
    watched.request("BREW", "/healthz")
    told = read(watched)
    assert told["requests_total", "GET", "/v/{token}", "404"] == 2
    assert told["requests_total", "GET", "/healthz", "200"] == 1
    assert told["requests_total", "GET", "none", "404"] == 1
    assert not any("sesame" in part or part == "BREW" for key in told for part in key)


def test_the_rows_are_read_again_after_five_seconds(runtime: Runtime) -> None:
    shown = 0.0
    rows = Rows(runtime, timer=lambda: shown)

    def findings() -> float:
        return next(one.samples[0].value for one in rows.collect() if one.name == "makegood_audit_findings")

    assert findings() == 0
    keep(runtime, "whole", [Finding("I-10", "visit", "Two at one time.")], milliseconds=1)
    shown = 4.9
    assert findings() == 0
    shown = 5.0
    assert findings() == 1
