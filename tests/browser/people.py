"""Somebody with a browser, and the street with its clock and its phones."""

from __future__ import annotations

import datetime as dt
import os
import re
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from api.simulation.client import Caller, Json
from api.simulation.house import House
from api.simulation.town import build_town

expect.set_options(timeout=20_000)

LINK = re.compile(r"https?://\S+")
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll("*")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => one.outerHTML.slice(0, 120)).slice(0, 8)"""
SERIOUS = ("serious", "critical")
# what a browser says when a test cuts the line, or puts the clock on while it waits for an answer
CUT = ("net::ERR_FAILED", "net::ERR_INTERNET_DISCONNECTED", "htmx:error: timeout", "Failed to fetch")


def screens(*widths: int) -> list[tuple[int, str]]:
    """Each width in light or dark, in turn; in a storm each in both."""
    schemes = ("light", "dark")
    whole = os.environ.get("MAKEGOOD_STORM") == "1"
    return [
        (width, scheme)
        for place, width in enumerate(widths)
        for scheme in (schemes if whole else schemes[place % 2 :][:1])
    ]


class Person:
    """One browser window. Leaving it, nothing may have been complained about and no other host been asked."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.context, self.home = context, home
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("response", self._judge)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("request", self._watch)
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(words in message.text for words in CUT):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _judge(self, answer: Any) -> None:
        if answer.status >= 400:
            self.complaints.append(f"{answer.status} {answer.url}")

    def _watch(self, request: Any) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.complaints.append(f"asked another host: {request.url}")

    def __enter__(self) -> Person:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            assert not self.complaints, self.complaints

    def open(self, path: str) -> Person:
        self.page.goto(path if path.startswith("http") else self.home + path)
        return self

    def press(self, name: str | re.Pattern[str], *, exact: bool = False) -> Person:
        self.page.get_by_role("button", name=name, exact=exact).first.click()
        return self

    def follow(self, name: str | re.Pattern[str]) -> Person:
        self.page.get_by_role("link", name=name).first.click()
        return self

    def fill(self, **fields: str) -> Person:
        for label, text in fields.items():
            self.page.get_by_label(label.replace("_", " ")).first.fill(text)
        return self

    def reads(self, words: str | re.Pattern[str]) -> Person:
        """The largest sentence of the page is, or becomes without a reload, these words."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(words)
        return self

    def sees(self, words: str | re.Pattern[str]) -> Person:
        expect(self.page.get_by_text(words).first).to_be_visible()
        return self

    def cut(self, paths: str) -> Person:
        """From now on nothing under `paths` gets through; a stream that runs ends with its short life."""
        self.context.route(paths, lambda route: route.abort())
        return self

    def mend(self) -> Person:
        self.context.unroute_all()
        return self

    def fits(self, *, every: bool = False) -> Person:
        """Nothing has to be scrolled sideways, and no machine that reads pages aloud stumbles, or has `every` little
        complaint."""
        self.page.wait_for_load_state("load")
        wide = self.page.evaluate(TOO_WIDE)
        assert not wide, f"{self.page.url} must be scrolled sideways: {wide}"
        found = [
            one for one in Axe().run(self.page).response["violations"] if every or one["impact"] in SERIOUS
        ]
        told = [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found]
        assert not told, f"{self.page.url}: {told}"
        return self


@dataclass
class Street:
    """The invented town with its clock, its phones and its office's API."""

    house: House
    office: Caller
    day: dt.date

    def until(self, text: str) -> None:
        """Let the clock go on to that local time, through everything that falls due on the way."""
        at = dt.datetime.combine(self.day, dt.time.fromisoformat(text))
        self.office.post("/dev/clock", {"to": f"{at.isoformat()}-05:00"})

    def texts(self, phone: str) -> list[str]:
        found = self.office.get("/dev/pocket", phone=phone)["messages"]
        return [one["body"] for one in found if one["direction"] == "out"]

    def link(self, phone: str) -> str:
        """The newest link that was texted to a phone."""
        return next(found[0] for body in reversed(self.texts(phone)) if (found := LINK.findall(body)))

    def offer(self, code: str, name: str, **more: object) -> None:
        body = {"code": code, "name": name, "duration_seconds": 1800, "spread_seconds": 300, **more}
        self.office.post("/api/v1/services", body)

    def hire(self, name: str, phone: str, house: int, **more: object) -> Json:
        home = build_town(1).houses()[house]
        shift = {"weekdays": [0], "start_at": "08:00", "end_at": "18:00", "overtime_until_at": "20:00"}
        body = {
            "name": name,
            "phone": phone,
            "home": {"lat": home.lat, "lng": home.lng},
            "shift": shift,
            **more,
        }
        return self.office.post("/api/v1/technicians", body)

    def enrolment(self, technician: Json) -> str:
        """A link that makes one phone this technician's: once, within ten minutes."""
        return str(self.office.post(f"/api/v1/technicians/{technician['id']}/enrolment")["url"])

    def book(self, name: str, phone: str, window: str, house: int) -> Json:
        """A visit of the day in the window that begins at that local time."""
        door = build_town(1).houses()[house]
        place = {"lat": door.lat, "lng": door.lng}
        start_at = f"{self.day.isoformat()}T{window}:00-05:00"
        hold = self.office.post("/api/v1/holds", {"service": "heat", "place": place, "start_at": start_at})
        body = {"hold_id": hold["id"], "name": name, "phone": phone, "address": door.line, "consent": True}
        return self.office.post("/api/v1/visits", body)
