"""Every route, asked by somebody of every kind, about things of theirs and of others: it answers as the table says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from api.auth.guessing import Guesses
from api.main import create_app
from api.policy import EVERYBODY, POLICY, Who, Whose
from api.policy_routes import ROUTES
from api.runtime.runtime import Runtime
from dispatch.access.tables import Scope
from dispatch.clock import SetClock
from dispatch.work import Workshop
from tests.http.conftest import Client
from tests.http.identities import Half, two_halves
from tests.http.routes import NOBODYS, Known, every_route

REASON = {"reason": "nobody is free"}
SHIFT = {"weekdays": [0], "start_at": "08:00", "end_at": "17:00", "overtime_until_at": "18:00"}
# What is sent to a route that names something: a body that fits, so that it is asked whose the thing is.
BODIES: dict[str, dict[str, Any]] = {
    "PUT /api/v1/territories/{territory_id}/policies": {"policies": {}},
    "PUT /api/v1/technicians/{technician_id}/shift": SHIFT,
    "POST /api/v1/visits/{visit_id}/status": {"step": "arrive"},
    "POST /api/v1/visits/{visit_id}/reschedule": {"hold_id": NOBODYS},
    "POST /api/v1/visits/{visit_id}/rating": {"score": 5},
    "POST /api/v1/recoveries/{recovery_id}/choice": {"choice": "person"},
    "POST /api/v1/recoveries/{recovery_id}/bend": {"relaxation": 0, **REASON},
    "POST /api/v1/recoveries/{recovery_id}/not-today": REASON,
    "POST /api/v1/recoveries/{recovery_id}/close": REASON,
    "POST /api/v1/recoveries/{recovery_id}/credit": {"approved": False},
    "POST /api/v1/callbacks/{callback_id}/done": {"outcome": "reached"},
    "POST /board/visits/{visit_id}/change": {"start_at": "2026-03-03T08:00:00Z"},
    "POST /board/visits/{visit_id}/cancel": {"sure": "true"},
    "POST /board/recoveries/{recovery_id}/choice": {"choice": "person"},
    "POST /board/recoveries/{recovery_id}/bend": {"relaxation": "0", **REASON},
    "POST /board/recoveries/{recovery_id}/not-today": REASON,
    "POST /board/recoveries/{recovery_id}/close": REASON,
    "POST /board/recoveries/{recovery_id}/credit": {"approved": "false"},
    "POST /board/callbacks/{callback_id}/done": {"outcome": "reached"},
    "POST /day/visits/{visit_id}/nobody-home": {"contacted": "true"},
    "POST /day/visits/{visit_id}/cannot-finish": {"hindrance": "needs_more_time"},
}
QUERIES = {"GET /api/v1/messages": "visit={visit_id}", "GET /api/v1/visits": "q=ana"}
ENDLESS = (
    "/live",
    "/stream",
)  # asked with a nonsensical place to go on from, which only the door is asked before
SIGNED_IN = {Who.ADMIN: Scope.SETUP, Who.TECHNICIAN: Scope.ENROL}
LINKS = {Who.TRACK: Scope.TRACK, Who.BOOK: Scope.BOOK, Who.SETUP: Scope.SETUP, Who.ENROL: Scope.ENROL}
NOT_YET = {Who.DISPATCHER, Who.SUPERVISOR, Who.MANAGER, Who.KEY, Who.PROVIDER}


@dataclass(frozen=True)
class Somebody:
    """One who asks: what they are, whose half of the world is theirs, and what they show at the door."""

    who: Who
    half: Half
    client: TestClient
    bearer: str | None = None

    def ask(self, known: Known, things: Mapping[str, str]) -> Response:
        """With a link in the path where the route has one, as a bearer token elsewhere."""
        self.client.app.state.guesses = Guesses()  # this is not about patience
        if self.who not in SIGNED_IN:  # what the door gave to somebody before
            self.client.cookies.clear()
        if self.who is Who.TECHNICIAN:  # whose other visit is nobody's any more
            things = {**things, "visit_id": things["planned_id"]}
        named = {**things, "token": self.bearer or "0" * 22}
        if "/record/" in known.path:
            named["name"] = things.get("visit_id", NOBODYS)
        path = known.filled_with(named)
        headers = {"Idempotency-Key": "k"}
        if self.bearer and "{token}" not in known.path:
            headers["Authorization"] = f"Bearer {self.bearer}"
        if known.path.endswith(ENDLESS):
            path += "?after=nonsense"
        elif known.name in QUERIES:
            path += "?" + QUERIES[known.name].format_map(things)
        fits = BODIES.get(known.name)
        body = {"json" if known.takes_json else "data": fits} if fits else known.empty_body
        return self.client.request(known.method, path, headers=headers, **body)


@pytest.fixture
def halves(workshop: Workshop, clock: SetClock) -> tuple[Half, Half]:
    return two_halves(workshop, clock)


@pytest.fixture
def everybody(
    halves: tuple[Half, Half], runtime: Runtime, client: TestClient, sign_in: Client
) -> list[Somebody]:
    """Of every kind one in each half."""
    nobody = Somebody(Who.NOBODY, halves[0], client)
    return [nobody, *(one for half in halves for one in _people(half, client, sign_in))]


def _people(half: Half, client: TestClient, sign_in: Client) -> Iterator[Somebody]:
    """Those who sign in come first: it uses up the link that they were sent."""
    subjects = {Scope.SETUP: half.things["dispatcher_id"], Scope.ENROL: half.things["technician_id"]}
    for who, scope in SIGNED_IN.items():
        yield Somebody(who, half, sign_in(scope, subjects[scope]))
    for who, scope in LINKS.items():
        yield Somebody(who, half, client, half.link(scope))


def test_every_route_has_a_line_in_the_policy(runtime: Runtime) -> None:
    dev = replace(runtime, settings=runtime.settings.model_copy(update={"dev": True}))
    names = {known.name for known in every_route(create_app(dev))}
    assert sorted(names - ROUTES.keys()) == [], "a new route needs a line in api/policy_routes.py"
    assert sorted(ROUTES.keys() - names) == [], "these routes are gone"
    assert sorted(set(ROUTES.values()) - POLICY.keys()) == []
    assert sorted(POLICY.keys() - set(ROUTES.values())) == [], "nothing does these any more"


def test_every_route_has_a_door_that_is_written_for_all_whom_the_policy_lets_in(client: TestClient) -> None:
    for known in every_route(client.app):
        assert bool(known.doors) is not known.is_open, known.name
        for door in known.doors:
            for_pages = {Who.KEY} if not known.path.startswith("/api/") else set()
            assert known.line.keys() - for_pages <= door.written_for, known.name


def test_nobody_but_the_provider_is_heard_at_its_hooks(client: TestClient, everybody: list[Somebody]) -> None:
    for known in every_route(client.app):
        if known.line.keys() == {Who.PROVIDER}:
            for one in everybody:
                answer = one.ask(known, one.half.things)
                assert answer.status_code in (403, 404), (known.name, one.who, answer.text)


def test_whoever_the_policy_does_not_name_is_turned_away(
    client: TestClient, everybody: list[Somebody]
) -> None:
    for known in every_route(client.app):
        for one in everybody:
            if one.who in known.line or Who.PROVIDER in known.line:
                continue
            unknown = one.who in (Who.NOBODY, Who.SETUP, Who.ENROL)
            expected = 404 if "{token}" in known.path else 401 if unknown else 403
            answer = one.ask(known, one.half.things)
            assert answer.status_code == expected, (known.name, one.who, answer.text)


def test_whoever_the_policy_names_reaches_what_is_theirs_and_nothing_else(
    client: TestClient, everybody: list[Somebody], halves: tuple[Half, Half]
) -> None:
    north, south = halves
    wrong: list[object] = []
    for known in sorted(every_route(client.app), key=_is_last):
        for one in everybody:
            if one.who not in known.line:
                continue
            nowhere = dict.fromkeys(north.things, NOBODYS) | _said(one.half.things)
            foreign = (south if one.half is north else north).things | _said(one.half.things)
            is_asked = known.names_something or known.name == "GET /api/v1/messages"
            if is_asked and known.line[one.who] is not Whose.ALL:
                answers = one.ask(known, foreign), one.ask(known, nowhere)
                if not _is_same(*answers):
                    wrong.append((known.name, one.who, "of others", *map(_brief, answers)))
            answer = one.ask(known, one.half.things)
            refused = answer.status_code in (401, 403, 404)
            if refused and not (is_asked and not _is_same(answer, one.ask(known, nowhere))):
                wrong.append((known.name, one.who, "their own", _brief(answer)))
    assert not wrong, "\n".join(map(str, wrong))


def _brief(answer: Response) -> str:
    shown = answer.text.partition("<main")[2] or answer.text
    return f"{answer.status_code} {shown[:240]}"


def _said(things: Mapping[str, str]) -> dict[str, str]:
    """What in a path is no thing of anybody's."""
    return {name: things[name] for name in ("day", "step", "language", "name", "slug")}


def _is_same(answer: Response, nowhere: Response) -> bool:
    """Both say that there is no such thing, in the same words but for the address and the number of the request.

    409 is a page of ours that shows the list again, and says it there.
    """
    is_said = answer.status_code == nowhere.status_code and answer.status_code in (404, 409)
    return is_said and _words(answer) == _words(nowhere)


def _words(answer: Response) -> object:
    if answer.headers["content-type"] != "application/problem+json":
        return answer.text.replace(answer.headers["x-request-id"], "")
    body = answer.json()
    del body["instance"], body["request_id"]
    return body


def _is_last(known: Known) -> bool:
    """After it somebody is nobody any more."""
    return known.line is EVERYBODY and known.method == "POST"


def test_no_kind_of_person_is_forgotten(everybody: list[Somebody]) -> None:
    assert {one.who for one in everybody} == set(Who) - NOT_YET
