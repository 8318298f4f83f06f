"""The OSRM adapter at the wire: what it asks, and what it does with answers that are no answers."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from dispatch.travel import OffRoad, Point, TravelError
from dispatch.travel.osrm import OsrmTable
from tests.unit.dispatch.travel.table_server import TableServer

A, B, C = Point(47.1, 9.5), Point(47.2, 9.5), Point(47.15, 9.6)


def osrm(answer: Callable[[httpx2.Request], httpx2.Response], **options: Any) -> OsrmTable:
    client = httpx2.Client(transport=httpx2.MockTransport(answer))
    return OsrmTable(client, "http://osrm.test:5000/", **options)


def replying(**changes: Any) -> Callable[[httpx2.Request], httpx2.Response]:
    near = [{"distance": 1.0}, {"distance": 2.0}]
    body = {"code": "Ok", "durations": [[0, 10.2], [11, 0]], "sources": near, "destinations": near, **changes}
    return lambda request: httpx2.Response(200, json=body)


def test_a_duration_is_rounded_up_and_the_stop_added() -> None:
    assert osrm(replying()).matrix([A, B]).tolist() == [[0, 131], [131, 0]]
    assert osrm(replying(), stop_seconds=0).seconds(A, B) == 11


def test_a_small_table_is_one_request_with_longitude_first() -> None:
    server = TableServer()
    osrm(server).matrix([A, B, C])
    (request,) = server.requests
    assert request.url.path == "/table/v1/driving/9.500000,47.100000;9.500000,47.200000;9.600000,47.150000"
    assert dict(request.url.params) == {"annotations": "duration"}
    assert request.extensions["timeout"]["read"] == 5.0


@pytest.mark.parametrize("max_table", [2, 3, 4, 5, 6, 100])
def test_a_large_table_is_put_together_from_blocks(max_table: int) -> None:
    places = [Point(47.0 + i / 50, 9.5 + i * i / 300) for i in range(7)]
    server = TableServer()
    pieced = osrm(server, max_table=max_table).matrix(places)
    assert pieced.tolist() == osrm(TableServer()).matrix(places).tolist()
    assert max(server.sizes) <= max_table


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "TooBig"},
        {"durations": [[0, None], [11, 0]]},
        {"durations": [[0, 10, 4], [11, 0, 4]]},
        {"durations": [[0, 10], [11]]},
        {"durations": [[0, -1], [11, 0]]},
        {"durations": "soon"},
        {"durations": None},
        {"sources": None},
        {"sources": [{"distance": 1.0}]},
        {"destinations": [{}, {}]},
        {"destinations": [{"distance": -1}, {"distance": 0}]},
    ],
)
def test_an_answer_that_is_none_is_an_error_never_a_guess(changes: dict[str, Any]) -> None:
    with pytest.raises(TravelError):
        osrm(replying(**changes)).matrix([A, B])


def test_the_pair_without_a_way_is_named() -> None:
    with pytest.raises(TravelError, match="from point 1 to point 0"):
        osrm(replying(durations=[[0, 5], [None, 0]])).matrix([A, B])


@pytest.mark.parametrize(
    "response",
    [
        httpx2.Response(500, text="out of memory"),
        httpx2.Response(400, json={"code": "InvalidQuery"}),
        httpx2.Response(200, text="<html>"),
        httpx2.Response(200, json=["Ok"]),
        httpx2.Response(302, headers={"location": "http://elsewhere.test/"}),
    ],
)
def test_a_refusal_is_an_error(response: httpx2.Response) -> None:
    refusing = osrm(lambda request: response)
    with pytest.raises(TravelError, match="the routing server"):
        refusing.matrix([A, B])
    with pytest.raises(TravelError, match="the routing server"):
        refusing.snap(A)


def test_silence_is_an_error() -> None:
    def silence(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("nothing came", request=request)

    with pytest.raises(TravelError, match="does not answer: ReadTimeout"):
        osrm(silence).seconds(A, B)


def test_the_first_place_far_from_a_road_is_named_in_the_callers_count() -> None:
    places = [Point(47.0 + i / 100, 9.5) for i in range(6)]
    server = TableServer(off_road={places[4]: 2_500.0, places[5]: 9_000.0})
    with pytest.raises(OffRoad) as refusal:
        osrm(server, max_table=4).matrix(places)
    assert (refusal.value.index, refusal.value.metres) == (4, 2_500.0)


def test_the_nearest_road_is_the_servers() -> None:
    snap = osrm(TableServer(off_road={A: 12.5})).snap(A)
    assert (snap.point, snap.metres) == (A, 12.5)
    with pytest.raises(TravelError, match="cannot be read"):
        osrm(replying(waypoints=[])).snap(A)


def test_nothing_is_asked_for_less_than_two_places() -> None:
    server = TableServer()
    assert osrm(server).matrix([]).shape == (0, 0)
    assert osrm(server).matrix([A]).tolist() == [[0]]
    assert osrm(server).seconds(A, A) == 0
    assert server.requests == []
