"""Every state of a customer's pages on three widths, with and without scripts: it fits, reads aloud, and is light."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from api.pages.speaking import COOKIE
from tests.browser.customer_states import Monday
from tests.browser.people import TOO_WIDE, Person, Street

REFUSED = ("book-too-far", "no-such-link")
WIDTHS = (360, 768)
FIRST_SCREENFUL = 844
MOST_BYTES = 60_000


def test_every_state_fits_and_reads_well(street: Street, person: Callable[..., Person]) -> None:
    """Nothing that an axe finds is too small to be mended. What helps comes before what is good to know."""
    phone, plain = person(390), person(360, scripts=False)
    phone.context.add_cookies([{"name": COOKIE, "value": "de", "url": street.house.url}])  # the longest words
    plain.context.add_cookies([{"name": COOKIE, "value": "de", "url": street.house.url}])
    seen = 0
    for name, path in Monday(street).states():
        heading = phone.open(path).fits(every=True).page.locator("h1")
        top = heading.evaluate("(one) => one.getBoundingClientRect().bottom")
        assert top < FIRST_SCREENFUL / 2, name
        for width in WIDTHS:
            phone.page.set_viewport_size({"width": width, "height": FIRST_SCREENFUL})
            assert phone.page.evaluate(TOO_WIDE) == [], (name, width)
        phone.page.set_viewport_size({"width": 390, "height": FIRST_SCREENFUL})
        assert plain.open(path).page.locator("h1").inner_text() == heading.inner_text(), name
        seen += 1
    assert seen > 25
    for reader in (phone, plain):
        reader.complaints[:] = [one for one in reader.complaints if not one.startswith(("404", "409"))]
        reader.complaints[:] = [one for one in reader.complaints if "status of 40" not in one]


def test_the_first_load_is_light_and_the_map_comes_when_somebody_is_on_the_way(
    street: Street, person: Callable[..., Person]
) -> None:
    ana = person(390)
    loaded = bytes_of(ana.page)
    on_the_way = next(path for name, path in Monday(street).states() if name == "booked")
    ana.open(on_the_way).page.wait_for_load_state("load")
    total = sum(loaded.values())
    print(f"the customer's first load: {total} bytes over the wire, {len(loaded)} requests")  # noqa: T201
    assert total < MOST_BYTES, loaded
    assert not [url for url in loaded if "leaflet" in url]


def bytes_of(page: Page) -> dict[str, int]:
    """What comes over the wire from now on, by address."""
    camera, urls, loaded = page.context.new_cdp_session(page), dict[str, str](), dict[str, int]()

    def note(event: dict[str, object]) -> None:
        urls[str(event["requestId"])] = str(event["response"]["url"])  # type: ignore[index]

    def weigh(event: dict[str, object]) -> None:
        url = urls.get(str(event["requestId"]), "?")
        loaded[url] = loaded.get(url, 0) + int(str(event["encodedDataLength"]).partition(".")[0])

    camera.send("Network.enable")
    camera.on("Network.responseReceived", note)
    camera.on("Network.loadingFinished", weigh)
    return loaded
