"""An address in words becomes a pin: for customers, for the office with a caller, and without scripts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.addresses.port import AddressesSilent, Area, Found, ListedAddresses
from api.auth.guessing import ADDRESSES_LIMIT
from api.main import create_app
from api.runtime.runtime import Runtime
from dispatch.customers.queries import get_address
from dispatch.travel.port import Point
from dispatch.visits.queries import search
from tests.builders import near
from tests.http.conftest import BASE, SAME_SITE
from tests.http.pages.reading import Reader
from tests.worlds import World

MILL = near(km_north=2)
KNOWN = {
    "12 Old Mill Lane, 17101 Ridgefield": MILL,
    "14 Old Mill Lane, 17101 Ridgefield": near(km_north=2.1),
    "12 Old Mill Lane, 99999 Fargone": Point(45.0, -60.0),
}
FIND = "Find it on the map"


class Town(ListedAddresses):
    """Answers, until it falls silent."""

    is_silent = False

    def find(self, words: str, area: Area, language: str) -> Sequence[Found]:
        if self.is_silent:
            raise AddressesSilent("ConnectError")
        return super().find(words, area, language)


@pytest.fixture
def town() -> Town:
    return Town(KNOWN, attribution="© OpenStreetMap contributors")


@pytest.fixture
def runtime(runtime: Runtime, town: Town) -> Iterator[Runtime]:
    settings = runtime.settings.model_copy(update={"addresses_per_second": 1000.0})
    return replace(runtime, addresses=town, settings=settings)  # type: ignore[return-value]


def test_a_typed_address_becomes_a_pin_and_a_visit(
    client: TestClient, world: World, booking_link: str
) -> None:
    ana = Reader(client).open(booking_link).press(FIND, service="repair", address="12 old mill")
    assert ana.status == 200
    assert "Is it one of these?" in ana.text
    assert "Fargone" not in ana.text  # farther than we come
    assert "© OpenStreetMap contributors" in ana.text
    ana.follow("12 Old Mill Lane, 17101 Ridgefield")
    assert "Is this the door? If not, tap the right place on the map." in ana.text
    ana.press("Show me the times")
    ana.press("Keep this time", start_at=ana.choices("start_at")[0])
    ana.press("Book this visit", name="Ana Cole", phone="+12025550143")
    with world.look() as work:
        (visit,) = search(work.session, "Cole")
        address = get_address(work.session, visit.address_id)
    assert address.line == "12 Old Mill Lane, 17101 Ridgefield"
    assert (address.lat, address.lng) == (round(MILL.lat, 5), round(MILL.lng, 5))


def test_an_unknown_address_a_short_one_and_nonsense(client: TestClient, booking_link: str) -> None:
    ana = Reader(client).open(booking_link)
    assert "We do not know this address here." in ana.press(FIND, address="1 Nowhere Street").text
    ana.press(FIND, address="1")
    assert (ana.status, "Please give the house number and the street." in ana.text) == (422, True)
    assert ana.press(FIND, address="\x07 mill").status == 422
    assert client.get(f"{booking_link}/find", params={"address": "x" * 241}).status_code == 422
    assert client.get(f"{booking_link}/find", params={"address": "mill", "lat": "<b>"}).status_code == 422


def test_when_nobody_answers_the_pin_remains(
    client: TestClient, town: Town, booking_link: str, caplog: pytest.LogCaptureFixture
) -> None:
    town.is_silent = True
    caplog.set_level(logging.DEBUG)
    ana = Reader(client).open(booking_link).press(FIND, service="repair", address="12 Old Mill Lane")
    assert ana.status == 200
    assert "Nobody can look up addresses just now. Put the pin on the house yourself" in ana.text
    ours = [record for record in caplog.records if record.name.startswith("makegood")]
    told = [record.getMessage() for record in ours if record.name == "makegood.addresses"]
    assert told == ["the address search is silent: ConnectError"]
    assert "Mill" not in " ".join(f"{record.getMessage()} {record.args}" for record in ours)
    ana.press("Show me the times", lat="40.009", lng="-77.0")
    assert ana.h1 == "When shall we come?"


def test_in_the_customers_language(client: TestClient, town: Town, booking_link: str) -> None:
    ana = Reader(client).open(booking_link).press("Deutsch").press("Auf der Karte finden", address="14 mill")
    assert "Ist es eine davon?" in ana.text
    town.is_silent = True
    assert "nicht nachgeschlagen" in ana.press("Auf der Karte finden", address="16 mill").text


def test_one_address_of_the_network_asks_only_so_often(client: TestClient, booking_link: str) -> None:
    answers = [
        client.get(f"{booking_link}/find", params={"address": "12 Old Mill"}).status_code
        for _ in range(ADDRESSES_LIMIT + 1)
    ]
    assert answers == [200] * ADDRESSES_LIMIT + [429]


def test_the_office_finds_a_callers_house(office: Reader) -> None:
    office.open("/board/book").press(FIND, address="14 old mill")
    office.follow("14 Old Mill Lane").press("Show me the times", service="repair")
    assert office.h1 == "When shall we come?"


def test_the_street_map_is_of_the_place_that_was_found(client: TestClient, booking_link: str) -> None:
    roads, token = "/api/v1/map/roads", booking_link.rpartition("/")[2]
    headers = {"Authorization": f"Bearer {token}"}
    for asked in ({"lat": "40.01", "lng": "-77.0"}, {"lat": "10", "lng": "10"}, {"lat": "40.01"}):
        assert client.get(roads, params=asked, headers=headers).status_code == 200
    assert client.get(roads, params={"lat": "nan", "lng": "0"}, headers=headers).status_code == 422


def test_a_house_that_asks_nobody_has_no_button(runtime: Runtime, booking_link: str) -> None:
    app = create_app(replace(runtime, addresses=None))
    alone = TestClient(app, base_url=BASE, headers=SAME_SITE, raise_server_exceptions=False)
    ana = Reader(alone).open(booking_link)
    assert FIND not in ana.buttons
    ana.open(f"{booking_link}/find?address=12+Old+Mill")
    assert (ana.status, FIND in ana.buttons) == (200, False)


def test_another_address_is_searched_behind_the_code_alone(
    world: World, client: TestClient, track: Callable[..., str], town: Town
) -> None:
    path = track(world.book("Ana Cole", "10:00"))
    answer = client.get(f"{path}/address/find", params={"address": "12 Old Mill"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{path}/code?to=address")
