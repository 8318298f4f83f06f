"""Whatever comes to the routes of booking, row by row: what is refused and how, and what is kept as it was meant.

The rows that are true of every route stand with them: unreadable bodies, double keys, depth and kinds of content in
`tests/http/test_refusals.py` (B1-B6), keys in `tests/http/test_idempotency.py` (B12, B13), columns by their names in
`tests/http/test_mass_assignment.py` (B5), versions in `tests/http/test_first_routes.py` (B16), methods, hosts and
proxies in `tests/http/test_browser_safety.py` (B18, B19), phones in `tests/corpora/test_phone_numbers.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import anyio
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import select

from dispatch.access.invitations import invite
from dispatch.access.links import issue
from dispatch.access.tables import Scope
from dispatch.access.turns import Turns, bookings_for, bookings_from, take_turn
from dispatch.customers.tables import Customer
from dispatch.errors import RateLimited
from dispatch.territories.tables import Territory
from dispatch.visits.tables import Visit
from dispatch.work import Work
from tests.builders import near
from tests.corpora.conftest import KEY
from tests.corpora.house import BASE, a_house
from tests.worlds import World

PLACE = {"lat": near(km_north=1).lat, "lng": near(km_north=1).lng}
WHO: dict[str, Any] = {
    "name": "Ana Cole",
    "phone": "+12025550143",
    "address": "1 Main Street",
    "consent": False,
}
JSON = {"Content-Type": "application/json"}


class Caller:
    """Somebody with a link to book, sent to their phone, at a network of their own; each request has its own key."""

    def __init__(self, world: World, app: FastAPI, address: str, phone: str = WHO["phone"]) -> None:
        with world.as_office() as work:
            invitation = invite(work, work.session.get_one(Territory, world.territory.id), phone=phone)
            token = issue(work, KEY, Scope.BOOK, invitation.id, expires_at=work.now + timedelta(days=7))
        self.headers = {"Authorization": f"Bearer {token}"}
        self.client = TestClient(
            app, base_url=BASE, raise_server_exceptions=False, client=(address, 50_000), headers=self.headers
        )
        self._keys = (f"{address} {number}" for number in count())

    def send(self, path: str, body: Any, key: str = "") -> Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {**JSON, "Idempotency-Key": key or next(self._keys)}
        return self.client.post(f"/api/v1/{path}", content=content, headers=headers)

    def hold(self, start_at: str, **change: Any) -> Response:
        return self.send("holds", {"service": "repair", "place": PLACE, "start_at": start_at, **change})

    def kept(self, start_at: str) -> str:
        answer = self.hold(start_at)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def book(self, hold_id: str, key: str = "", **change: Any) -> Response:
        return self.send("visits", {**WHO, "hold_id": hold_id, **change}, key)


@pytest.fixture
def app(world: World) -> FastAPI:
    return a_house(world)


@pytest.fixture
def someone(world: World, app: FastAPI) -> Callable[..., Caller]:
    return lambda address, *phone: Caller(world, app, address, *phone)


@pytest.fixture
def ana(someone: Callable[..., Caller]) -> Caller:
    return someone("203.0.113.5")


def require(answer: Response, status: int, what: object, *codes: str) -> None:
    assert answer.status_code == status, (what, answer.text)
    assert answer.headers["content-type"] == "application/problem+json", what
    assert [error["code"] for error in answer.json()["errors"]] == list(codes), (what, answer.text)


def how_many(world: World, row: type[Visit | Customer]) -> int:
    with world.look() as work:
        return len(work.session.exec(select(row)).all())


def test_b1_to_b6_bodies_that_are_no_booking(world: World, ana: Caller) -> None:
    hold = ana.kept("2026-03-02T14:00:00Z")
    fit = {**WHO, "hold_id": hold}
    for body, status in (
        (b"", 400),
        (b"null", 422),
        (b"[]", 422),
        (json.dumps(fit).encode()[:-1], 400),
        (json.dumps(fit).encode() * 2, 400),
        (b'{"phone": "+12025550143", "phone": "+12025550144"}', 400),
        (b'{"consent": NaN}', 400),
        (b"[" * 10_000, 400),
        (b'["x", ' * 100_000, 400),
        (json.dumps({**fit, "note": "x" * 5_000_000}).encode(), 413),
        ({**fit, "note": "x" * 2001}, 422),
        ({**fit, "id": "1"}, 422),
        ({**fit, "state": "done"}, 422),
        ({**fit, "territory_id": "x"}, 422),
        ({**fit, "price": 0}, 422),
        ({**fit, "verified": True}, 422),
        ({**fit, "consent": "yes"}, 422),
        ({**fit, "consent": 1}, 422),
        ({**fit, "name": 7}, 422),
        ({**fit, "phone": 12025550143}, 422),
        ({**fit, "hold_id": 2**63}, 422),
        ({**fit, "hold_id": "'; DROP TABLE visits; --"}, 422),
        ({**fit, "language": "English"}, 422),
        ({name: value for name, value in fit.items() if name != "consent"}, 422),
    ):
        answer = ana.send("visits", body)
        assert answer.status_code == status, (str(body)[:60], answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    for kind in ("text/plain", "application/json; charset=utf-16", "application/x-www-form-urlencoded"):
        headers = {"Content-Type": kind, "Idempotency-Key": kind}
        answer = ana.client.post("/api/v1/visits", content=json.dumps(fit).encode(), headers=headers)
        assert answer.status_code == 415, kind
    assert (how_many(world, Visit), how_many(world, Customer)) == (0, 0)
    assert ana.book(hold).status_code == 201, "and the hold is as good as ever"


def test_b7_names(world: World, ana: Caller) -> None:
    hold = ana.kept("2026-03-02T14:00:00Z")
    for name, code in (
        ("", "string_too_short"),
        ("   ", "text_missing"),
        ("\u200b\u200d\ufeff", "text_missing"),
        ("Ana\x00", "text_unreadable"),
        ("Ana\nCole", "text_unreadable"),
        ("Ana\x1b[31m", "text_unreadable"),
        ("\ud800", "string_unicode"),
        ("\ue000", "text_unreadable"),
        ("\U0001f600" * 10_000, "string_too_long"),
    ):
        require(ana.book(hold, name=name), 422, repr(name)[:40], code)
    windows = iter(("14:00", "16:00"))
    for name, kept in (
        ("Ane\u0301 <script>alert(1)</script>", "An\u00e9 <script>alert(1)</script>"),
        ("=cmd() {{7*7}} \u202eanA" + "e\u0301" * 20, "=cmd() {{7*7}} \u202eanA" + "\u00e9" * 20),
    ):
        answer = ana.book(ana.kept(f"2026-03-03T{next(windows)}:00Z"), name=name)
        assert answer.status_code == 201, answer.text
        assert answer.json()["customer"] == kept


def test_b8_to_b10_times(world: World, ana: Caller) -> None:
    for at, code in (
        ("2026-03-02T14:00:00", "zone_missing"),
        ("2027-03-14T02:30 America/New_York", "time_invalid"),
        ("2027-11-07T01:30:00", "zone_missing"),
        ("2027-11-07T01:30:00[America/New_York]", "time_invalid"),
        ("2027-11-07T01:30:00 Europe/Londn", "time_invalid"),
        ("2027-11-07T01:30:00EST5EDT", "time_invalid"),
        ("2027-11-07T01:30:00+99:00", "time_invalid"),
        ("2027-02-29T10:00:00Z", "time_invalid"),
        ("2026-03-02T24:00:00Z", "time_invalid"),
        ("2026-03-02T10:00:60Z", "time_invalid"),
        ("0000-01-01T10:00:00Z", "time_invalid"),
        ("0001-01-01T00:00:00+05:00", "time_invalid"),
        ("9999-12-31T23:00:00Z", "time_out_of_range"),
        ("1999-12-31T00:00:00Z", "time_out_of_range"),
        ("10000-01-01T10:00:00Z", "time_invalid"),
        ("2026-W10-1T10:00:00Z", "time_invalid"),
        ("20260302T100000Z", "time_invalid"),
        ("2026-03-02", "time_invalid"),
        ("", "time_invalid"),
    ):
        require(ana.hold(at), 422, at, code)
    for start_at in (1772460000, True, None, ["2026-03-02T14:00:00Z"]):
        assert ana.hold(start_at).status_code == 422, start_at  # type: ignore[arg-type]
    for at in (
        "2026-03-02T06:00:00Z",
        "2026-03-02T08:59:00Z",
        "2026-03-02T14:07:00Z",
        "2026-03-02T03:00:00Z",
        "2031-03-02T14:00:00Z",
        "2199-12-31T23:00:00Z",
        "1900-01-01T00:00:00Z",
    ):
        assert ana.hold(at).status_code in (409, 422), at
    assert ana.hold("2026-03-02T14:00:00Z", end_at="2026-03-02T13:00:00Z").status_code == 422
    assert ana.hold("2026-03-02T16:00:00+02:00").json()["start_at"] == "2026-03-02T14:00:00Z"


def test_b11_places(ana: Caller) -> None:
    at = "2026-03-02T14:00:00Z"
    for place, status in (
        ({"lat": 91, "lng": -77}, 422),
        ({"lat": 40, "lng": 181}, 422),
        ({"lat": 0, "lng": 0}, 422),
        ({"lat": "40", "lng": "-77"}, 422),
        ({"lat": 40}, 422),
        ({"lat": True, "lng": -77}, 422),
        ({"lat": -77.0, "lng": 40.0}, 409),
        ({"lat": 41.5, "lng": -77}, 409),
    ):
        answer = ana.hold(at, place=place)
        assert answer.status_code == status, (place, answer.text)
    body = b'{"service": "repair", "start_at": "2026-03-02T14:00:00Z", "place": {"lat": NaN, "lng": -77}}'
    assert ana.send("holds", body).status_code == 400
    require(ana.hold(at, service="nothing-we-do"), 422, "service", "service_unknown")


def test_b12_to_b14_keys_and_holds(world: World, ana: Caller, someone: Callable[..., Caller]) -> None:
    hold = ana.kept("2026-03-02T14:00:00Z")
    ben = someone("203.0.113.6", "+12025550144")
    assert ben.book(hold, name="Ben Ode", phone="+12025550144").status_code == 404, (
        "somebody else's hold is nobody's"
    )
    assert ana.book("0" * 26).status_code == 404
    first, again = ana.book(hold, "one"), ana.book(hold, "one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert ana.book(hold, "one", name="Eve").json()["type"] == "/problems/idempotency-key-reused"
    other = ben.kept("2026-03-02T16:00:00Z")
    assert ben.book(other, "one", name="Ben Ode", phone="+12025550144").status_code == 201
    late = ana.kept("2026-03-03T14:00:00Z")
    world.clock.advance(hours=1)
    refused = ana.book(late, name="Cyd Ray")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/slot-taken")
    assert refused.json()["alternatives"]
    assert how_many(world, Visit) == 2


def test_b15_what_is_over_is_not_changed(world: World, app: FastAPI, visit: Visit) -> None:
    with world.as_office() as work:
        token = issue(work, KEY, Scope.TRACK, visit.id, expires_at=work.now + timedelta(days=7))
    headers = {"Authorization": f"Bearer {token}"}
    client = TestClient(app, base_url=BASE, headers=headers, raise_server_exceptions=False)
    path = f"/api/v1/visits/{visit.id}"
    cancelled = [client.post(f"{path}/cancel") for _ in range(2)]
    assert [one.status_code for one in cancelled] == [200, 200]
    assert cancelled[0].json()["state"] == cancelled[1].json()["state"] == "cancelled"
    wish = {"service": "repair", "place": PLACE, "start_at": "2026-03-03T14:00:00Z"}
    hold = client.post("/api/v1/holds", json=wish, headers={"Idempotency-Key": "h"}).json()["id"]
    refused = client.post(f"{path}/reschedule", json={"hold_id": hold})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/state-conflict")
    assert refused.json()["current_state"] == "cancelled"
    world.clock.advance(minutes=11)
    assert client.post(f"{path}/undo-cancel").status_code == 409


def test_b17_questions_in_the_address(ana: Caller) -> None:
    fit = {"service": "repair", "lat": PLACE["lat"], "lng": PLACE["lng"]}
    for change in (
        {"days": -1},
        {"days": 0},
        {"days": 10**9},
        {"days": "abc"},
        {"days": "1e1"},
        {"from": "2027-02-29"},
        {"from": "tomorrow"},
        {"from": "9999-12-31"},
        {"from": "0001-01-01"},
        {"lat": "nan"},
        {"lat": "inf"},
        {"lng": 181},
        {"service": "x" * 41},
        {"service": "'; DROP TABLE services; --"},
    ):
        answer = ana.client.get("/api/v1/slots", params={**fit, **change})
        assert answer.status_code == 422, (change, answer.text)
    twice = ana.client.get("/api/v1/slots", params=[*fit.items(), ("days", 1), ("days", 2)])
    assert twice.status_code == 400
    assert ana.client.get("/api/v1/slots", params=fit).status_code == 200


def test_b20_many_bookings_from_one_network_or_for_one_phone(
    world: World, app: FastAPI, ana: Caller, someone: Callable[..., Caller]
) -> None:
    """Twenty-nine were booked from there within this minute, in whichever process: one more, then others alone."""
    with world.as_office() as work:
        for _ in range(29):
            take_turn(work, bookings_from("203.0.113.5"))
    assert ana.book(ana.kept("2026-03-02T14:00:00Z")).status_code == 201
    hold = ana.kept("2026-03-03T14:00:00Z")
    refused = ana.book(hold)
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/rate-limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    ben = someone("203.0.113.6", "+12025550144")
    assert ben.book(ben.kept("2026-03-02T16:00:00Z"), phone="+12025550144").status_code == 201
    world.clock.advance(minutes=1)
    assert ana.book(hold).status_code == 201, "a minute later"
    answers = []
    for number in range(12):
        day = 4 + number // 2
        cyd = someone(f"198.51.100.{number}", "+12025550155")
        hold = cyd.kept(f"2026-03-{day:02}T{(10, 14)[number % 2]}:00:00Z")
        answers.append(cyd.book(hold, name=f"Cyd {number}", phone="+12025550155").status_code)
    assert answers == [201] * 10 + [429] * 2, "for one phone, from wherever"
    assert how_many(world, Visit) == 13
    with world.as_office() as work:
        tried = [_taken(work, bookings_for("+12025550166")) for _ in range(1000)]
    assert tried.count(True) == 10


def _taken(work: Work, turns: Turns) -> bool:
    try:
        take_turn(work, turns)
    except RateLimited:
        return False
    return True


# --- large bodies ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("declares", [True, False], ids=["with a length", "in pieces without one"])
def test_a_large_body_is_refused_before_it_is_read(ana: Caller, app: FastAPI, declares: bool) -> None:
    """A gigabyte: refused by its length, or after the piece that makes it too large; what follows is never read."""
    pieces = _Pieces(10_000)
    length = [(b"content-length", b"1000000000")] if declares else [(b"transfer-encoding", b"chunked")]
    status = anyio.run(_post, app, pieces, [*_raw(ana.headers | JSON | {"Idempotency-Key": "k"}), *length])
    assert status == 413
    assert pieces.read <= (0 if declares else 11), "a megabyte in pieces of a hundred thousand bytes"


class _Pieces:
    def __init__(self, count: int) -> None:
        self.read, self._count = 0, count

    async def receive(self) -> dict[str, Any]:
        self.read += 1
        return {"type": "http.request", "body": b"[" * 100_000, "more_body": self.read < self._count}


async def _post(app: FastAPI, pieces: _Pieces, headers: list[tuple[bytes, bytes]]) -> int:
    told: list[int] = []

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            told.append(message["status"])

    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/visits",
        "raw_path": b"/api/v1/visits",
        "query_string": b"",
        "root_path": "",
        "http_version": "1.1",
        "headers": [(b"host", b"127.0.0.1:8000"), *headers],
        "client": ("203.0.113.5", 50_000),
        "server": ("127.0.0.1", 8000),
    }
    await app(scope, pieces.receive, send)
    return told[0]


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
