"""A technician's phone in a browser: it says that it is located, tells where it is, and stops when it is told to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from dispatch.technicians.tables import Position, Technician
from tests.browser.people import Person, Street

TOM, ANA = "+12125550111", "+12125550143"
PICTURES = os.environ.get("MAKEGOOD_TEST_PICTURES")


@pytest.fixture
def unasked(street: Street, person: Callable[..., Person]) -> Person:
    """His phone at half past eight, on shift; nobody has allowed the browser to ask for the place."""
    street.offer("heat", "Heating check")
    tom = street.hire("Tom Hale", TOM, 40)
    street.book("Ana Cole", ANA, "10:00", 300)
    street.until("08:30")
    phone = person(390)
    phone.open(street.enrolment(tom))
    phone.page.get_by_role("button").first.click()
    return phone.sees("You did not allow it on this phone")


@pytest.fixture
def toms(unasked: Person) -> Person:
    """His phone where the browser may ask for the place."""
    unasked.context.grant_permissions(["geolocation"])
    unasked.context.set_geolocation({"latitude": 41.15, "longitude": -77.95, "accuracy": 12})
    return unasked


def positions(street: Street) -> list[int]:
    with street.house.runtime.read() as work:
        return [one.accuracy_metres for one in work.session.exec(select(Position))]


def picture(phone: Person, name: str) -> None:
    if PICTURES:
        phone.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_it_tells_where_it_is_until_it_is_told_to_pause(street: Street, toms: Person) -> None:
    with toms.page.expect_response("**/api/v1/day/events") as answer:
        toms.open("/day")
    assert answer.value.status == 200
    toms.sees("You are located while this page is open")
    picture(toms, "day-located")
    assert set(positions(street)) == {12}
    toms.page.get_by_label("Reason, if you like").fill("Lunch")
    toms.press("Pause", exact=True)
    toms.sees("You are not located.")
    picture(toms, "day-paused")
    before = positions(street)
    toms.context.set_geolocation({"latitude": 41.151, "longitude": -77.95, "accuracy": 7})
    assert positions(street) == before
    with toms.page.expect_response("**/api/v1/day/events"):
        toms.press("Go on")
    with street.house.runtime.read() as work:
        [tom] = work.session.exec(select(Technician)).all()
        assert (tom.positions_dropped, tom.pause_reason) == (0, "")


def test_a_phone_that_may_not_be_asked_says_that_nothing_is_sent(street: Street, unasked: Person) -> None:
    unasked.open("/day")
    expect(unasked.page.locator("[data-located-says]")).to_have_text(
        "You did not allow it on this phone: nothing is sent."
    )
    assert positions(street) == []


def test_a_place_without_a_road_is_kept_and_nothing_is_planned_from_it(street: Street, toms: Person) -> None:
    toms.context.set_geolocation({"latitude": 40.26, "longitude": -76.88, "accuracy": 12})
    with toms.page.expect_response("**/api/v1/day/events"):
        toms.open("/day")
    toms.open("/day").sees("Ana Cole")
    with street.house.runtime.read() as work:
        assert all(one.is_suspicious for one in work.session.exec(select(Position)) if one.lat == 40.26)
