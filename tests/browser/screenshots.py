"""`make screenshots`: every page of the story as a picture, at three widths, light and dark, into screenshots/.

With `--docs` only the few small ones that the README shows, into docs/pictures/. The day is always the same one
(tests/browser/rehearsal.py) and its clock stands still, so a second run gives the same pictures but for the
smoothing of letters.
"""

from __future__ import annotations

import argparse
import base64
import datetime as dt
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from api.simulation.client import Json
from api.simulation.demo import REHEARSED_ON
from tests.browser.chromium import FLAGS, find
from tests.browser.people import Person
from tests.browser.rehearsal import Rehearsal, rehearsal

ROOT = Path(__file__).parents[2]
ALL, FEW = ROOT / "screenshots", ROOT / "docs" / "pictures"
PHONE, DESK, SMALL_DESK = (390, 844), (1440, 900), (1024, 768)
SCHEMES = ("light", "dark")
BREAKS_AT = "09:40"
TOMORROW = REHEARSED_ON + dt.timedelta(days=1)

Arrive = Callable[[], Person]


@dataclass(frozen=True, slots=True)
class Cut:
    """What a small picture shows: a window of this size, from the top of `at` (a selector) on."""

    size: tuple[int, int]
    scheme: str = "light"
    at: str = ""


CHOSEN = {
    "front-page-after-a-break": Cut((1100, 760), at="#broken"),
    "customer-with-offers": Cut(PHONE),
    "technician-on-the-way": Cut(PHONE, "dark"),
    "board-with-a-broken-promise": Cut((1440, 1000)),
    "proposal": Cut((1280, 860)),
    "report": Cut((1280, 860)),
}


class Album:
    """`take` shows a page to a browser in every size and scheme; with `chosen` only those, cut small."""

    def __init__(self, folder: Path, chosen: Mapping[str, Cut] | None) -> None:
        self._folder, self._chosen, self.taken = folder, chosen, 0

    def take(self, person: Person, name: str, path: str = "") -> None:
        where = path or person.page.url
        if self._chosen is None:
            for size in (PHONE, DESK, SMALL_DESK):
                for scheme in SCHEMES:
                    page = _shown(person, where, size, scheme)
                    file = self._folder / f"{name}-{size[0]}-{scheme}.png"
                    page.screenshot(path=file, full_page=True, animations="disabled")
                    self.taken += 1
        elif name in self._chosen:
            cut = self._chosen[name]
            page = _shown(person, where, cut.size, cut.scheme)
            (self._folder / f"{name}.webp").write_bytes(_small(page, cut))
            self.taken += 1


def _shown(person: Person, where: str, size: tuple[int, int], scheme: str) -> Page:
    page = person.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    person.open(where)
    page.wait_for_load_state("load")
    if page.locator("#map").count():
        page.locator("#map .leaflet-tile-pane canvas").wait_for()  # the streets, which come last
    if page.locator("#timeline").count():
        page.locator("#timeline .vis-item").first.wait_for()
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    return page


def _small(page: Page, cut: Cut) -> bytes:
    if cut.at:
        page.locator(cut.at).evaluate("(one) => scrollTo(0, one.getBoundingClientRect().top + scrollY - 16)")
    camera = page.context.new_cdp_session(page)
    told = camera.send("Page.captureScreenshot", {"format": "webp", "quality": 80})
    camera.detach()
    return base64.b64decode(told["data"])


def tell(day: Rehearsal, album: Album, arrive: Arrive) -> None:
    """The story of the README, from half past six until everybody is at home."""
    office, visitor, phone = arrive(), arrive(), arrive()
    office.open(day.house.viewer_link).press("Open the board")
    _before_anything(day, album, office, visitor)
    case = _a_break(day, album, office, visitor)
    helper = _made_good(day, album, office, visitor, case)
    _on_the_way(day, album, office, visitor, phone, case, helper)
    _in_the_evening(day, album, office, visitor, phone, case)


def _before_anything(day: Rehearsal, album: Album, office: Person, visitor: Person) -> None:
    album.take(visitor, "front-page", "/")
    album.take(visitor, "customer-booked", next(iter(day.cast.bookings.values()))["tracking_url"])
    album.take(office, "board-in-the-morning", "/board")
    album.take(office, "book-for-a-caller", "/board/book")
    album.take(office, "invite-by-link", "/board/invite")
    for name in ("", "/services", "/technicians", "/territory", "/policies", "/sending"):
        album.take(office, f"office{name.replace('/', '-')}", f"/office{name}")
    album.take(office, "office-texts", "/office/texts?language=es")
    album.take(office, "office-one-text", "/office/texts/de/recovery_offer")
    album.take(office, "office-one-technician", f"/office/technicians/{day.cast.technicians[0].id}")
    later = next(reversed(day.cast.bookings))
    album.take(office, "emergency", f"/board/visits/{later}/emergency")
    album.take(office, "several-are-out", "/board/trouble")
    day.search_a_better_day(TOMORROW)
    album.take(office, "proposal", f"/board/proposals?day={TOMORROW}")


