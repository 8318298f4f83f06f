"""Sooner, if something comes free: on the customer's page, at booking, and at the office's board."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from dispatch.bookings.changes import cancel
from dispatch.clock import SetClock
from dispatch.visits.queries import get_visit, search
from dispatch.visits.tables import Visit
from dispatch.wishes.queries import find_wish, list_for_visit
from dispatch.work import Workshop
from notifications.consent import give_consent
from tests.builders import PHONE
from tests.http.pages.reading import Reader
from tests.http.pages.test_customer import ANA, book
from tests.worlds import World, one_slow_van

Track = Callable[[Visit], str]
CYN = "+12025550163"


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    """Tom Hale alone, with work of two and a half hours: three visits make a full day."""
    world = one_slow_van(workshop, clock, "Tom Hale")
    with world.as_office() as work:
        give_consent(work, CYN, "web")
    return world


@pytest.fixture
def full(world: World) -> dict[str, Visit]:
    return {
        name: world.book(name, window, phone=phone)
        for name, window, phone in (
            ("Ann Day", "08:00", PHONE),
            ("Ben Ode", "12:00", "+12025550162"),
            ("Cyn Fox", "14:00", CYN),
        )
    }


def free_the_morning(world: World, visit: Visit) -> None:
    world.settle(world.clock.at)
    with world.as_customer(visit) as work:
        cancel(work, get_visit(work.session, visit.id))
    world.until("07:11")


def test_one_tap_asks_for_it_and_one_takes_it_back(
    client: TestClient, world: World, full: dict[str, Visit], track: Track
) -> None:
    cyn = Reader(client).open(track(full["Cyn Fox"]))
    cyn.press("Sooner, if something comes free")
    assert "If something comes free we text you" in cyn.text
    assert "You would like to be visited sooner, if something comes free." in cyn.text
    cyn.press("No need any more")
    assert "If something comes free we text you" not in cyn.text
    assert "You no longer wait for an earlier time." in cyn.text


def test_what_came_free_stands_on_the_page_and_one_tap_takes_it(
    client: TestClient, world: World, full: dict[str, Visit], track: Track
) -> None:
    cyn = Reader(client).open(track(full["Cyn Fox"])).press("Sooner, if something comes free")
    free_the_morning(world, full["Ann Day"])
    cyn.open(cyn.path)
    assert "An earlier time came free" in cyn.text
    assert "Kept for you until 07:40." in cyn.text
    cyn.press("Mon 2 Mar, 10:00–12:00")
    assert "New promise: Mon 2 Mar, 10:00–12:00 (as you chose)." in cyn.text
    assert "You took the earlier time." in cyn.text
    assert "Back to the time before" in cyn.text


def test_no_leaves_everything_as_it_was(
    client: TestClient, world: World, full: dict[str, Visit], track: Track
) -> None:
    cyn = Reader(client).open(track(full["Cyn Fox"])).press("Sooner, if something comes free")
    free_the_morning(world, full["Ann Day"])
    cyn.open(cyn.path).press("Keep the time I have")
    assert "You kept the time that you had." in cyn.text
    assert "An earlier time came free" not in cyn.text
    assert "14:00–16:00" in cyn.text


def test_an_offer_is_nobody_elses(
    client: TestClient, world: World, full: dict[str, Visit], track: Track
) -> None:
    cyn = Reader(client).open(track(full["Cyn Fox"])).press("Sooner, if something comes free")
    free_the_morning(world, full["Ann Day"])
    assert cyn.path
    with world.look() as work:
        (offer,) = list_for_visit(work.session, full["Cyn Fox"].id)
    ben = track(full["Ben Ode"])
    answer = client.post(
        f"{ben}/sooner-answer",
        data={"offer": offer.id, "answer": "take"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 404


def test_who_gets_no_texts_is_told_that_we_cannot_ask(
    client: TestClient, world: World, full: dict[str, Visit], track: Track
) -> None:
    ben = Reader(client).open(track(full["Ben Ode"])).press("Sooner, if something comes free")
    assert "We can only ask you by text, and you get none from us." in ben.text


def test_a_box_at_booking_asks_for_it_too(client: TestClient, world: World, booking_link: str) -> None:
    ana = book(client, booking_link, window=1, sooner=True, **ANA)
    assert "You would like to be visited sooner." in ana.text


def test_the_office_sees_who_waits_and_can_add_take_off_and_answer(
    office: Reader, world: World, full: dict[str, Visit]
) -> None:
    path = f"/board/visits/{full['Cyn Fox'].id}"
    office.open(path).press("Wants it sooner, if something comes free")
    assert "Would come up sooner" in office.text
    office.open("/board")
    assert "Waiting for an earlier time" in office.text
    assert "Cyn Fox" in office.text
    free_the_morning(world, full["Ann Day"])
    office.open("/board")
    assert "kept until 07:40" in office.text
    office.open(path).press("They take it")
    assert "10:00–12:00" in office.h1
    office.open("/board")
    assert "Waiting for an earlier time" not in office.text


def test_the_office_takes_somebody_off_the_list(office: Reader, world: World, full: dict[str, Visit]) -> None:
    path = f"/board/visits/{full['Cyn Fox'].id}"
    office.open(path).press("Wants it sooner, if something comes free").press("Off the waiting list")
    with world.look() as work:
        assert search(work.session, "Cyn")
        assert find_wish(work.session, full["Cyn Fox"].id) is None
