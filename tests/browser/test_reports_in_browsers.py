"""The reports of a day on which promises broke, on every screen: nothing sticks out, no reader stumbles."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.people import Person, Street

TOM, UMA, ANA, BEN = "+12125550111", "+12125550112", "+12125550143", "+12125550144"
PAGES = {  # with what its largest sentence says
    "/reports": "broken promises made good the same day",
    "/reports/where": "promises that came due broke",
    "/reports/technicians": "What stood in the way",
    "/reports/punctuality": "arrival ranges held",
    "/reports/mending": "would have saved",
    "/reports/regulator": "appointments kept",
}


@pytest.fixture
def broken_day(street: Street) -> Street:
    """Nobody sets out to Ana nor to Ben; Ana keeps the time that she is offered."""
    street.offer("heat", "Heating check")
    for name, phone, at in (("Tom Hale", TOM, 40), ("Uma Lund", UMA, 900)):
        street.hire(name, phone, at)
    street.book("Ana Cole", ANA, "10:00", 300)
    street.book("Ben Ode", BEN, "08:00", 700)
    street.until("12:01")
    street.office.post("/dev/pocket", {"phone": ANA, "body": "1"})
    street.until("12:30")
    return street


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_the_reports_fit_every_screen_and_reader(
    broken_day: Street, person: Callable[..., Person], width: int, scheme: str
) -> None:
    manager = person(width, scheme)
    manager.open(broken_day.house.viewer_link).press("Open the board")
    for path, words in PAGES.items():
        manager.open(path).reads(words)
        for one in manager.page.locator("details > summary").all():
            one.click()
        manager.fits(every=True)
        manager.follow("Last 7 days").reads(words)


@pytest.mark.parametrize("width", [390, 1440])
def test_days_without_anything_fit_too(street: Street, person: Callable[..., Person], width: int) -> None:
    manager = person(width)
    manager.open(street.house.viewer_link).press("Open the board")
    for path in PAGES:
        manager.open(path).sees("Choose other days above").fits(every=True)
