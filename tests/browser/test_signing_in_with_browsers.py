"""The office's first day in a real browser: password, second key, the people, and back in the next morning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser

from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from api.runtime.starting import prepare, set_up
from api.runtime.wiring import build
from tests.browser.people import Person
from tests.races.doors import serving

PASSWORD = "a lantern in the attic"


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    """A house as for work, not a demo."""
    runtime = build(Settings.model_validate({"MAKEGOOD_DATA": tmp_path, "MAKEGOOD_COMPANY": "Alder Repairs"}))
    prepare(runtime)
    return runtime


@pytest.fixture
def address(runtime: Runtime) -> Iterator[str]:
    with serving(runtime) as url:
        yield url


def arrive(browser: Browser, address: str, width: int, scheme: str) -> Person:
    size = {"width": width, "height": 844}
    context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    return Person(context, address)


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1200, "light")])
def test_from_the_link_to_the_board_and_back_in_again(
    browser: Browser, runtime: Runtime, address: str, width: int, scheme: str
) -> None:
    link = set_up(runtime, "North", "Dana Reed", zone="America/New_York", centre=(40.26, -76.88))
    with arrive(browser, address, width, scheme) as dana:
        dana.open(link.removeprefix(runtime.settings.base_url)).reads("Hello Dana Reed").fits()
        dana.page.get_by_label("Your e-mail address").fill("dana@alder.example")
        dana.page.get_by_label("A password").fill(PASSWORD)
        dana.press("Go on").reads("Your phone becomes the second key").fits()
        dana.page.get_by_text("It cannot be read").click()
        app = pyotp.TOTP(dana.page.locator("code.key").inner_text().replace(" ", ""))
        dana.fits()
        dana.page.get_by_label("The six digits").fill(app.now())
        dana.press("This is my second key").reads("Keep these ten codes").fits()
        code = dana.page.locator(".codes code").first.inner_text()
        dana.follow("I have kept them").open("/office/people").reads("The people of the office").fits()
        dana.page.locator("main").get_by_role("link", name="Dana Reed").click()
        dana.reads("Dana Reed").fits()
        dana.open("/office/me").sees("Where you are signed in").fits()
        dana.press("Sign out", exact=True).open("/sign-in").reads("Sign in").fits()
        dana.page.get_by_label("E-mail address").fill("dana@alder.example")
        dana.page.get_by_label("Password").fill(PASSWORD)
        dana.press("Go on").reads("The code from your app").fits()
        dana.page.get_by_label("Six digits").fill(code)
        dana.press("Open the board").sees("9 recovery codes are left")
