"""Somebody of the office with a browser and an authenticator app on the phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pyotp
from fastapi.testclient import TestClient

from tests.http.conftest import BASE, SAME_SITE
from tests.http.pages.reading import Reader

PASSWORD = "a lantern in the attic"


def a_browser(app: object) -> Reader:
    """One that was never here."""
    client = TestClient(
        app, base_url=BASE, raise_server_exceptions=False, follow_redirects=False, headers=SAME_SITE
    )
    return Reader(client)


class Person:
    """What they know, what they have, and the browser that they sit at."""

    def __init__(self, browser: Reader, now: Callable[[], datetime], email: str) -> None:
        self.browser, self.now, self.email = browser, now, email
        self.password = PASSWORD
        self.app: pyotp.TOTP | None = None
        self.codes: list[str] = []

    def use_link(self, link: str) -> Reader:
        """Choose a password, scan the square (here: read the key below it), keep the recovery codes."""
        self.browser.open(link.removeprefix(BASE)).press("Go on", email=self.email, password=self.password)
        return self.scan().confirm()

    def scan(self) -> Person:
        (key,) = [
            node.text for node in self.browser.page.every("code") if node.attributes.get("class") == "key"
        ]
        self.app = pyotp.TOTP(key.replace(" ", ""))
        return self

    def confirm(self) -> Reader:
        self.browser.press("This is my second key", code=self.code)
        self.codes = [node.text for node in self.browser.page.every("code")]
        return self.browser

    @property
    def code(self) -> str:
        assert self.app, "no secret was read yet"
        return self.app.at(self.now())

    def sign_in(self, browser: Reader | None = None) -> Reader:
        """Password, then code; a moment's wait makes it a code that was not used."""
        return self.give_password(browser).press("Open the board", code=self.code)

    def give_password(self, browser: Reader | None = None) -> Reader:
        self.browser = browser or self.browser
        return self.browser.open("/sign-in").press("Go on", email=self.email, password=self.password)
