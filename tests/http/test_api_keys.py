"""Keys of programs: shown once, kept as a hash, good for what was ticked, where it was meant, and until it ends."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from api.auth.guessing import KEY_LIMIT
from dispatch.access.keys import make_key
from dispatch.access.tables import ApiKey
from dispatch.clock import SetClock
from dispatch.ledger import LedgerEntry
from dispatch.territories.tables import Territory
from tests import builders
from tests.conftest import OpenWork
from tests.http.pages.reading import Reader

SERVICES, TERRITORIES, TECHNICIANS = "/api/v1/services", "/api/v1/territories", "/api/v1/technicians"


@pytest.fixture
def page(staff: TestClient) -> Reader:
    return Reader(staff).open("/office").follow("Keys")


def bearer(secret: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}", **more}


def made(page: Reader, **typed: str | bool) -> str:
    """The secret that the page shows, once."""
    page.press("Make the key", **{"name": "The shop", "services:read": True, **typed})
    assert page.status == 200, page.text
    found = re.search(r"mgk_[\w-]{32}", page.text)
    assert found
    return found[0]


def test_a_key_is_made_works_and_is_taken_back(page: Reader, client: TestClient, work: OpenWork) -> None:
    assert "There is no key yet" in page.text
    secret = made(page)
    assert client.get(SERVICES, headers=bearer(secret)).status_code == 200
    assert client.get(TECHNICIANS, headers=bearer(secret)).status_code == 403
    assert client.get("/office/keys", headers=bearer(secret)).status_code == 403
    page.follow("I have copied it")
    assert secret not in page.text
    assert "services:read" in page.text
    assert "last used" in page.text
    page.press("Take back the key of The shop")
    assert "Taken back" in page.text
    assert client.get(SERVICES, headers=bearer(secret)).status_code == 401
    with work() as w:
        kept = w.session.exec(select(ApiKey)).one()
        assert secret not in kept.model_dump_json()
        kinds = w.session.exec(select(LedgerEntry.kind)).all()
        assert {"api_key_made", "api_key_revoked"} <= set(kinds)


def test_a_form_that_does_not_fit_says_why_and_loses_nothing(page: Reader) -> None:
    page.press("Make the key", name="The shop", days="400")
    assert page.status == 422
    assert "Tick at least one thing" in page.text
    assert "366" in page.text
    (name,) = (box for box in page.page.every("input") if box.attributes.get("name") == "name")
    assert name.attributes["value"] == "The shop"


def test_a_key_runs_out(page: Reader, client: TestClient, clock: SetClock) -> None:
    secret = made(page, days="1")
    clock.advance(hours=23, minutes=59)
    assert client.get(SERVICES, headers=bearer(secret)).status_code == 200
    clock.advance(minutes=1)
    assert client.get(SERVICES, headers=bearer(secret)).status_code == 401


def test_what_a_key_did_stands_under_its_name(page: Reader, client: TestClient, work: OpenWork) -> None:
    secret = made(page, **{"technicians:write": True, "technicians:read": True})
    body = {"name": "Tom Hale", "home": {"lat": 40.0, "lng": -77.0}}
    hired = client.post(TECHNICIANS, json=body, headers=bearer(secret, **{"Idempotency-Key": "1"}))
    assert hired.status_code == 201
    assert [one["name"] for one in client.get(TECHNICIANS, headers=bearer(secret)).json()["technicians"]] == [
        "Tom Hale"
    ]
    with work() as w:
        key = w.session.exec(select(ApiKey)).one()
        joined = w.session.exec(select(LedgerEntry).where(LedgerEntry.kind == "technician_joined")).one()
        assert joined.actor == f"key:{key.id}"


def test_a_key_for_all_territories_says_which_one(
    page: Reader, client: TestClient, work: OpenWork, territory: Territory
) -> None:
    secret = made(page, reach="all", **{"territories:read": True})
    assert territory.id in page.text
    with work() as w:
        south = builders.a_territory(w, name="South")
    assert client.get(TERRITORIES, headers=bearer(secret)).status_code == 400
    for one in (territory, south):
        answer = client.get(
            f"{TERRITORIES}/{one.id}", headers=bearer(secret, **{"Makegood-Territory": one.id})
        )
        assert (answer.status_code, answer.json()["name"]) == (200, one.name)
    lost = client.get(
        f"{TERRITORIES}/{south.id}", headers=bearer(secret, **{"Makegood-Territory": territory.id})
    )
    assert lost.status_code == 404


def test_another_offices_key_is_not_there(
    page: Reader, staff: TestClient, work: OpenWork, clock: SetClock
) -> None:
    with work() as w:
        south = builders.a_territory(w, name="South")
        key, _ = make_key(
            w, "Their shop", ["services:read"], territory_id=south.id, expires_at=w.now.replace(year=2027)
        )
    assert "Their shop" not in page.open("/office/keys").text
    assert staff.post(f"/office/keys/{key.id}/revoke").status_code == 404


def test_a_key_that_asks_too_often_waits_and_no_other_does(page: Reader, client: TestClient) -> None:
    secret = made(page)
    other = made(page.open("/office/keys"), name="Another")
    answers = [client.get(SERVICES, headers=bearer(secret)) for _ in range(KEY_LIMIT + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"]
    assert client.get(SERVICES, headers=bearer(other)).status_code == 200


def test_a_key_that_is_none_is_counted_like_a_link_that_is_none(client: TestClient) -> None:
    answers = [client.get(SERVICES, headers=bearer(f"mgk_{number}")).status_code for number in range(31)]
    assert answers == [401] * 30 + [429]
