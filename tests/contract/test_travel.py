"""What every travel adapter promises, asked of each of them."""

from pathlib import Path

import httpx2
import numpy as np
import pytest

from dispatch.travel import OffRoad, Point, Travel, TravelError
from dispatch.travel.osrm import OsrmTable
from dispatch.travel.roads import RoadGraph
from dispatch.travel.straight import StraightLine
from tests.unit.dispatch.travel.river_village import PLACES, write_extract
from tests.unit.dispatch.travel.table_server import TableServer

STOP_SECONDS = 90
NODES = (1, 2, 3, 4, 6, 7)
POINTS = [PLACES[node] for node in NODES]


@pytest.fixture(scope="module", params=["straight", "roads", "osrm", "osrm in blocks"])
def travel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Travel:
    if request.param == "straight":
        return StraightLine(stop_seconds=STOP_SECONDS)
    if request.param == "roads":
        extract = write_extract(tmp_path_factory.mktemp("osm") / "village.osm.pbf")
        return RoadGraph.read(extract, stop_seconds=STOP_SECONDS)
    client = httpx2.Client(transport=httpx2.MockTransport(TableServer()))
    max_table = 4 if request.param == "osrm in blocks" else 100
    return OsrmTable(client, "http://osrm.test", stop_seconds=STOP_SECONDS, max_table=max_table)


def test_a_matrix_is_a_square_of_whole_seconds(travel: Travel) -> None:
    matrix = travel.matrix(POINTS)
    assert matrix.shape == (len(POINTS), len(POINTS))
    assert matrix.dtype == np.int32
    assert (np.diag(matrix) == 0).all()
    assert (matrix[~np.eye(len(POINTS), dtype=bool)] > STOP_SECONDS).all()


def test_nothing_and_one_place_are_matrices_too(travel: Travel) -> None:
    assert travel.matrix([]).shape == (0, 0)
    assert travel.matrix(POINTS[:1]).tolist() == [[0]]


def test_rows_are_origins_and_columns_destinations(travel: Travel) -> None:
    matrix = travel.matrix(POINTS)
    for i, origin in enumerate(POINTS):
        for j, destination in enumerate(POINTS):
            assert travel.seconds(origin, destination) == matrix[i, j]


def test_the_order_of_the_points_is_the_order_of_the_answer(travel: Travel) -> None:
    order = [4, 0, 5, 2, 1, 3]
    shuffled = travel.matrix([POINTS[i] for i in order])
    assert shuffled.tolist() == travel.matrix(POINTS)[np.ix_(order, order)].tolist()


def test_asking_again_or_asking_for_fewer_gives_the_same_times(travel: Travel) -> None:
    matrix = travel.matrix(POINTS)
    assert travel.matrix(POINTS).tolist() == matrix.tolist()
    assert travel.matrix(POINTS[:3]).tolist() == matrix[:3, :3].tolist()


def test_two_stops_at_one_place_have_the_same_times_and_a_stop_between_them(travel: Travel) -> None:
    here, there = POINTS[0], POINTS[1]
    matrix = travel.matrix([here, there, here])
    assert matrix[0, 2] == matrix[2, 0] == STOP_SECONDS
    assert matrix[0, 1] == matrix[2, 1]
    assert matrix[1, 0] == matrix[1, 2]
    assert travel.seconds(here, here) == 0


def test_the_answer_belongs_to_the_caller(travel: Travel) -> None:
    before = travel.matrix(POINTS).tolist()
    travel.matrix(POINTS)[:] = -1
    assert travel.matrix(POINTS).tolist() == before


def test_a_place_on_the_network_is_no_metres_from_it(travel: Travel) -> None:
    snap = travel.snap(POINTS[0])
    assert snap.metres == pytest.approx(0, abs=0.01)
    assert (snap.point.lat, snap.point.lng) == pytest.approx((POINTS[0].lat, POINTS[0].lng), abs=1e-6)


def test_pages_can_say_what_the_times_are_and_whose_map_it_was(travel: Travel) -> None:
    assert travel.name
    assert travel.is_estimate is isinstance(travel, StraightLine)
    assert travel.attribution == ("" if travel.is_estimate else "© OpenStreetMap contributors")


def test_a_place_nobody_can_drive_to_is_named_where_roads_are_known(tmp_path: Path) -> None:
    far = Point(0.1, 0.0)
    server = TableServer(off_road={far: 10_900.0})
    for travel in (
        RoadGraph.read(write_extract(tmp_path / "village.osm.pbf")),
        OsrmTable(httpx2.Client(transport=httpx2.MockTransport(server)), "http://osrm.test"),
    ):
        with pytest.raises(OffRoad, match="point 2 is 10") as refusal:
            travel.matrix([*POINTS[:2], far, POINTS[2]])
        assert refusal.value.index == 2
        assert isinstance(refusal.value, TravelError)
