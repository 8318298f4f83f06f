"""One promise that breaks and is made good the same day, seen by its three people in real browsers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from api.simulation.town import build_town
from tests.browser.people import Person, Street, screens

TOM, UMA, ANA = "+12125550111", "+12125550112", "+12125550143"
CUT_MS = 30_000


def book_for_ana(board: Person, street: Street) -> None:
    """By the office for a caller, with the words of consent read out."""
    door = build_town(1).houses()[300]
    board.follow("Book for a caller").reads("What does the caller need")
    board.page.get_by_label("Heating check").check()
    board.page.get_by_label("Address: house number").fill(door.line)
    board.page.get_by_label("First (latitude)").fill(str(door.lat))
    board.page.get_by_label("Second (longitude)").fill(str(door.lng))
    board.fits().press("Show me the times")
    board.page.get_by_label(re.compile("10:00–12:00")).first.check()
    board.fits().press(re.compile("Keep|Take|time"))
    board.page.get_by_label("The caller's name").fill("Ana Cole")
    board.page.get_by_label("Mobile phone").fill(ANA)
    board.page.get_by_label("The caller said yes").check()
    board.fits().press("Book this visit")
    street.until("06:45")


@pytest.mark.parametrize(("width", "scheme"), screens(390, 1440))
def test_a_promise_breaks_and_the_same_day_makes_it_good(
    street: Street, person: Callable[..., Person], width: int, scheme: str
) -> None:
    street.offer("heat", "Heating check")
    hired = {
        name: street.hire(name, phone, at)
        for name, phone, at in (("Tom Hale", TOM, 40), ("Uma Lund", UMA, 900))
    }
    board, ana = person(width, scheme), person(width, scheme)

    # Booked, and the link is on the phone.
    board.open(street.house.viewer_link).press("Open the board").reads("No promise is broken").fits()
    book_for_ana(board, street)
    ana.open(street.link(ANA)).sees("Booked").fits()
    board.open("/board").reads("No promise is broken")

    # The technician falls silent: prompted, at risk, failed, and told, while nobody reloads a page.
    comes = re.search(r"(Tom|Uma) comes", "\n".join(street.texts(ANA)))
    assert comes
    other = "Uma Lund" if comes[1] == "Tom" else "Tom Hale"
    street.until("11:59")
    ana.reads("We cannot keep the time we promised you.").sees(f"{other.split()[0]}")
    board.reads("1 broken promise to make good").sees("Ana Cole").fits()
    ana.fits()

    # The line is cut in the middle of it: the page says so, and catches up by itself.
    ana.cut("**/live*").sees("No connection")
    if (width, scheme) == (390, "light"):
        ana.page.wait_for_timeout(CUT_MS)
    street.office.post("/dev/pocket", {"phone": ANA, "body": "1"})
    street.until("12:01")
    ana.sees("We cannot keep the time we promised you.").mend()
    ana.reads(f"{other.split()[0]} should be with you")
    assert ana.page.get_by_text("No connection").count() == 0
    ana.sees("credit of").sees("We broke our first promise. This is the new one.")

    # The other technician's phone leads through the visit; the map is there while it means something.
    phone = person(390, scheme)
    phone.open(street.enrolment(hired[other])).press("This is my phone").sees("Ana Cole").fits()
    assert ana.page.locator("#map").count() == 0
    phone.press("I am leaving now").reads("On the way to Ana Cole")
    ana.reads("on the way")
    ana.page.locator("#map canvas").first.wait_for()
    ana.fits()
    phone.press("I am at the door").reads("At Ana Cole").fits()
    ana.reads("is with you")
    ana.page.locator("#map").wait_for(state="detached")
    phone.press("The work is done").reads("All done for today")

    # Done, rated, and in the report.
    ana.reads("The work is done.").press("5 of 5").sees("You told us how it went: 5 of 5.").fits()
    board.reads("No promise is broken").fits()
    board.follow("Reports").reads("1 of 1 broken promises made good the same day").fits()
