"""The office's programs subscribe, see their secret once, and look at each delivery."""

from __future__ import annotations

from fastapi.testclient import TestClient

from api.runtime.runtime import Runtime
from api.webhooks.sending import deliver_due
from dispatch.access.tables import Scope
from tests import builders
from tests.conftest import OpenWork
from tests.corpora.test_outgoing_webhooks import NEVER
from tests.http.conftest import Client

HOOKS = "/api/v1/webhooks"
FIT = {"url": "https://hooks.example.com/makegood", "kinds": ["service_offered"]}


def create(staff: TestClient, key: str = "k", **change: object) -> object:
    return staff.post(HOOKS, json=FIT | change, headers={"Idempotency-Key": key})


def test_addresses_that_we_never_call_are_refused_at_once(staff: TestClient) -> None:
    for number, url in enumerate(NEVER):
        answer = create(staff, str(number), url=url)
        assert answer.status_code == 422, url
        [error] = answer.json()["errors"]
        assert error["pointer"] == "/url"
        assert error["code"] == ("url_not_allowed" if len(url) <= 500 else "string_too_long")
    assert staff.get(HOOKS).json()["webhooks"] == []


def test_a_kind_that_there_is_not(staff: TestClient) -> None:
    answer = create(staff, kinds=["visit_booked", "visit_painted"])
    assert [one["code"] for one in answer.json()["errors"]] == ["kind_unknown"]
    assert "visit_booked" in staff.get(HOOKS).json()["known_kinds"]


def test_the_secret_is_shown_once(staff: TestClient) -> None:
    made, repeated = create(staff), create(staff)
    assert made.status_code == repeated.status_code == 201
    assert len(made.json()["secret"]) == 64
    assert repeated.json() == made.json() | {"secret": None}
    path = f"{HOOKS}/{made.json()['id']}"
    assert staff.get(path).json()["secret"] is None
    renewed = staff.post(f"{path}/secret")
    assert renewed.status_code == 200
    assert renewed.json()["secret"] not in (None, made.json()["secret"])
    assert staff.post(f"{path}/secret").status_code == 409  # two are valid already


def test_a_life(staff: TestClient, runtime: Runtime, work: OpenWork) -> None:
    path = f"{HOOKS}/{create(staff).json()['id']}"
    assert staff.post(f"{path}/test", headers={"Idempotency-Key": "t"}).status_code == 201
    assert staff.post(f"{path}/pause").json()["state"] == "paused"
    with work() as w:
        builders.a_service(w)
    assert deliver_due(runtime.workshop, runtime.poster, runtime.key) == 0
    assert staff.post(f"{path}/resume").json()["state"] == "active"
    assert deliver_due(runtime.workshop, runtime.poster, runtime.key) == 2
    told = staff.get(f"{path}/deliveries?state=delivered").json()["deliveries"]
    assert sorted(one["kind"] for one in told) == ["service_offered", "test"]
    assert staff.get(f"{path}/deliveries?state=gave_up").json()["deliveries"] == []
    again = staff.post(f"{path}/deliveries/{told[0]['id']}/again")
    assert again.json()["state"] == "pending"
    assert staff.post(f"{path}/deliveries/{told[0]['id']}/again").status_code == 409
    assert staff.post(f"{path}/replay", json={"after": 0}).json()["cursor"] == 0
    assert staff.post(f"{path}/replay", json={"after": 10_000}).status_code == 422
    assert staff.delete(path).json()["state"] == "ended"
    assert staff.delete(path).status_code == 200
    assert staff.post(f"{path}/resume").status_code == 409


def test_another_offices_webhooks_are_not_there(staff: TestClient, work: OpenWork, sign_in: Client) -> None:
    path = f"{HOOKS}/{create(staff).json()['id']}"
    with work() as w:
        sue = builders.a_dispatcher(w, builders.a_territory(w, name="South"), name="Sue")
    other = sign_in(Scope.SETUP, sue.id)
    assert other.get(path).status_code == 404
    assert other.delete(path).status_code == 404
    assert other.get(HOOKS).json()["webhooks"] == []


def test_each_kind_of_fact_is_offered_once(staff: TestClient) -> None:
    known = staff.get(HOOKS).json()["known_kinds"]
    assert "visit_booked" in known
    assert len(known) == len(set(known))