def _a_break(day: Rehearsal, album: Album, office: Person, visitor: Person) -> Json:
    """One technician falls silent at one click; stop a minute after the customer was told."""
    day.until(BREAKS_AT)
    album.take(office, "board-at-work", "/board")
    visitor.open("/").press("Falls silent")
    day.until_so(day.offered)
    case = day.offered()
    assert case, "nobody was offered anything"
    number = day.cast.bookings[case["visit_id"]]["phone"]
    day.keep_quiet(number)
    album.take(visitor, "front-page-after-a-break", "/")
    album.take(visitor, "all-phones", "/pocket")
    album.take(visitor, "phone-with-offers", f"/pocket?phone=%2B{number[1:]}")
    album.take(visitor, "customer-with-offers", day.link(number))
    album.take(office, "board-with-a-broken-promise", "/board")
    album.take(office, "board-for-the-wall", "/board/wall")
    album.take(office, "one-visit", f"/board/visits/{case['visit_id']}")
    return {"visit_id": case["visit_id"], "phone": number}


def _made_good(day: Rehearsal, album: Album, office: Person, visitor: Person, case: Json) -> str:
    """The customer takes the first that is held; who comes now."""
    day.text(case["phone"], "1")
    day.until_so(lambda: not day.offered())
    album.take(visitor, "customer-settled", day.link(case["phone"]))
    album.take(office, "one-visit-settled", f"/board/visits/{case['visit_id']}")
    album.take(office, "record-of-texts", f"/office/record/{case['visit_id']}")
    day.until_so(lambda: day.state(case["visit_id"]) == "en_route")
    return day.who_comes(case["visit_id"])


def _on_the_way(
    day: Rehearsal,
    album: Album,
    office: Person,
    visitor: Person,
    phone: Person,
    case: Json,
    helper: str,
) -> None:
    phone.open(day.enrolment(helper)).press("This is my phone")
    album.take(visitor, "customer-with-the-map", day.link(case["phone"]))
    album.take(phone, "technician-on-the-way", "/day")
    album.take(office, "board-while-it-is-made-good", "/board")
    day.until_so(lambda: day.state(case["visit_id"]) == "on_site")
    album.take(phone, "technician-at-the-door", "/day")
    album.take(phone, "technician-nobody-home", f"/day/visits/{case['visit_id']}/nobody-home")
    album.take(phone, "technician-cannot-finish", f"/day/visits/{case['visit_id']}/cannot-finish")
    album.take(phone, "technician-is-absent", "/day/absence")


def _in_the_evening(
    day: Rehearsal, album: Album, office: Person, visitor: Person, phone: Person, case: Json
) -> None:
    day.until_so(lambda: False)
    visitor.open(day.link(case["phone"])).press("5 of 5")
    album.take(visitor, "customer-rated")
    album.take(visitor, "front-page-in-the-evening", "/")
    album.take(phone, "technician-in-the-evening", "/day")
    album.take(office, "board-in-the-evening", "/board")
    album.take(office, "report", "/reports")
    for name in ("where", "punctuality", "mending", "regulator", "technicians"):
        album.take(office, f"report-{name}", f"/reports/{name}")


@contextmanager
def browsers(home: str, scale: float) -> Iterator[Arrive]:
    """Somebody with a browser of their own, as often as it is called."""
    path = find()
    if path is None:
        sys.exit("No Chromium on this machine: `make browser` says how to get one.")
    with sync_playwright() as player, ExitStack() as until_the_end:
        browser: Browser = player.chromium.launch(executable_path=path, args=FLAGS.split())
        until_the_end.callback(browser.close)

        def arrive() -> Person:
            context = browser.new_context(device_scale_factor=scale)
            context.set_default_timeout(20_000)
            until_the_end.callback(context.close)
            return until_the_end.enter_context(Person(context, home))

        yield arrive


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("--docs", action="store_true", help="the few small ones of the README")
    is_docs = parser.parse_args().docs
    folder = FEW if is_docs else ALL
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    album = Album(folder, CHOSEN if is_docs else None)
    with rehearsal() as day, browsers(day.house.url, 1.5 if is_docs else 1) as arrive:
        tell(day, album, arrive)
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{album.taken} pictures in {folder.relative_to(ROOT)}, {size // 1000} kB")  # noqa: T201


if __name__ == "__main__":
    main()
