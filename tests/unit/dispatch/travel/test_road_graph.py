"""Drives through the village on the equator; a step of 1111.95 m at 28 km/h takes 142.97 s."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dispatch.travel import OffRoad, Point, TravelError
from dispatch.travel.network import Line, Network, Way, join_lines
from dispatch.travel.roads import RoadGraph
from dispatch.travel.straight import StraightLine
from tests.unit.dispatch.travel.river_village import PLACES, write_extract


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> RoadGraph:
    return RoadGraph.read(write_extract(tmp_path_factory.mktemp("osm") / "village.osm.pbf"), stop_seconds=0)


def drive(village: RoadGraph, start: int, end: int) -> int:
    return village.seconds(PLACES[start], PLACES[end])


def test_a_street_takes_its_length_at_the_speed_of_its_class(village: RoadGraph) -> None:
    assert drive(village, 1, 2) == 143  # 142.97
    assert drive(village, 1, 3) == 286  # 285.94


def test_the_bridge_is_driven_at_a_share_of_its_limit(village: RoadGraph) -> None:
    assert drive(village, 3, 6) == 19  # 222.39 m at 42.5 km/h: 18.84


def test_the_river_costs_a_detour_that_the_straight_line_does_not_see(village: RoadGraph) -> None:
    # The footbridge is for feet: 1-2-3, bridge, 6-5-4 is 4 x 142.97 + 18.84 = 590.71.
    assert drive(village, 1, 4) == 591
    # 222.39 m x 1.3 at 32 km/h: 32.53.
    assert StraightLine(stop_seconds=0).seconds(PLACES[1], PLACES[4]) == 33


def test_oneways_are_obeyed_in_both_spellings(village: RoadGraph) -> None:
    # 1-7 and 7-2 are 786.27 m each: 101.09 s. Back from 7 to 1 leads by 2: 101.09 + 142.97.
    assert drive(village, 1, 7) == 102
    assert drive(village, 7, 1) == 245  # 244.06
    assert drive(village, 2, 7) == 245  # 142.97 + 101.09, by 1


def test_a_front_door_halfway_along_a_street_meets_that_street(village: RoadGraph) -> None:
    # The step is cut into 14 pieces, so 0.005 is a node; the door is 0.0002 (22.24 m, 5.34 s at 15 km/h) off.
    door = Point(0.0002, 0.005)
    assert village.snap(door).metres == pytest.approx(22.239, abs=0.001)
    assert village.snap(door).point.lng == pytest.approx(0.005)
    assert village.seconds(door, PLACES[2]) == 77  # 5.34 + 71.48


def test_the_stop_is_added_to_every_drive_but_not_to_staying(tmp_path: Path) -> None:
    graph = RoadGraph.read(write_extract(tmp_path / "v.osm.pbf"), stop_seconds=120)
    assert graph.seconds(PLACES[1], PLACES[2]) == 263
    assert graph.seconds(PLACES[1], PLACES[1]) == 0
    assert graph.matrix([PLACES[1], PLACES[1]]).tolist() == [[0, 120], [120, 0]]


def test_the_island_is_left_out_and_its_people_are_told(village: RoadGraph) -> None:
    with pytest.raises(OffRoad, match=r"point 1 is 108\d\d m from the nearest road") as refusal:
        village.matrix([PLACES[1], PLACES[20], PLACES[21]])
    assert refusal.value.index == 1
    assert refusal.value.metres == pytest.approx(10_897.1, abs=0.5)  # 0.098 degrees to the north bank
    with pytest.raises(OffRoad):
        village.seconds(PLACES[20], PLACES[20])
    assert village.snap(PLACES[20]).metres > 10_000


def test_a_private_drive_is_not_driven(village: RoadGraph) -> None:
    # 8 hangs on a private drive; the nearest public street is node 7 on the one-way loop.
    assert village.snap(PLACES[8]).metres == pytest.approx(786.27, abs=0.01)


def test_a_faster_parallel_road_wins_and_roads_do_not_add_up() -> None:
    places = {0: Point(0.0, 0.0), 1: Point(0.0, 0.0005)}  # 55.6 m: one piece, so both roads share one edge
    ways = (Way((0, 1), "service", kmh=10), Way((1, 0), "residential", kmh=40), Way((0, 0, 1), "road", kmh=5))
    graph = RoadGraph(Network(places, ways), stop_seconds=0)
    assert graph.seconds(places[0], places[1]) == 6  # 55.6 m at 40 km/h: 5.004


def test_nobody_stops_on_a_motorway() -> None:
    street = Line("residential", (Point(0.0, 0.0), Point(0.0, 0.01)))
    motorway = Line("motorway", (Point(0.0, 0.01), Point(0.001, 0.01), Point(0.001, 0.0), Point(0.0, 0.0)))
    graph = RoadGraph(join_lines([street, motorway]), stop_seconds=0)
    assert graph.snap(Point(0.0009, 0.005)).point.lat == pytest.approx(0.0)


def test_networks_nobody_can_use_are_refused() -> None:
    with pytest.raises(TravelError, match="stop on"):
        RoadGraph(Network({}, ()))
    with pytest.raises(TravelError, match="stop on"):
        RoadGraph(join_lines([Line("motorway", (Point(0.0, 0.0), Point(0.0, 0.01)))]))
    with pytest.raises(TravelError, match="goat path"):
        join_lines([Line("goat path", (Point(0.0, 0.0), Point(0.0, 0.01)))])


def test_answers_stay_right_when_few_are_remembered(tmp_path: Path) -> None:
    places = [PLACES[node] for node in (1, 2, 3, 4, 5, 6, 7)] + [Point(0.0, lng / 1000) for lng in range(20)]
    village = write_extract(tmp_path / "v.osm.pbf")
    roomy = RoadGraph.read(village)
    tight = RoadGraph(roomy.network, cached_rows=2)
    expected = roomy.matrix(places)
    for _ in range(2):
        assert tight.matrix(places).tolist() == expected.tolist()
        assert len(tight._rows) == 2


def test_threads_share_a_graph(tmp_path: Path) -> None:
    graph = RoadGraph(RoadGraph.read(write_extract(tmp_path / "v.osm.pbf")).network, cached_rows=3)
    places = [PLACES[node] for node in (1, 2, 3, 4, 5, 6, 7)]
    expected = graph.matrix(places).tolist()
    with ThreadPoolExecutor(8) as pool:
        turns = [places[i % 7 :] + places[: i % 7] for i in range(64)]
        for i, matrix in enumerate(pool.map(graph.matrix, turns)):
            order = [(k + i) % 7 for k in range(7)]
            assert matrix.tolist() == [[expected[a][b] for b in order] for a in order]


def test_street_points_lie_on_residential_streets_and_repeat_with_their_seed(village: RoadGraph) -> None:
    points = village.street_points(7, 50)
    assert points == village.street_points(7, 50)
    assert points != village.street_points(8, 50)
    assert len(set(points)) == 50
    assert not any(0.0001 < p.lat < 0.0019 for p in points), "on the bridge, which is not residential"
    assert max(village.snap(p).metres for p in points) <= 40.1  # half a piece
