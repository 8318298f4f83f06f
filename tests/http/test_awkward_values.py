"""Values that a database or a calendar cannot hold: refused by name on both databases, never a crash."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from api.auth.guessing import Guesses
from dispatch.access.tables import Scope
from dispatch.clock import SetClock
from dispatch.work import Workshop
from tests.http.conftest import Client
from tests.http.identities import ENDLESS, Half, two_halves
from tests.http.routes import every_route

SLOTS = "/api/v1/slots?service=repair&lat=40&lng=-77"
TOO_FAR = ("0001-01-01", "1999-12-31", "3000-01-01", "9999-12-31")


@pytest.fixture
def half(workshop: Workshop, clock: SetClock) -> Half:
    return two_halves(workshop, clock)[0]


@pytest.fixture
def admin(half: Half, sign_in: Client) -> TestClient:
    return sign_in(Scope.SETUP, half.things["dispatcher_id"])


def test_a_zero_sign_in_an_address_is_nothing_that_is_there(admin: TestClient) -> None:
    for known in every_route(admin.app):
        admin.app.state.guesses = Guesses()
        if "{" in known.path and not known.path.endswith(ENDLESS):
            path = re.sub("{[^}]+}", "%00", known.path)
            answer = admin.request(known.method, path, headers={"Idempotency-Key": "k"}, **known.empty_body)
            assert answer.status_code == 404, (known.name, answer.text)
    for query in ("q=ab%00", "q%00=ab"):
        answer = admin.get(f"/api/v1/visits?{query}")
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-request")


def test_days_at_the_end_of_time_are_refused(admin: TestClient) -> None:
    for day in TOO_FAR:
        for method, path in (
            ("GET", f"/api/v1/plans/{day}"),
            ("POST", f"/api/v1/plans/{day}/proposals"),
            ("GET", f"/api/v1/map/today?day={day}"),
            ("GET", f"{SLOTS}&from={day}&days=31"),
            ("GET", f"/api/v1/reports/making-good?from={day}"),
            ("GET", f"/board?day={day}"),
        ):
            answer = admin.request(method, path, headers={"Idempotency-Key": "k"})
            assert answer.status_code == 422, (path, answer.text)
        hold = {"service": "repair", "place": {"lat": 40, "lng": -77}, "start_at": f"{day}T12:00:00Z"}
        answer = admin.post("/api/v1/holds", json=hold, headers={"Idempotency-Key": "k"})
        assert [one["code"] for one in answer.json()["errors"]] == ["time_out_of_range"]
