"""`make states`: every state of a customer's pages as a picture, in two languages, into screenshots/customer/."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from pathlib import Path

from api.pages.speaking import COOKIE
from api.simulation.client import Caller
from api.simulation.house import House, Plot
from tests.browser.customer_states import Monday
from tests.browser.people import Street
from tests.browser.screenshots import ALL, browsers

FOLDER = ALL / "customer"
LANGUAGES = ("en", "de")
SIZE = {"width": 390, "height": 844}
DAY = dt.date(2026, 3, 2)


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="makegood-states-") as data:
        plot = Plot(data=Path(data), day=DAY, port=0, roads=None, seed=1, by_hand=True)
        with House(plot) as house, Caller(house.url, "clock") as caller, browsers(house.url, 1) as arrive:
            caller.walk_in(house.office_link)
            readers = {language: arrive() for language in LANGUAGES}
            for language, reader in readers.items():
                reader.page.set_viewport_size(SIZE)  # type: ignore[arg-type]
                reader.context.add_cookies([{"name": COOKIE, "value": language, "url": house.url}])
            for number, (name, path) in enumerate(Monday(Street(house, caller, DAY)).states(), start=1):
                for language, reader in readers.items():
                    page = reader.open(path).page
                    page.wait_for_load_state("load")
                    for suffix, is_whole in (("first", False), ("whole", True)):
                        file = FOLDER / f"{number:02}-{name}-{language}-{suffix}.png"
                        page.screenshot(path=file, full_page=is_whole, animations="disabled")
            for reader in readers.values():
                reader.complaints.clear()  # pages that refuse are among the states
    print(f"{len(list(FOLDER.iterdir()))} pictures in {FOLDER.relative_to(ALL.parent)}")  # noqa: T201


if __name__ == "__main__":
    main()
