"""What a browser may do with our pages, and what other sites, proxies and odd clients cannot do.

How bodies are read strictly (B1–B6, B17) stands in test_refusals.py, keys (B12) in test_idempotency.py.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.requests import Request

from api.main import create_app
from api.pages.render import HERE
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from tests.http.conftest import BASE
from tests.http.routes import every_route

PUBLIC = "https://visits.example.org"
TEMPLATES = sorted((HERE / "templates").rglob("*.html"))
INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\s(?:src=|type=.application/json))",
    re.IGNORECASE,
)
HEADERS = {
    "content-security-policy",
    "x-content-type-options",
    "referrer-policy",
    "x-robots-tag",
    "cache-control",
    "x-request-id",
}


@pytest.fixture
def public(runtime: Runtime, settings: Settings) -> TestClient:
    """The house as the world sees it, behind no proxy."""
    given = settings.model_copy(update={"public_url": PUBLIC})
    return TestClient(
        create_app(replace(runtime, settings=given)), base_url=PUBLIC, raise_server_exceptions=False
    )


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_anything_inline(template: Path) -> None:
    """So the policy needs neither unsafe-inline nor nonces: data in a JSON block is not run."""
    assert INLINE.findall(template.read_text()) == []


@pytest.mark.parametrize("bad", ["<style>", '<p style="x">', '<a onclick="x">', "<script>1</script>"])
def test_what_is_inline_would_be_seen(bad: str) -> None:
    assert INLINE.search(bad)


def test_every_route_answers_with_every_header(public: TestClient) -> None:
    paths = {known.filled for known in every_route(public.app)} | {
        "/static/makegood.css",
        "/static/none",
        "/nowhere",
    }
    for path in sorted(paths):
        headers = public.get(path).headers
        assert headers.keys() >= HEADERS, path
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert headers["strict-transport-security"].startswith("max-age=31536000"), path
        assert not [name for name in headers if name.startswith("access-control-")], path


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
def test_another_sites_form_does_nothing(staff: TestClient, headers: dict[str, str]) -> None:
    stranger = TestClient(staff.app, base_url=BASE, cookies=staff.cookies)
    for path, body in (
        ("/sign-out", {"data": {"": ""}}),
        ("/api/v1/services", {"content": b"{}", "headers": {"Content-Type": "text/plain"}}),
    ):
        sent = {**body, "headers": {**body.get("headers", {}), **headers}}
        assert stranger.post(path, **sent).status_code == 403, path
    assert staff.get("/board").status_code == 200, "still signed in"


def test_our_own_origin_is_enough_where_a_browser_says_no_more(staff: TestClient) -> None:
    old = TestClient(staff.app, base_url=BASE, cookies=staff.cookies, follow_redirects=False)
    assert old.post("/sign-out", headers={"Origin": BASE}).status_code == 303


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "get", "BREW"])
def test_other_methods_are_refused(client: TestClient, method: str) -> None:
    """B18."""
    assert client.request(method, "/robots.txt").status_code in ((200, 405) if method == "get" else (405,))


def test_a_method_is_not_overridden(staff: TestClient) -> None:
    answer = staff.get("/sign-out", headers={"X-HTTP-Method-Override": "POST"})
    assert answer.status_code == 405
    assert staff.get("/board").status_code == 200


@pytest.mark.parametrize(
    ("trusted", "caller", "seen"),
    [
        ("", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.9", "203.0.113.5", "203.0.113.5"),
        ("10.0.0.9", "10.0.0.9", "198.51.100.7"),
    ],
)
def test_only_the_trusted_proxy_says_who_asks(
    runtime: Runtime, settings: Settings, trusted: str, caller: str, seen: str
) -> None:
    """B19: forged addresses from outside have no effect."""
    app = create_app(replace(runtime, settings=settings.model_copy(update={"trusted_proxy": trusted})))

    @app.get("/seen")
    def tell(request: Request) -> str:
        assert request.client
        return request.client.host

    outside = TestClient(app, base_url=BASE, client=(caller, 50_000))
    assert outside.get("/seen", headers={"X-Forwarded-For": "198.51.100.7"}).json() == seen


def test_a_forged_host_is_in_no_link(staff: TestClient) -> None:
    """B19."""
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Idempotency-Key": "k"}
    made = staff.post("/api/v1/invitations", json={"phone": "+12025550123"}, headers=headers)
    assert made.status_code == 201
    assert made.json()["url"].startswith(f"{BASE}/book/")
    assert "evil" not in made.text
    assert "evil" not in staff.get("/board", headers={"Host": "evil.example"}).text


def test_robots_are_told_the_closed_paths(client: TestClient) -> None:
    told = client.get("/robots.txt").text
    assert "Disallow: /v/\n" in told
    assert "Disallow: /api/\n" in told
