"""Nothing opens without a link or a session, and a link that works once works once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from api.auth.guessing import LIMIT, Guesses
from api.main import create_app
from api.runtime.runtime import Runtime
from dispatch.access.invitations import invite
from dispatch.access.links import issue
from dispatch.access.sessions import use_up
from dispatch.access.tables import DoorSession, Link, Scope
from dispatch.clock import SetClock
from dispatch.errors import LinkExpired, RateLimited
from dispatch.territories.tables import Dispatcher, Territory
from tests import builders
from tests.conftest import OpenWork
from tests.http.conftest import BASE, KEY, SAME_SITE, Client

SERVICES = "/api/v1/services"


@pytest.fixture
def demo(runtime: Runtime) -> TestClient:
    """At the door of a house with MAKEGOOD_DEV=1."""
    app = create_app(replace(runtime, settings=runtime.settings.model_copy(update={"dev": True})))
    return TestClient(app, base_url=BASE, follow_redirects=False)


@pytest.fixture
def setup_token(work: OpenWork, dispatcher: Dispatcher) -> str:
    with work() as w:
        return issue(w, KEY, Scope.SETUP, dispatcher.id, expires_at=w.now + timedelta(hours=1))


def test_looking_at_the_door_uses_nothing_up(client: TestClient, setup_token: str, work: OpenWork) -> None:
    for _ in range(3):
        page = client.get(f"/setup/{setup_token}")
        assert page.status_code == 200
        assert "Hello Dana Reed" in page.text
        assert client.head(f"/setup/{setup_token}").content == b""
    with work() as w:
        assert w.session.exec(select(Link.used_at)).all() == [None]
        assert w.session.exec(select(DoorSession)).all() == []


def test_in_a_demo_the_link_opens_at_one_press_and_once(demo: TestClient, setup_token: str) -> None:
    assert demo.get(SERVICES).status_code == 401
    entered = demo.post(f"/setup/{setup_token}")
    assert (entered.status_code, entered.headers["location"]) == (303, "/board")
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith("mg=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert demo.get(SERVICES).status_code == 200
    again = TestClient(demo.app, base_url=BASE).post(f"/setup/{setup_token}")
    assert again.status_code == 410
    assert "already used" in again.text


def test_elsewhere_the_link_leads_to_a_password(client: TestClient, setup_token: str) -> None:
    pressed = client.post(f"/setup/{setup_token}")
    assert (pressed.status_code, pressed.headers["location"]) == (303, f"/setup/{setup_token}")
    assert "set-cookie" not in pressed.headers
    assert "Choose what you sign in with" in client.get(f"/setup/{setup_token}").text


def test_of_two_who_press_together_one_gets_in(work: OpenWork, setup_token: str) -> None:
    def press(_: int) -> bool:
        try:
            with work() as w:
                use_up(w, setup_token, Scope.SETUP)
        except LinkExpired:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(press, range(8))) == [False] * 7 + [True]


def test_a_session_is_kept_as_a_hash_and_ends(staff: TestClient, work: OpenWork, clock: SetClock) -> None:
    with work() as w:
        kept = w.session.exec(select(DoorSession)).one()
        assert staff.cookies["mg"] not in kept.model_dump_json()
    clock.advance(hours=12)
    assert staff.get(SERVICES).status_code == 401


def test_signing_out_ends_the_session_everywhere(staff: TestClient) -> None:
    secret = staff.cookies["mg"]
    assert staff.post("/sign-out").status_code == 303
    assert TestClient(staff.app, base_url=BASE, cookies={"mg": secret}).get(SERVICES).status_code == 401


def test_a_role_taken_away_counts_from_the_next_request(
    staff: TestClient, work: OpenWork, dispatcher: Dispatcher
) -> None:
    with work() as w:
        w.session.get_one(Dispatcher, dispatcher.id).active = False
    assert staff.get(SERVICES).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_cannot_act_with_our_cookie(staff: TestClient, headers: dict[str, str]) -> None:
    del staff.headers["Sec-Fetch-Site"]
    refused = staff.post(SERVICES, json={}, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["type"] == "/problems/cross-site"
    assert staff.post(SERVICES, json={}, headers={"Origin": BASE}).status_code == 400


def test_behind_https_the_cookie_is_bound_to_the_host(runtime: Runtime, setup_token: str) -> None:
    update = {"public_url": "https://home.example", "dev": True}
    secure = runtime.settings.model_copy(update=update)
    app = create_app(replace(runtime, settings=secure))
    entered = TestClient(app, base_url="https://home.example", follow_redirects=False).post(
        f"/setup/{setup_token}"
    )
    assert entered.headers["set-cookie"].startswith("__Host-mg=")
    assert "Secure" in entered.headers["set-cookie"]
    assert entered.headers["strict-transport-security"]


def test_unknown_tokens_look_alike_and_are_counted(client: TestClient) -> None:
    answers = [
        client.get(f"/{door}/{token}")
        for door in ("setup", "enrol")
        for token in ("x", "A" * 22, "%00", "..;")
    ]
    assert {answer.status_code for answer in answers} == {404}
    bodies = {answer.text.replace(answer.headers["x-request-id"], "") for answer in answers}
    assert len(bodies) == 1
    for _ in range(LIMIT - len(answers)):
        client.get("/setup/nobody")
    late = client.get("/setup/nobody")
    assert late.status_code == 429
    assert 1 <= int(late.headers["retry-after"]) <= 60


def test_patience_is_asked_of_one_address_for_one_minute() -> None:
    now = 0.0
    guesses = Guesses(lambda: now)
    for _ in range(LIMIT):
        guesses.require_patience("a")
        guesses.note("a")
    guesses.require_patience("b")
    with pytest.raises(RateLimited):
        guesses.require_patience("a")
    now = 60.0
    guesses.require_patience("a")


def test_a_glued_full_stop_is_forgiven(client: TestClient, setup_token: str) -> None:
    assert client.get(f"/setup/{setup_token}.").status_code == 200


def test_a_link_of_another_purpose_is_as_good_as_none(client: TestClient, setup_token: str) -> None:
    assert client.get(f"/enrol/{setup_token}").status_code == 404
    assert client.get(SERVICES, headers={"Authorization": f"Bearer {setup_token}"}).status_code == 401


def test_an_expired_link_says_so(client: TestClient, setup_token: str, clock: SetClock) -> None:
    clock.advance(hours=1)
    for answer in (client.get(f"/setup/{setup_token}"), client.post(f"/setup/{setup_token}")):
        assert answer.status_code == 410
        assert "new one" in answer.text


def test_a_technicians_phone_is_enrolled(
    staff: TestClient, work: OpenWork, territory: Territory, sign_in: Client, client: TestClient
) -> None:
    with work() as w:
        technician = builders.a_technician(w, territory)
    link = staff.post(f"/api/v1/technicians/{technician.id}/enrolment", headers={"Idempotency-Key": "1"})
    assert link.status_code == 201
    path = link.json()["url"].removeprefix(BASE)
    assert "Hello Tom" in client.get(path).text
    entered = client.post(path)
    assert (entered.status_code, entered.headers["location"]) == (303, "/day")
    client.headers.update(SAME_SITE)
    assert client.get("/api/v1/services").status_code == 200
    assert client.get("/api/v1/technicians").status_code == 403


def test_a_customers_link_works_as_a_bearer_token(
    client: TestClient, work: OpenWork, territory: Territory
) -> None:
    with work() as w:
        invitation = invite(w, territory)
        token = issue(w, KEY, Scope.BOOK, invitation.id, expires_at=w.now + timedelta(hours=1))
    assert client.get(SERVICES, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert client.get("/api/v1/technicians", headers={"Authorization": f"Bearer {token}"}).status_code == 403
    assert client.get(SERVICES, headers={"Authorization": f"Bearer {token[:-1]}"}).status_code == 401
    assert client.get(SERVICES, params={"token": token}).status_code == 401
