"""Every route, asked by somebody of every kind, about things of theirs and of others: it answers as the table says."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from zlib import crc32

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from api.auth.guessing import KEY_LIMIT, Guesses
from api.looks import is_look
from api.main import create_app
from api.policy import EVERYBODY, POLICY, SCOPES, Who, Whose, scope_for
from api.policy_routes import ROUTES
from api.runtime.runtime import Runtime
from dispatch.clock import SetClock
from dispatch.work import Workshop
from tests.http.conftest import Client
from tests.http.identities import Half, Somebody, people, two_halves
from tests.http.looks import Watched
from tests.http.routes import NOBODYS, Known, every_route

ANSWERED_ONLY_IF_SET_UP = {
    "GET /sign-in/company",
    "POST /sign-in/company",
    "GET /sign-in/company/back",
    "GET /metrics",
    "GET /brand/logo",
    "GET /v/{token}/technician.jpg",  # test_calls_and_portraits
    "GET /v/{token}/caller.jpg",
    "GET /office/me/photo",
}
STORM = os.environ.get("MAKEGOOD_STORM") == "1"
ELSEWHERE = {Who.PROVIDER, Who.ENTERING}  # test_twilio_hooks and test_signing_in


def dose(routes: Iterable[Known], runtime: Runtime) -> list[Known]:
    """All on SQLite. Who may what does not hang on the database: on Postgres every fourth, and all in a storm."""
    whole = STORM or runtime.workshop.engine.dialect.name == "sqlite"
    return [known for known in routes if whole or crc32(known.name.encode()) % 4 == 0]


@pytest.fixture
def looks() -> Watched:
    return Watched()


@pytest.fixture
def runtime(runtime: Runtime, looks: Watched) -> Runtime:
    return replace(runtime, looks=looks)


@pytest.fixture
def halves(workshop: Workshop, clock: SetClock) -> tuple[Half, Half]:
    return two_halves(workshop, clock)


@pytest.fixture
def everybody(
    halves: tuple[Half, Half], runtime: Runtime, client: TestClient, sign_in: Client
) -> list[Somebody]:
    """Of every kind one in each half."""
    nobody = Somebody(Who.NOBODY, halves[0], client)
    return [nobody, *(one for half in halves for one in people(half, client, sign_in))]


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
    client: TestClient, runtime: Runtime, everybody: list[Somebody]
) -> None:
    for known in dose(every_route(client.app), runtime):
        for one in everybody:
            if opens(known, one.who) or Who.PROVIDER in known.line:
                continue
            owes_more = known.line.keys() == {Who.ENTERING}  # whoever is somebody else has to sign in first
            unknown = owes_more or one.who in (Who.NOBODY, Who.SETUP, Who.ENROL, Who.CALENDAR)
            expected = 404 if "{token}" in known.path else 401 if unknown else 403
            answer = one.ask(known, one.half.things)
            assert answer.status_code == expected, (known.name, one.who, answer.text)


def test_whoever_the_policy_names_reaches_what_is_theirs_and_nothing_else(
    client: TestClient,
    runtime: Runtime,
    everybody: list[Somebody],
    halves: tuple[Half, Half],
    looks: Watched,
) -> None:
    """And where it shows people, it is noted who looked, at what; what is refused is no look."""
    north, south = halves
    wrong: list[object] = []
    for known in sorted(dose(every_route(client.app), runtime), key=_is_last):
        if (
            known.name in ANSWERED_ONLY_IF_SET_UP
            or "{session_id}" in known.path
            or "{delivery_id}" in known.path
        ):
            continue  # see test_people_pages, test_webhook_pages
        for one in everybody:
            if not opens(known, one.who):
                continue
            nowhere = dict.fromkeys(north.things, NOBODYS) | _said(one.half.things)
            foreign = (south if one.half is north else north).things | _said(one.half.things)
            is_asked = known.names_something or known.name == "GET /api/v1/messages"
            if is_asked and known.line[one.who] is not Whose.ALL:
                answers = one.ask(known, foreign), one.ask(known, nowhere)
                if not _is_same(*answers):
                    wrong.append((known.name, one.who, "of others", *map(_brief, answers)))
            looks.heard.clear()
            answer = one.ask(known, one.half.things)
            has_seen = answer.status_code < 400 and is_look(known.method, *ROUTES[known.name])
            at = [look.object_id for look in looks.heard if look.subject_id]
            if bool(at) is not has_seen or not {*at} <= {*one.half.things.values()}:
                wrong.append((known.name, one.who, "who looked", looks.heard))
            refused = answer.status_code in (401, 403, 404)
            if refused and not (is_asked and not _is_same(answer, one.ask(known, nowhere))):
                wrong.append((known.name, one.who, "their own", _brief(answer)))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_key_opens_what_its_scopes_say(client: TestClient, halves: tuple[Half, Half]) -> None:
    """With each scope by itself, and with none: 403 where the scope is for something else."""
    north, _ = halves
    keys = {scope: Somebody(Who.KEY, north, client, north.key([scope])) for scope in SCOPES}
    bare = Somebody(Who.KEY, north, client, north.key([]))
    for known in every_route(client.app):
        if opens(known, Who.KEY) and known.line is not EVERYBODY:
            client.app.state.asked = Guesses(limit=KEY_LIMIT)
            fitting = keys[scope_for(*ROUTES[known.name])]
            assert fitting.ask(known, north.things).status_code not in (401, 403), known.name
            others = [one for one in keys.values() if one is not fitting]
            for one in (bare, others[len(known.name) % len(others)]):
                assert one.ask(known, north.things).status_code == 403, known.name


def opens(known: Known, who: Who) -> bool:
    """Whether the policy names them there; a key is for programs, which read no pages."""
    is_for_programs = who is not Who.KEY or known.path.startswith("/api/") or known.line is EVERYBODY
    return who in known.line and is_for_programs


def _brief(answer: Response) -> str:
    shown = answer.text.partition("<main")[2] or answer.text
    return f"{answer.status_code} {shown[:240]}"


def _said(things: Mapping[str, str]) -> dict[str, str]:
    """What in a path is no thing of anybody's."""
    return {name: things[name] for name in ("day", "step", "language", "name", "slug", "verb", "rows")}


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
    assert {one.who for one in everybody} == set(Who) - ELSEWHERE
