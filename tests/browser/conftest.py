"""A house on this machine with a clock that the test moves, and people in front of it with real browsers."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from api.live import Feed
from api.simulation.client import Caller
from api.simulation.house import House, Plot
from tests.browser.chromium import FLAGS, find
from tests.browser.people import Person, Street

MONDAY = dt.date(2026, 3, 2)
NO_BROWSER = "no Chromium on this machine: `make browser` says how to get one"
STREAMS_LIVE_SECONDS = 2.0  # so that a line that is cut is noticed soon


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """So that whoever has no browser can leave them out."""
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file: while it is open its event loop runs, and nobody else's can in this thread."""
    path = find()
    if path is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(NO_BROWSER)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=path, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    plot = Plot(data=tmp_path / "data", day=MONDAY, port=0, roads=None, seed=1, by_hand=True)
    with House(plot) as house:
        house.app.state.feed = Feed(house.runtime, life_seconds=STREAMS_LIVE_SECONDS)
        yield house


@pytest.fixture
def street(house: House) -> Iterator[Street]:
    with Caller(house.url, "clock") as caller:
        caller.walk_in(house.office_link)
        yield Street(house, caller, MONDAY)


@pytest.fixture
def person(browser: Browser, house: House) -> Iterator[Callable[..., Person]]:
    """`person(390, "light")`: somebody with a browser of their own. What it complained about fails the test."""
    with ExitStack() as until_the_end:

        def arrive(width: int = 390, scheme: str = "light", *, scripts: bool = True) -> Person:
            size = {"width": width, "height": 844 if width < 1000 else 900}
            context = browser.new_context(viewport=size, color_scheme=scheme, java_script_enabled=scripts)  # type: ignore[arg-type]
            context.set_default_timeout(20_000)
            until_the_end.callback(context.close)
            return until_the_end.enter_context(Person(context, house.url))

        yield arrive
