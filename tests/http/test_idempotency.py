"""A creating request that is sent again has one effect and one answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import select

from dispatch.bookings.tables import IdempotentAnswer
from dispatch.services.tables import Service
from dispatch.territories.tables import Territory
from tests.builders import a_technician
from tests.conftest import OpenWork

FIT = {"code": "repair", "name": "Repair", "duration_seconds": 2700, "spread_seconds": 600}


def offer(staff: TestClient, key: str, **change: object) -> Response:
    return staff.post("/api/v1/services", json={**FIT, **change}, headers={"Idempotency-Key": key})


def test_the_same_again_is_answered_the_same(staff: TestClient, work: OpenWork) -> None:
    first, second = offer(staff, "a"), offer(staff, "a")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"
    with work() as w:
        assert len(w.session.exec(select(Service)).all()) == 1


def test_another_body_under_the_same_key_is_refused(staff: TestClient) -> None:
    offer(staff, "a")
    refused = offer(staff, "a", code="install")
    assert refused.status_code == 422
    assert refused.json()["type"] == "/problems/idempotency-key-reused"
    assert offer(staff, "b", code="install").status_code == 201


def test_a_refusal_keeps_no_key(staff: TestClient, work: OpenWork) -> None:
    offer(staff, "a")
    assert offer(staff, "b").status_code == 409
    with work() as w:
        assert w.session.exec(select(IdempotentAnswer.key)).all() == ["a"]
    assert offer(staff, "b", code="install").status_code == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "ключ".encode(), b"a\x7f"])
def test_a_key_is_one_readable_word(staff: TestClient, key: str | bytes) -> None:
    refused = staff.post("/api/v1/services", json=FIT, headers={"Idempotency-Key": key})
    assert refused.status_code == 400
    assert refused.json()["type"] == "/problems/idempotency-key-missing"


def test_no_key_and_two_keys_are_refused(staff: TestClient) -> None:
    twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    for headers in ([], twice):
        assert staff.post("/api/v1/services", json=FIT, headers=headers).status_code == 400


def test_ten_at_once_get_one_effect_and_one_answer(staff: TestClient, work: OpenWork) -> None:
    with staff, ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: offer(staff, "a"), range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    with work() as w:
        assert len(w.session.exec(select(Service)).all()) == 1


def test_forty_writers_at_once_all_get_through(staff: TestClient, work: OpenWork) -> None:
    """More than the pool of threads has: whoever waits for the lock must not take the thread of who holds it."""
    with staff, ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda n: offer(staff, f"k{n}", code=f"s{n}"), range(60)))
    assert {answer.status_code for answer in answers} == {201}
    with work() as w:
        assert len(w.session.exec(select(Service)).all()) == 60


@pytest.mark.parametrize("route", ["/api/v1/invitations", "/api/v1/technicians/{id}/enrolment"])
def test_a_link_is_told_again_and_its_token_stands_nowhere(
    staff: TestClient, work: OpenWork, territory: Territory, route: str
) -> None:
    with work() as w:
        path = route.format(id=a_technician(w, territory).id)
    body = {} if "enrolment" in route else {"json": {}}
    first, second = (staff.post(path, headers={"Idempotency-Key": "a"}, **body) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    token = first.json()["url"].rpartition("/")[2]
    with work() as w:
        (kept,) = w.session.exec(select(IdempotentAnswer)).all()
        assert len(token) == 22
        assert token not in kept.model_dump_json()
