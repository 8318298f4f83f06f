"""Time moved by hand, and phones that can be read and answered: in the dev mode only."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from api.main import create_app
from api.runtime.embedded import Embedded
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from api.runtime.starting import prepare
from dispatch.callbacks.actions import promise_callback
from dispatch.callbacks.tables import Callback
from dispatch.chance import Chance
from dispatch.clock import StoredClock
from dispatch.ledger import LedgerEntry
from dispatch.travel.straight import StraightLine
from dispatch.work import SYSTEM, Workshop
from notifications.channels.pocket import Pocket
from notifications.reactions import Reactions
from notifications.render import Writer
from optimizer import repair
from tests import builders
from tests.http.conftest import BASE, KEY

SEVEN = "2026-03-02T07:00:00Z"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    given = {"MAKEGOOD_DATA": tmp_path, "MAKEGOOD_DEV": True, "MAKEGOOD_CLOCK": "2026-03-02T07:00+00:00*0"}
    return Settings.model_validate(given)


@pytest.fixture
def runtime(engine: Engine, settings: Settings) -> Runtime:
    clock, writer = StoredClock(), Writer(KEY, BASE, "Makegood")
    workshop = Workshop(
        engine, clock, Chance(Random(7)), StraightLine(), reactions=(Reactions(KEY, BASE, "Makegood"),)
    )
    runtime = Runtime(
        settings,
        workshop,
        Pocket(engine, clock),
        KEY,
        writer=writer,
        solver=lambda day, seconds, start: repair(day),
    )
    prepare(runtime)
    return runtime


def test_the_clock_stands_where_it_was_started(client: TestClient, runtime: Runtime) -> None:
    assert client.get("/dev/clock").json() == {"now": SEVEN, "rate": 0.0, "wanted": None, "step_to": None}
    prepare(runtime)  # a restart goes on, it does not begin again
    moved = client.post("/dev/clock", json={"advance_seconds": 600})
    assert moved.json() == {"now": "2026-03-02T07:10:00Z", "rate": 0.0, "wanted": None, "step_to": None}
    prepare(runtime)
    assert client.get("/dev/clock").json()["now"] == "2026-03-02T07:10:00Z"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"to": "2026-03-02T06:59:59Z"}, "clock_backwards"),
        ({"to": "2036-03-02T06:59:59Z"}, "clock_too_far"),
        ({"to": "2026-03-02T08:00"}, "zone_missing"),
        ({"to": "2027-02-29T08:00Z"}, "time_invalid"),
        ({"to": "2027-W01-1T08:00Z"}, "time_invalid"),
        ({"to": "2026-03-02T24:00Z"}, "time_invalid"),
        ({"to": "9999-12-31T23:59-12:00"}, "time_invalid"),
        ({"to": 0}, "time_invalid"),
        ({"to": "0"}, "time_invalid"),
        ({"advance_seconds": -1}, "greater_than_equal"),
        ({"advance_seconds": 1, "to": "2026-03-02T08:00Z"}, "clock_ambiguous"),
        ({}, "clock_ambiguous"),
        ({"advance_seconds": 1, "rate": -1}, "greater_than_equal"),
    ],
)
def test_what_time_cannot_do(client: TestClient, body: dict[str, object], code: str) -> None:
    refused = client.post("/dev/clock", json=body)
    assert refused.status_code == 422
    assert [error["code"] for error in refused.json()["errors"]] == [code]
    assert client.get("/dev/clock").json()["now"] == SEVEN


def test_nothing_due_on_the_way_is_skipped(client: TestClient, runtime: Runtime) -> None:
    """Nobody rings back: the callback, due after 20 minutes, climbs the ladder at its minute, not at noon."""
    with runtime.work(SYSTEM, "test") as w:
        territory = builders.a_territory(w)
        builders.a_dispatcher(w, territory)
        boss = builders.a_dispatcher(w, territory, name="Bo Lind", ladder=2)
        promise_callback(w, territory_id=territory.id, about="inbox", phone=builders.PHONE)
    moved = client.post("/dev/clock", json={"to": "2026-03-02T12:00:00Z"})
    assert moved.json()["now"] == "2026-03-02T12:00:00Z"
    with runtime.read() as w:
        assert w.session.exec(select(Callback)).one().dispatcher_id == boss.id
        climbed = w.session.exec(
            select(LedgerEntry).where(LedgerEntry.kind == "callback_handed_over")
        ).first()
        assert climbed is not None
        assert climbed.at == datetime(2026, 3, 2, 7, 20, tzinfo=UTC)


def test_a_phone_can_be_read_and_answered(client: TestClient, runtime: Runtime) -> None:
    with runtime.work(SYSTEM, "test") as w:
        builders.a_dispatcher(w, builders.a_territory(w))
    phone = {"phone": builders.PHONE}
    assert client.get("/dev/pocket", params=phone).json() == {"messages": []}
    written = client.post("/dev/pocket", json={**phone, "body": "HELP"})
    assert [(text["direction"], text["body"]) for text in written.json()["messages"]] == [("in", "HELP")]
    client.post("/dev/clock", json={"advance_seconds": 60})
    texts = client.get("/dev/pocket", params=phone).json()["messages"]
    assert [text["direction"] for text in texts] == ["in", "out"]
    assert "Makegood" in texts[1]["body"]
    assert texts[1]["status"] == "delivered"


def test_the_embedded_jobs_send_by_themselves(client: TestClient, runtime: Runtime) -> None:
    with runtime.work(SYSTEM, "test") as w:
        builders.a_dispatcher(w, builders.a_territory(w))
    client.post("/dev/pocket", json={"phone": builders.PHONE, "body": "HELP"})
    assert Embedded(runtime).drain() >= 1
    assert Embedded(runtime).drain() == 0
    assert len(client.get("/dev/pocket", params={"phone": builders.PHONE}).json()["messages"]) == 2


def test_without_the_dev_mode_there_is_no_such_door(runtime: Runtime) -> None:
    plain = replace(runtime, settings=runtime.settings.model_copy(update={"dev": False, "clock": ""}))
    outside = TestClient(create_app(plain), base_url=BASE)
    for path in ("/dev/clock", "/dev/pocket?phone=%2B12025550143", "/dev/break"):
        assert outside.get(path).status_code == 404
        assert outside.post(path, json={}).status_code == 404


def test_a_running_clock_goes_on_at_its_rate(client: TestClient) -> None:
    moved = client.post("/dev/clock", json={"advance_seconds": 0, "rate": 60})
    assert moved.json()["rate"] == 60.0
    now = datetime.fromisoformat(client.get("/dev/clock").json()["now"])
    assert timedelta(0) <= now - datetime(2026, 3, 2, 7, tzinfo=UTC) < timedelta(hours=1)


def test_a_running_clock_is_paused_stepped_and_resumed(client: TestClient) -> None:
    """At 60 times a millisecond is a sixteenth of a second: a step is counted from where the clock really stands."""

    def press(**form: str) -> tuple[datetime, float]:
        assert client.post("/panel/clock", data=form).status_code == 303
        shown = client.get("/dev/clock").json()
        return datetime.fromisoformat(shown["now"]), shown["rate"]

    seven = datetime(2026, 3, 2, 7, tzinfo=UTC)
    started, rate = press(rate="60")
    assert (rate, started >= seven) == (60.0, True)
    stepped, rate = press(minutes="10")
    assert (rate, stepped >= started + timedelta(minutes=10)) == (60.0, True)
    paused, rate = press(rate="0")
    assert (rate, paused >= stepped) == (0.0, True)
    assert press(minutes="1") == (paused + timedelta(minutes=1), 0.0)
    page = client.get("/").text
    assert "the clock stands still" in page
    assert '<button type="submit" name="rate" value="60.0" class="main">' in page  # resume goes back to 60
    again, rate = press(rate="300")
    assert (rate, again >= paused) == (300.0, True)


def test_a_refused_move_leaves_the_clock_running(client: TestClient) -> None:
    client.post("/dev/clock", json={"advance_seconds": 0, "rate": 60})
    assert client.post("/dev/clock", json={"to": "2026-03-02T06:00:00Z"}).status_code == 422
    assert client.get("/dev/clock").json()["rate"] == 60.0


@pytest.mark.parametrize("form", [{"rate": "-1"}, {"minutes": "0"}, {"rate": "nan"}, {"hours": "1"}])
def test_a_form_that_no_page_sends_is_refused(client: TestClient, form: dict[str, str]) -> None:
    assert client.post("/panel/clock", data=form).status_code == 422
    assert client.get("/dev/clock").json()["now"] == SEVEN


def test_where_people_live_a_step_is_asked_of_them(client: TestClient) -> None:
    """The clock is not pushed over their heads: it stays, and says until when they are to live on."""
    client.app.state.pace.is_lived = True
    client.post("/panel/clock", data={"minutes": "60"})
    assert client.get("/dev/clock").json() == {
        "now": SEVEN,
        "rate": 0.0,
        "wanted": None,
        "step_to": "2026-03-02T08:00:00Z",
    }
    assert "on its way to 08:00" in client.get("/").text
    client.post("/panel/clock", data={"minutes": "10"})
    assert client.get("/dev/clock").json()["step_to"] == "2026-03-02T08:10:00Z"
    client.post("/panel/clock", data={"rate": "0"})
    assert client.get("/dev/clock").json()["step_to"] is None  # a pause gives it up
