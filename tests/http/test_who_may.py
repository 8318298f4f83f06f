"""Every route, without anybody and with everybody else: nothing opens that should not."""

from __future__ import annotations

from datetime import timedelta

from fastapi.testclient import TestClient
from httpx2 import Response

from api.auth.guessing import Guesses
from api.deps import enrol_only, setup_only
from dispatch.access.invitations import invite
from dispatch.access.links import issue
from dispatch.access.tables import Scope
from dispatch.territories.tables import Territory
from tests import builders
from tests.conftest import OpenWork
from tests.http.conftest import KEY, Client
from tests.http.routes import Known, every_route


def test_every_route_declares_its_door(client: TestClient) -> None:
    without = [f"{known.method} {known.path}" for known in every_route(client.app) if not known.doors]
    assert without == [f"{known.method} {known.path}" for known in every_route(client.app) if known.is_open]


def test_nothing_opens_without_a_link_or_session(client: TestClient) -> None:
    for known in every_route(client.app):
        if not known.is_open:
            client.app.state.guesses = Guesses()  # this is not about patience
            expected = 404 if "{token}" in known.path else 401
            assert _ask(client, known, known.filled).status_code == expected, known


def test_nothing_opens_with_what_opens_something_else(
    client: TestClient, work: OpenWork, territory: Territory, sign_in: Client
) -> None:
    """A technician, and holders of each kind of link that is not for the route."""
    with work() as w:
        technician = builders.a_technician(w, territory)
        subjects = {Scope.BOOK: invite(w, territory).id, Scope.SETUP: "0" * 26, Scope.ENROL: "0" * 26}
        tokens = {
            scope: issue(w, KEY, scope, subject, expires_at=w.now + timedelta(hours=1))
            for scope, subject in subjects.items()
        }
    phone = sign_in(Scope.ENROL, technician.id)
    for known in every_route(client.app):
        names = {getattr(door, "__name__", "") for door in known.doors}
        if known.is_open:
            continue
        if "staff_only" in names:
            assert _ask(phone, known, known.filled).status_code == 403, known
            for token in tokens.values():
                assert _ask(client, known, known.filled, token).status_code in (401, 403), known
        for scope, door in ((Scope.SETUP, setup_only), (Scope.ENROL, enrol_only)):
            if "{token}" in known.path and door not in known.doors:
                path = known.path.replace("{token}", tokens[scope])
                assert _ask(client, known, path).status_code == 404, known


def test_another_territorys_things_are_not_there(
    staff: TestClient, work: OpenWork, territory: Territory
) -> None:
    """Not yours and not there: the same answer, but for the address that was asked."""
    with work() as w:
        south = builders.a_territory(w, name="South")
        foreign = builders.a_technician(w, south)
    for there, nowhere in (
        (f"/api/v1/technicians/{foreign.id}", f"/api/v1/technicians/{'0' * 26}"),
        (f"/api/v1/territories/{south.id}", f"/api/v1/territories/{'0' * 26}"),
    ):
        answers = [staff.get(there), staff.get(nowhere)]
        assert [answer.status_code for answer in answers] == [404, 404]
        bodies = [answer.json() for answer in answers]
        for body in bodies:
            del body["instance"], body["request_id"]
        assert bodies[0] == bodies[1]
    shift = {"weekdays": [0], "start_at": "08:00", "end_at": "17:00", "overtime_until_at": "18:00"}
    assert staff.put(f"/api/v1/technicians/{foreign.id}/shift", json=shift).status_code == 404
    headers = {"Idempotency-Key": "1"}
    assert staff.post(f"/api/v1/technicians/{foreign.id}/enrolment", headers=headers).status_code == 404
    assert foreign.id not in staff.get("/api/v1/technicians").text


def test_another_territorys_pages_are_not_there(
    staff: TestClient, work: OpenWork, territory: Territory
) -> None:
    with work() as w:
        south = builders.a_territory(w, name="South")
        foreign, sue = builders.a_technician(w, south), builders.a_dispatcher(w, south, name="Sue")
    page = f"/office/technicians/{foreign.id}"
    assert staff.get(page).status_code == 404
    for path in (page, f"{page}/week", f"{page}/van", f"{page}/absences"):
        assert staff.post(path, data={"name": "Mine"}).status_code == 404, path
    for path in ("", "/off", "/on", "/link"):
        assert staff.post(f"/office/people/{sue.id}{path}", data={"role": "admin"}).status_code == 404, path
    assert foreign.name not in staff.get("/office/technicians").text


def _ask(client: TestClient, known: Known, path: str, token: str | None = None) -> Response:
    headers = {"Idempotency-Key": "k"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return client.request(known.method, path, headers=headers, **known.empty_body)
