"""The customer's page needs no JavaScript: cancelled in two steps, taken back within ten minutes."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.people import Person, Street

ANA = "+12125550143"


def test_a_visit_is_cancelled_and_taken_back(street: Street, person: Callable[..., Person]) -> None:
    street.offer("heat", "Heating check")
    street.hire("Tom Hale", "+12125550111", 40)
    street.book("Ana Cole", ANA, "10:00", 300)
    street.until("06:45")
    ana = person(390, scripts=False)
    ana.open(street.link(ANA)).follow("I do not need this visit").reads("Cancel Mon 2 Mar, 10:00")
    ana.page.get_by_label("Yes, the visit is not needed any more").check()
    ana.press("Cancel the visit").reads("The visit is cancelled.")
    ana.press("Take the cancellation back").reads("Tom should be with you")


def test_opening_a_page_changes_nothing(street: Street, person: Callable[..., Person]) -> None:
    """A preview robot opens every link that it finds."""
    street.offer("heat", "Heating check")
    street.hire("Tom Hale", "+12125550111", 40)
    street.book("Ana Cole", ANA, "10:00", 300)
    street.until("06:45")
    before = street.office.get("/api/v1/events", limit=1000)["next"]
    robot = person(390)
    robot.open(street.link(ANA)).sees("Booked")
    links = robot.page.locator("main a").evaluate_all("(all) => all.map((one) => one.href)")
    for link in links:
        if link.startswith(robot.home) and not link.endswith(".ics"):
            robot.open(link)
    assert street.office.get("/api/v1/events", limit=1000)["next"] == before
