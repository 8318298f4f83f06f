"""What whoever knows addresses promises, asked of each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, cast

import httpx2
import pytest
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from api.addresses.geopy_servers import MOST_BYTES, GeopyServer
from api.addresses.port import Addresses, AddressesSilent, Area, Found, ListedAddresses
from dispatch.travel.port import Point
from tests.fakes.address_servers import AddressServer, House
from tests.fakes.line import Line

AREA = Area(Point(40.0, -77.0), 10_000)
HOUSES = (
    House("12", "Old Mill Lane", "17101", "Ridgefield", 40.009, -77.001),
    House("14", "Old Mill Lane", "17101", "Ridgefield", 40.0091, -77.0012),
    House("12", "Old Mill Lane", "18702", "Fargone", 41.2, -75.9),  # 160 km away
)
MILL = Found("12 Old Mill Lane, 17101 Ridgefield", Point(40.009, -77.001))
Dialect = Literal["nominatim", "photon"]


@pytest.fixture
def server() -> AddressServer:
    return AddressServer(HOUSES)


@pytest.fixture
def line(server: AddressServer) -> Iterator[Line]:
    line = Line(server)
    yield line
    line.cut()


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    with httpx2.Client() as client:
        yield client


@pytest.fixture(params=["nominatim", "photon"])
def asked(request: pytest.FixtureRequest, line: Line, client: httpx2.Client) -> GeopyServer:
    return GeopyServer(client, cast(Dialect, request.param), line.url, user_agent="makegood (Alder Repairs)")


@pytest.fixture(params=["a list", "nominatim", "photon"])
def addresses(request: pytest.FixtureRequest, line: Line, client: httpx2.Client) -> Addresses:
    if request.param == "a list":
        lines = [f"{one.number} {one.street}, {one.postcode} {one.town}" for one in HOUSES]
        return ListedAddresses(dict(zip(lines, (Point(one.lat, one.lng) for one in HOUSES), strict=True)))
    return GeopyServer(client, cast(Dialect, request.param), line.url, user_agent="makegood")


def test_a_house_is_found_with_its_place(addresses: Addresses) -> None:
    assert list(addresses.find("12 old mill lane, RIDGEFIELD", AREA, "en")) == [MILL]


def test_what_is_too_far_for_us_is_left_out(addresses: Addresses) -> None:
    assert [one.line for one in addresses.find("12 old mill lane", AREA, "en")] == [MILL.line]
    assert list(addresses.find("12 Old Mill Lane Fargone", AREA, "en")) == []


def test_several_may_be_meant(addresses: Addresses) -> None:
    assert len(addresses.find("old mill lane", AREA, "de")) == 2


@pytest.mark.parametrize("words", ["99 Nowhere Street", "12", "%00 ' \" <b>", "א" * 240])
def test_whatever_is_typed_it_answers(addresses: Addresses, words: str) -> None:
    assert all(one.place in AREA for one in addresses.find(words, AREA, "es"))


# --- over the wire --------------------------------------------------------------------------------------


def test_it_is_told_the_words_the_box_and_who_asks(asked: GeopyServer, server: AddressServer) -> None:
    asked.find("12 Old Mill Lane", AREA, "de")
    ((path, query),) = server.asked
    assert server.agents == ["makegood (Alder Repairs)"]
    assert query.pop("q") == "12 Old Mill Lane"
    corners = [round(float(one), 2) for one in query.pop("viewbox", query.pop("bbox", "")).split(",")]
    assert corners == [-77.12, 39.91, -76.88, 40.09]
    if path == "/search":
        assert query == {"format": "json", "limit": "5", "bounded": "1", "addressdetails": "1"} | {
            "accept-language": "de"
        }
    else:
        assert (path, query["limit"], query["lang"]) == ("/api", "5", "de")


def test_only_one_of_the_two_is_asked_while_somebody_types(asked: GeopyServer) -> None:
    assert asked.while_typing is asked.name.startswith("Photon")


@pytest.mark.filterwarnings("ignore:Latitude normalization")
@pytest.mark.parametrize(
    "answer",
    [
        PlainTextResponse("busy", 429, headers={"Retry-After": "60"}),
        PlainTextResponse("down", 503),
        PlainTextResponse("<html>not today</html>"),
        JSONResponse({"error": "no"}),
        JSONResponse([{"lat": "up", "lon": "down", "display_name": "?"}]),
        JSONResponse({"features": [{"geometry": {"coordinates": [400, 400]}, "properties": {}}]}),
        RedirectResponse("/elsewhere"),
        PlainTextResponse("[" + " " * MOST_BYTES + "]"),
    ],
    ids=["429", "503", "html", "an error", "words for numbers", "off the globe", "elsewhere", "a heap"],
)
def test_whatever_else_it_answers_is_silence(
    asked: GeopyServer, server: AddressServer, answer: Response
) -> None:
    server.answer = answer
    with pytest.raises(AddressesSilent):
        asked.find("12 Old Mill Lane", AREA, "en")
    assert len(server.asked) == 1


def test_nobody_there_is_silence_and_says_nobodys_address(asked: GeopyServer, line: Line) -> None:
    line.cut()
    with pytest.raises(AddressesSilent) as caught:
        asked.find("12 Old Mill Lane", AREA, "en")
    assert "Mill" not in f"{caught.value!r} {caught.value.__cause__!r}"
