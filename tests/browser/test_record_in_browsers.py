"""What we texted somebody, read by a clerk on a phone without JavaScript, with the keyboard, and by the customer."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.people import Person, Street, screens

TOM, UMA, ANA = "+12125550111", "+12125550112", "+12125550143"


@pytest.fixture
def broken_day(street: Street) -> Street:
    """Nobody sets out to Ana; she is told, asks something, chooses, and wants no more texts."""
    street.offer("heat", "Heating check")
    for name, phone, at in (("Tom Hale", TOM, 40), ("Uma Lund", UMA, 900)):
        street.hire(name, phone, at)
    street.book("Ana Cole", ANA, "10:00", 300)
    street.until("11:59")
    for at, body in (("12:00", "Is the dog a problem?"), ("12:02", "1"), ("12:03", "STOP")):
        street.until(at)
        street.office.post("/dev/pocket", {"phone": ANA, "body": body})
    street.until("12:30")
    return street


def test_a_clerk_finds_it_on_a_phone_without_scripts_and_takes_it_along(
    broken_day: Street, person: Callable[..., Person], tmp_path: Path
) -> None:
    office = person(390, scripts=False)
    office.open(broken_day.house.viewer_link).press("Open the board")
    office.open("/board/find").follow("Texts of a phone on a day").reads("What did we text")
    office.page.get_by_label("Phone, in any spelling").fill("(212) 555-0143")
    office.press("Show the texts").reads("Texts of Ana Cole, Monday 2 March 2026")
    office.sees("We are sorry, with times to choose from").sees("Is the dog a problem?")
    office.sees("No texts from now on, by text.").sees("The very words that went out")
    assert "0143" not in office.page.url
    with office.page.expect_download() as download:
        office.follow("as a table (CSV)")
    kept = tmp_path / download.value.suggested_filename
    download.value.save_as(kept)
    assert kept.name == "texts-2026-03-02.csv"
    with kept.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert "Is the dog a problem?" in [row["words"] for row in rows]
    office.follow("Day after").reads("Tuesday 3 March 2026").sees(
        "No text to or from this phone on that day."
    )
    office.follow("Monday 2 March 2026").sees("Is the dog a problem?")


def test_it_is_found_with_the_keyboard_alone(broken_day: Street, person: Callable[..., Person]) -> None:
    office = person(1440)
    office.open(broken_day.house.viewer_link).press("Open the board")
    office.open("/office/record")
    office.page.get_by_label("Phone, in any spelling").focus()
    keys = office.page.keyboard
    keys.type("212-555-0143")
    keys.press("Enter")
    office.reads("Texts of Ana Cole")


@pytest.mark.parametrize(("width", "scheme"), screens(390, 1440))
def test_the_record_fits_every_screen_and_reader(
    broken_day: Street, person: Callable[..., Person], width: int, scheme: str
) -> None:
    office, ana = person(width, scheme), person(width, scheme)
    office.open(broken_day.house.viewer_link).press("Open the board").open("/office/record").fits()
    office.page.get_by_label("Phone, in any spelling").fill(ANA)
    office.press("Show the texts").reads("Texts of Ana Cole").fits()
    office.follow("Day after").reads("Tuesday").fits()
    ana.open(broken_day.link(ANA))
    told = ana.page.locator("#texts")
    if told.get_attribute("open") is None:
        told.locator("summary").click()
    ana.sees("We told you that your visit is booked").fits()
