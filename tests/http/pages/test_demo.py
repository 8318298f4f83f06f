"""The demo's own pages, with MAKEGOOD_DEV=1 only: the panel, the doors, and the phones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.main import create_app
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from dispatch.clock import SetClock
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from notifications.channels.pocket import Pocket
from tests.builders import PHONE
from tests.http.conftest import BASE, SAME_SITE
from tests.http.pages.reading import Reader
from tests.worlds import World


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"MAKEGOOD_DATA": tmp_path, "MAKEGOOD_DEV": True})


@pytest.fixture
def pocket(engine: Engine, clock: SetClock) -> Pocket:
    return Pocket(engine, clock)


@pytest.fixture
def visit(world: World) -> Visit:
    return world.book("Ana Cole", "08:00")


@pytest.fixture
def demo(runtime: Runtime, pocket: Pocket, visit: Visit) -> Reader:
    app = create_app(replace(runtime, channel=pocket))
    client = TestClient(app, base_url=BASE, follow_redirects=False, headers=SAME_SITE)
    return Reader(client).open("/")


@pytest.mark.parametrize(
    ("button", "there", "h1"),
    [
        ("Open the board", "Open the board", "No promise is broken"),
        ("Open the day", "This is my phone", "Leave at 08:00 for Ana Cole"),
        ("Open the visit", "", "Tom should be with you between 08:00 and 08:15."),
    ],
)
def test_each_door_opens(demo: Reader, button: str, there: str, h1: str) -> None:
    demo.press(button)
    if there:
        demo.press(there)
    assert demo.h1 == h1


def test_the_panel_breaks_a_day(demo: Reader, world: World, visit: Visit) -> None:
    comes = world.who_comes(visit)
    demo.press("Is sick", technician=world.technicians[comes].id)
    assert "Broken so far" in demo.text
    assert (world.fresh(visit).state, world.who_comes(visit)) != (VisitState.BOOKED, comes)
    demo.press("Cut off the texts")
    assert "No texts go out" in demo.text
    demo.press("Bring the texts back")
    assert "No texts go out" not in demo.text


def test_a_phone_is_read_and_answered(demo: Reader, pocket: Pocket) -> None:
    demo.open("/pocket")
    assert "No phone has got a text yet." in demo.text
    pocket.send(PHONE, f"Makegood: <b>see</b> {BASE}/v/x", "m1")
    demo.open("/pocket").follow("Ana Cole")
    assert "<b>see</b>" in demo.text
    assert demo.link("/v/x") == f"{BASE}/v/x"
    demo.press("Send", body="Do I need to move my car?")
    assert "Do I need to move my car?" in demo.text


def test_outside_the_demo_none_of_it_is_there(client: TestClient, runtime: Runtime) -> None:
    plain = replace(runtime, settings=runtime.settings.model_copy(update={"dev": False}))
    outside = Reader(TestClient(create_app(plain), base_url=BASE, follow_redirects=False))
    assert "Break something" not in outside.open("/").text
    assert outside.open("/pocket").status == 404
    assert outside.client.post("/panel/break", data={"kind": "texts_down"}).status_code == 404
