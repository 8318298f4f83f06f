"""What becomes of a link on its way: cut, glued to, re-encoded, guessed, opened by machines, opened twice, too late."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import col, func, select

from api.auth.guessing import LIMIT, Flood, Guesses
from api.main import create_app
from api.metrics.rows import read_rows
from api.pages.staff import stranger_banners
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from dispatch.access.invitations import invite
from dispatch.access.links import LinkKey, issue
from dispatch.access.tables import Link, Scope
from dispatch.access.turns import were_links_guessed
from dispatch.errors import RateLimited
from dispatch.ledger import LedgerEntry
from dispatch.territories.tables import Territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from notifications.channels.memory import Memory
from notifications.render import Writer
from optimizer import repair
from tests.asked import asked, changes
from tests.http.conftest import SAME_SITE
from tests.worlds import World

BASE = "http://127.0.0.1:8000"
KEY = LinkKey(b"k" * 32)
PAGES = ("", "/change", "/cancel", "/code", "/phone", "/address", "/calendar.ics", "/position")


@pytest.fixture
def client(workshop: Workshop, tmp_path: Path) -> TestClient:
    settings = Settings.model_validate({"MAKEGOOD_DATA": tmp_path})
    writer = Writer(KEY, BASE, "Makegood")
    runtime = Runtime(
        settings, workshop, Memory(), KEY, writer, solver=lambda day, seconds, start: repair(day)
    )
    return TestClient(
        create_app(runtime), base_url=BASE, raise_server_exceptions=False, follow_redirects=False
    )


@pytest.fixture
def visit(world: World) -> Visit:
    return world.book("Ana Cole", "12:00")


@pytest.fixture
def token(world: World, visit: Visit) -> str:
    with world.as_office() as work:
        return issue(work, KEY, Scope.TRACK, visit.id, expires_at=work.now + timedelta(days=7))


def _cut(token: str) -> str:
    return token[:-1]


def _wrong(token: str) -> str:
    return token[:-1] + ("A" if token[-1] != "A" else "B")


SPOILT: dict[str, Callable[[str], str]] = {
    "right length, wrong token": _wrong,
    "cut by one": _cut,
    "one too many": lambda token: token + "A",
    "upper case": lambda token: token.upper() if token != token.upper() else token.lower(),
    "encoded twice": lambda token: quote(quote(f"{token}!", safe=""), safe=""),
    "a colon glued on": lambda token: token + ":",
    "a matrix parameter": lambda token: token + ";.css",
    "a path that climbs": lambda token: f"{token}/%2e%2e/board",
    "a zero byte": lambda token: token + "%00",
    "not ours at all": lambda _: "favicon.ico",
    "four thousand signs": lambda _: "A" * 4000,
    "no ASCII": lambda _: quote("ключ"),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("door", ["v", "book", "setup", "enrol"])
def test_what_is_not_the_token_opens_nothing(
    client: TestClient, token: str, door: str, spoil: Callable[[str], str]
) -> None:
    assert client.get(f"/{door}/{spoil(token)}").status_code == 404


@pytest.mark.parametrize("glued", [".", ",", ")", ">", ").", "%29"])
def test_what_a_phone_glues_on_is_forgiven(client: TestClient, token: str, glued: str) -> None:
    assert client.get(f"/v/{token}{glued}").status_code == 200


def test_unknown_and_malformed_are_answered_alike(client: TestClient, token: str, engine: Engine) -> None:
    """In status, in words, and in how many questions the database was asked, so that time tells nothing either."""
    answers, counts = [], []
    for path in (_wrong(token), "x", "A" * 4000, "%00", _cut(token)):
        with asked(engine) as statements:
            answer = client.get(f"/v/{path}")
        answers.append((answer.status_code, answer.text.replace(answer.headers["x-request-id"], "")))
        counts.append(len(statements))
    assert len(set(answers)) == 1
    assert len(set(counts)) == 1


def test_a_token_of_another_visit_or_purpose_opens_nothing(
    client: TestClient, world: World, visit: Visit, token: str
) -> None:
    other = world.book("Ben Ode", "14:00", phone="+12025550144")
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get(f"/api/v1/visits/{visit.id}", headers=headers).status_code == 200
    assert client.get(f"/api/v1/visits/{other.id}", headers=headers).status_code == 404
    with world.as_office() as work:
        invitation = invite(work, work.session.get_one(Territory, world.territory.id))
        book = issue(work, KEY, Scope.BOOK, invitation.id, expires_at=work.now + timedelta(hours=1))
    assert client.get(f"/book/{book}").status_code == 200
    for path in (f"/v/{book}", f"/book/{token}", f"/setup/{token}", f"/enrol/{book}"):
        assert client.get(path).status_code == 404
        assert client.post(path).status_code in (404, 405)


@pytest.mark.parametrize("query", ["token={}", "t={}", "v={}"])
def test_a_token_in_the_query_opens_nothing(client: TestClient, token: str, query: str) -> None:
    for path in ("/v", "/v/"):
        assert client.get(f"{path}?{query.format(token)}").status_code == 404
    assert client.get(f"/api/v1/visits/mine?{query.format(token)}").status_code == 401


def test_too_late_is_said_and_taken_back_is_as_good_as_none(
    client: TestClient, world: World, visit: Visit, token: str
) -> None:
    with world.as_office() as work:
        (link,) = work.session.exec(select(Link).where(Link.subject_id == visit.id)).all()
        ends_at = link.expires_at
    world.clock.at = ends_at
    late = client.get(f"/v/{token}")
    assert (late.status_code, "new one" in late.text) == (410, True)
    with world.as_office() as work:
        work.session.get_one(Link, link.id).revoked_at = work.now
    assert client.get(f"/v/{token}").status_code == 404
    assert client.post(f"/v/{token}/cancel", data={"sure": "true"}).status_code == 404


def test_whoever_guesses_from_one_address_waits(client: TestClient, token: str) -> None:
    answers = [client.get(f"/v/guess{number}").status_code for number in range(LIMIT + 10)]
    assert answers == [404] * LIMIT + [429] * 10
    assert client.get(f"/v/{token}").status_code == 429  # even the right one tells a guesser nothing


def test_many_guesses_from_everywhere_are_stopped_and_told(
    client: TestClient, world: World, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    """From a thousand addresses, through two processes; who has a link notices nothing."""
    runtime = client.app.state.runtime  # type: ignore[attr-defined]
    one, two = Flood(runtime), Flood(runtime)
    for _ in range(150):
        one.note()
        two.note()
    with world.look() as work:
        assert not were_links_guessed(work.session, work.now), "three hundred within a minute"
    world.clock.advance(seconds=59)
    for _ in range(9):
        one.note()
    with pytest.raises(RateLimited):
        one.note()
    assert "more than 300 links that do not exist were tried within a minute" in caplog.text
    with world.look() as work:
        assert were_links_guessed(work.session, work.now)
        assert "Somebody tries links that do not exist" in stranger_banners(work)[0].says
        told = {one.name: one.samples[0].value for one in read_rows(work) if len(one.samples) == 1}
        assert told["makegood_links_guessed"] == 1
    client.app.state.flood = one  # type: ignore[attr-defined]
    wrong = client.get("/v/guess")
    assert (wrong.status_code, int(wrong.headers["retry-after"]) <= 60) == (429, True)
    assert client.get(f"/v/{token}").status_code == 200
    world.clock.advance(hours=1)
    with world.look() as work:
        assert stranger_banners(work) == []


def test_of_ten_thousand_guesses_thirty_a_minute_are_looked_up() -> None:
    now = 0.0
    guesses, looked_up = Guesses(lambda: now), 0
    for number in range(10_000):
        now = number * 0.06  # ten minutes in all
        try:
            guesses.require_patience("one address")
        except RateLimited:
            continue
        guesses.note("one address")
        looked_up += 1
    assert looked_up == 10 * LIMIT


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        pytest.param("GET", {}, id="opened"),
        pytest.param("HEAD", {}, id="looked at from outside"),
        pytest.param("OPTIONS", {}, id="asked what it can do"),
        pytest.param("GET", {"Sec-Purpose": "prefetch;prerender"}, id="fetched before it is wanted"),
        pytest.param(
            "GET", {"Purpose": "preview", "User-Agent": "WhatsApp/2.2"}, id="looked at for a preview"
        ),
        pytest.param(
            "GET", {"User-Agent": "Mozilla/5.0 (compatible; an assistant)"}, id="opened by an assistant"
        ),
    ],
)
def test_looking_changes_nothing(
    client: TestClient, engine: Engine, token: str, method: str, headers: dict[str, str]
) -> None:
    before = _facts(engine)
    with asked(engine) as statements:
        for page in PAGES:
            answer = client.request(method, f"/v/{token}{page}", headers=headers)
            assert answer.status_code == 405 if method == "OPTIONS" else answer.status_code in (200, 204, 303)
    assert changes(statements) == []
    assert _facts(engine) == before


def test_two_tabs_cancel_once(client: TestClient, world: World, visit: Visit, token: str) -> None:
    tabs = [client.get(f"/v/{token}/cancel") for _ in range(2)]
    assert {tab.status_code for tab in tabs} == {200}
    pressed = [client.post(f"/v/{token}/cancel", data={"sure": "true"}, headers=SAME_SITE) for _ in tabs]
    assert {(one.status_code, one.headers["location"]) for one in pressed} == {(303, f"/v/{token}/cancel")}
    assert world.fresh(visit).state is VisitState.CANCELLED
    assert _cancelled(world, visit) == 1


def test_the_back_button_after_cancelling_moves_nothing(
    client: TestClient, world: World, visit: Visit, token: str
) -> None:
    client.post(f"/v/{token}/cancel", data={"sure": "true"}, headers=SAME_SITE)
    other = {"start_at": world.at("14:00").isoformat()}
    moved = client.post(f"/v/{token}/change", data=other, headers=SAME_SITE)
    assert moved.status_code == 409
    assert world.fresh(visit).state is VisitState.CANCELLED
    assert "cancelled" in client.get(f"/v/{token}").text


def test_a_calendar_that_asks_each_minute_gets_the_same_event(
    client: TestClient, world: World, engine: Engine, token: str
) -> None:
    before, found = _facts(engine), set()
    for _ in range(60):
        answer = client.get(f"/v/{token}/calendar.ics", headers={"User-Agent": "CalDAV"})
        assert answer.status_code == 200
        found.add(re.sub(r"DTSTAMP:\S+", "", answer.text))
        world.clock.advance(minutes=1)
    assert len(found) == 1
    assert _facts(engine) == before


def _facts(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count(col(LedgerEntry.seq)))).scalar_one()


def _cancelled(world: World, visit: Visit) -> int:
    with world.look() as work:
        query = select(LedgerEntry).where(
            LedgerEntry.visit_id == visit.id, LedgerEntry.kind == "visit_stepped"
        )
        return sum(entry.data["signal"] == "cancel" for entry in work.session.exec(query))
