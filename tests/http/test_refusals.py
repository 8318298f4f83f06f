"""Every refusal has the same shape, says nothing it should not, and leaves nothing half written."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from api.main import create_app
from api.runtime.runtime import Runtime
from dispatch.access.tables import Scope
from dispatch.ledger import LedgerEntry
from dispatch.services.tables import Service
from dispatch.territories.tables import Territory
from tests.builders import a_technician
from tests.conftest import OpenWork
from tests.http.conftest import BASE, Client
from tests.http.routes import every_route

SERVICES = "/api/v1/services"
FIT = {"code": "repair", "name": "Repair", "duration_seconds": 2700, "spread_seconds": 600}
KEYS = {"type", "title", "status", "detail", "instance", "request_id", "errors"}


def post(staff: TestClient, body: object = FIT, **options: object) -> object:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json", **options.pop("headers", {})}
    return staff.post(SERVICES, content=content, headers=headers, **options)


def require_problem(answer: object, status: int, slug: str) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body.keys() >= KEYS
    assert (body["status"], body["type"]) == (status, f"/problems/{slug}")
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


@pytest.fixture
def dev_client(runtime: Runtime) -> TestClient:
    """Every route there is, those of the dev mode too."""
    dev = replace(runtime, settings=runtime.settings.model_copy(update={"dev": True}))
    return TestClient(create_app(dev), base_url=BASE, raise_server_exceptions=False, follow_redirects=False)


def test_every_route_refuses_in_the_same_shape(dev_client: TestClient) -> None:
    for known in every_route(dev_client.app):
        wrong = dev_client.request("PROPFIND", known.filled)
        assert wrong.status_code == 405, known
        assert known.method in wrong.headers["allow"]
        missing = dev_client.request(known.method, f"{known.filled}/no/such/thing")
        assert missing.status_code == 404, known
        answers = [wrong, missing]
        if known.route.body_field is not None:
            headers = {"Content-Type": "application/json"}
            answers.append(dev_client.request(known.method, known.filled, content=b"{,", headers=headers))
            assert 400 <= answers[-1].status_code < 500, known
        for answer in answers:
            is_page = not known.path.startswith(
                ("/api/", "/dev/", "/hooks/", "/healthz", "/readyz", "/metrics")
            )
            expected = "text/html; charset=utf-8" if is_page else "application/problem+json"
            assert answer.headers["content-type"] == expected, known
            assert answer.headers["content-security-policy"]
            assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"", 400, "malformed-json"),
        (b"null", 422, "validation"),
        (b"[]", 422, "validation"),
        (b'{"code": "x"', 400, "malformed-json"),
        (b'{"code": "x",}', 400, "malformed-json"),
        (b"{}{}", 400, "malformed-json"),
        (b'{"spread_seconds": NaN}', 400, "malformed-json"),
        (b'{"spread_seconds": -Infinity}', 400, "malformed-json"),
        (b'{"code": "a", "code": "b"}', 400, "malformed-json"),
        (b'{"skills": {"a": 1, "a": 2}}', 400, "malformed-json"),
        (b"[" * 10_000, 400, "malformed-json"),
        (b"[" * 400_000, 400, "malformed-json"),
        (b'{"a":' * 100_000, 400, "malformed-json"),
        (b"1" * 5_000, 400, "malformed-json"),
        (b'{"code": "\xff"}', 400, "malformed-json"),
        ('{"code": "x"}'.encode("utf-16"), 400, "malformed-json"),
        (b'"' + b"x" * 1_000_001 + b'"', 413, "too-large"),
    ],
)
def test_what_cannot_be_read_in_one_way(staff: TestClient, body: bytes, status: int, slug: str) -> None:
    require_problem(post(staff, body), status, slug)


def test_a_body_without_an_end_is_cut_off(staff: TestClient) -> None:
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    answer = staff.post(SERVICES, content=(b"[" * 100_000 for _ in range(50)), headers=headers)
    require_problem(answer, 413, "too-large")


@pytest.mark.parametrize(
    "kind", ["text/plain", "", "application/json; charset=utf-16", "application/x-www-form-urlencoded"]
)
def test_only_json_in_utf8(staff: TestClient, kind: str) -> None:
    require_problem(post(staff, headers={"Content-Type": kind}), 415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"id": "x"}, "/id", "extra_forbidden"),
        ({"row_version": 7}, "/row_version", "extra_forbidden"),
        ({"duration_seconds": "2700"}, "/duration_seconds", "int_type"),
        ({"duration_seconds": True}, "/duration_seconds", "int_type"),
        ({"duration_seconds": 1e3}, "/duration_seconds", "int_type"),
        ({"duration_seconds": 2**63}, "/duration_seconds", "less_than_equal"),
        ({"duration_seconds": 0}, "/duration_seconds", "greater_than_equal"),
        ({"skills": {"gas": -1}}, "/skills/gas", "greater_than_equal"),
        ({"skills": {"a\u0000": 1}}, "/skills/a\u0000/[key]", "string_pattern_mismatch"),
        ({"name": ""}, "/name", "string_too_short"),
        ({"name": "\u0000"}, "/name", "text_unreadable"),
        ({"name": "\ud800"}, "/name", "string_unicode"),
        ({"name": "\u200b"}, "/name", "text_missing"),
        ({"name": "x" * 10_000}, "/name", "string_too_long"),
    ],
)
def test_each_field_that_does_not_fit_is_named(
    staff: TestClient, change: dict[str, object], pointer: str, code: str
) -> None:
    body = require_problem(post(staff, {**FIT, **change}), 422, "validation")
    assert [(error["pointer"], error["code"]) for error in body["errors"]] == [(pointer, code)]


@pytest.mark.parametrize("query", ["limit=-1", "limit=0", "limit=1000000000", "limit=abc", "after=1e3"])
def test_questions_in_the_address_are_read_strictly(staff: TestClient, query: str) -> None:
    require_problem(staff.get(f"/api/v1/events?{query}"), 422, "validation")
    require_problem(staff.get(f"/api/v1/events?{query}&{query}"), 400, "malformed-request")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("/board?day=nonsense", "day: this is not a date like 2026-03-02."),
        ("/api/v1/plans/2026-99-99", "day: this is not a date like 2026-03-02."),
        ("/api/v1/visits?q=x", "q: please write at least 2 characters."),
    ],
)
def test_what_is_mistyped_in_an_address_is_said_in_plain_words(
    staff: TestClient, asked: str, said: str
) -> None:
    answer = staff.get(asked)
    assert answer.status_code == 422
    assert said in answer.text


def test_whoever_may_not_look_hears_that_first(
    client: TestClient, staff: TestClient, sign_in: Client, work: OpenWork, territory: Territory
) -> None:
    """And not what else is wrong with what they ask."""
    with work() as w:
        tom = a_technician(w, territory)
    too_short = "/api/v1/visits?q=x"
    require_problem(client.get(too_short), 401, "unauthenticated")
    require_problem(sign_in(Scope.ENROL, tom.id).get(too_short), 403, "forbidden")
    require_problem(staff.get(too_short), 422, "validation")


@pytest.mark.parametrize(
    "error", [RuntimeError("secret"), OperationalError("secret", {}, Exception("secret"))]
)
def test_a_commit_that_fails_promises_nothing(
    staff: TestClient, runtime: Runtime, work: OpenWork, error: Exception
) -> None:
    def fail(connection: Connection) -> None:
        if "read_only" not in connection.get_execution_options():  # a read ends with a commit too
            raise error

    event.listen(runtime.workshop.engine, "commit", fail)
    answer = post(staff)
    event.remove(runtime.workshop.engine, "commit", fail)
    if isinstance(error, OperationalError):
        require_problem(answer, 503, "temporarily-unavailable")
        assert answer.headers["retry-after"]
    else:
        require_problem(answer, 500, "internal-error")
    assert "secret" not in answer.text
    with work() as w:
        assert w.session.exec(select(Service)).all() == []
        assert w.session.exec(select(LedgerEntry).where(LedgerEntry.kind == "service_offered")).all() == []
    assert post(staff).status_code == 201


def test_what_nobody_foresaw_is_logged_once(
    staff: TestClient, runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("secret")

    event.listen(runtime.workshop.engine, "begin", fail)
    page, answer = staff.get("/setup/x"), staff.get("/healthz")
    event.remove(runtime.workshop.engine, "begin", fail)
    assert (page.status_code, page.headers["content-type"]) == (500, "text/html; charset=utf-8")
    require_problem(answer, 500, "internal-error")
    logged = [record for record in caplog.records if record.exc_info]
    assert [record.message.split(":")[0] for record in logged] == [
        page.headers["x-request-id"],
        answer.headers["x-request-id"],
    ]


def test_the_log_holds_no_token(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        for path in (
            "/v/sesame",
            "/setup/sesame",
            "/enrol/sesame/",
            "/book/sesame?x=sesame",
            "/V/sesame%0aforged",
        ):
            client.get(path)
            client.post(path, headers={"Authorization": "Bearer sesame"})
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("makegood")]
    assert len(ours) == 10
    assert "sesame" not in "".join(ours)
    assert "GET /v/*** 404" in ours[0]


def test_each_kind_of_problem_has_a_page(client: TestClient) -> None:
    page = client.get("/problems/slot-taken")
    assert page.status_code == 200
    assert "This time is no longer free" in page.text
    assert client.get("/problems/nonsense").status_code == 404


def test_every_answer_carries_the_headers(client: TestClient) -> None:
    for path in (
        "/healthz",
        "/robots.txt",
        "/static/makegood.css",
        "/nowhere",
        "/setup/x",
        "/api/v1/openapi.json",
    ):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == ("no-cache" if path.startswith("/static/") else "no-store")


PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}


def test_the_description_declares_every_refusal(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    assert "HTTPValidationError" not in json.dumps(described)
    assert "Problem" in described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            refusals = {status for status in operation["responses"] if status >= "400"}
            assert refusals >= {"400", "413", "500", "503"}, (method, path)
            takes = [one for one in operation.get("parameters", ()) if one["in"] != "header"]
            assert ("422" in refusals) or not (takes or "requestBody" in operation), (method, path)
            assert ("415" in refusals) is ("requestBody" in operation), (method, path)
            for status in refusals:
                assert operation["responses"][status]["content"]["application/problem+json"] == PROBLEM


def test_the_description_says_what_opens_each_route(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    paths, schemes = described["paths"], described["components"]["securitySchemes"]
    opens = {
        f"{method} {path}": one["security"]
        for path, methods in paths.items()
        for method, one in methods.items()
    }
    assert {name for ways in opens.values() for way in ways for name in way} == schemes.keys()
    assert [asked for asked, ways in opens.items() if not ways] == ["get /healthz", "get /readyz"]
    assert opens["get /api/v1/visits/mine"] == [{"link": []}]
    assert opens["post /api/v1/visits"] == [{"key": ["visits:write"]}, {"link": []}, {"session": []}]
    assert opens["put /api/v1/territories/{territory_id}/policies"] == [{"session": []}]
    assert opens["post /hooks/twilio/inbound"] == [{"signature": []}]
    for asked, ways in opens.items():
        method, path = asked.split(" ")
        if method == "get" and "{" not in path and ways:
            assert client.get(path).status_code in (401, 422), asked
