"""The streets under the pages' maps: all for the staff, those around the door for a customer, sent once."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from random import Random

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from dispatch.chance import Chance
from dispatch.clock import SetClock
from dispatch.travel.network import Line, Network, Water, join_lines
from dispatch.travel.port import OSM_ATTRIBUTION
from dispatch.travel.roads import RoadGraph
from dispatch.visits.tables import Visit
from dispatch.work import Reaction, Workshop
from tests.builders import near
from tests.http.pages.reading import Reader
from tests.worlds import World

ROADS = "/api/v1/map/roads"


def streets() -> Network:
    """Main Street by everybody's door, a pond, and a trunk road nine kilometres off."""
    main = Line("residential", tuple(near(km_north=km / 4) for km in range(-8, 9)), "Main Street")
    link = Line("primary", (near(km_north=2), near(km_north=5), near(km_north=9)))
    far = Line("trunk", (near(km_north=9), near(km_north=9, km_east=3)))
    pond = [near(km_east=km / 5, km_north=north) for km, north in ((1, 0), (2, 0), (2, 0.2), (1, 0))]
    drawn = join_lines([main, link, far], OSM_ATTRIBUTION)
    return Network(drawn.places, drawn.ways, drawn.attribution, (Water("water", tuple(pond)),))


@pytest.fixture
def workshop(engine: Engine, clock: SetClock, reactions: Sequence[Reaction]) -> Workshop:
    return Workshop(engine, clock, Chance(Random(7)), RoadGraph(streets()), reactions=reactions)


@pytest.fixture
def link(world: World, track: Callable[[Visit], str]) -> str:
    return track(world.book("Ana Cole", "08:00", place=near(km_north=0.5)))


def kinds(answer: object) -> list[str]:
    return [one["properties"]["kind"] for one in answer.json()["features"]]  # type: ignore[attr-defined]


def test_the_staff_see_all_and_a_customer_what_is_near(
    client: TestClient, office: Reader, on_the_phone: Callable[[str], Reader], link: str
) -> None:
    whole = office.client.get(ROADS)
    assert kinds(whole) == ["water", "residential", "primary", "trunk"]
    assert whole.json()["attribution"] == "© OpenStreetMap contributors"
    assert whole.json()["times_are_estimates"] is False
    assert on_the_phone("Tom Hale").client.get(ROADS).content == whole.content
    own = client.get(f"{link}/roads.json")
    assert kinds(own) == ["water", "residential", "primary"]
    assert own.json()["attribution"] == "© OpenStreetMap contributors"
    bearer = {"Authorization": f"Bearer {link.removeprefix('/v/')}"}
    assert client.get(ROADS, headers=bearer).content == own.content


def test_who_has_an_invitation_sees_the_middle_of_the_territory(
    client: TestClient, booking_link: str
) -> None:
    bearer = {"Authorization": f"Bearer {booking_link.removeprefix('/book/')}"}
    assert kinds(client.get(ROADS, headers=bearer)) == ["water", "residential", "primary"]


def test_a_browser_that_has_the_map_is_not_sent_it_again(office: Reader) -> None:
    first = office.client.get(ROADS)
    assert first.headers["cache-control"] == "private, max-age=86400"
    assert first.headers["vary"] == "Authorization, Cookie, Accept-Encoding"
    etag = first.headers["etag"]
    for known in (etag, f'"other", {etag}', "*"):
        again = office.client.get(ROADS, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert office.client.get(ROADS, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_map_is_zipped_for_who_can_read_that(office: Reader) -> None:
    plain = office.client.get(ROADS, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    refused = office.client.get(ROADS, headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "content-encoding" not in refused.headers
    with office.client.stream("GET", ROADS, headers={"Accept-Encoding": "br, gzip;q=0.8"}) as zipped:
        assert zipped.headers["content-encoding"] == "gzip"
        raw = b"".join(zipped.iter_raw())
    assert json.loads(gzip.decompress(raw)) == plain.json()
