"""What a map shows of the village on the equator: its drivable roads by class, its water, whose data it is."""

import json
from typing import Any

import pytest

from dispatch.travel import Point
from dispatch.travel.drawing import draw, thinned
from dispatch.travel.extract import read_network
from dispatch.travel.network import Line, Network, Water, Way, join_lines
from tests.unit.dispatch.travel.river_village import PLACES, write_extract


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return read_network(write_extract(tmp_path_factory.mktemp("osm") / "village.osm.pbf"))


def shown(network: Network, **options: Any) -> dict[str, Any]:
    """Coordinates by kind, as the JSON says them."""
    drawn = json.loads(json.dumps(draw(network, **options)))
    return {f["properties"]["kind"]: f["geometry"]["coordinates"] for f in drawn["features"]}


def test_the_map_shows_every_drivable_road_and_whose_data_it_is(village: Network) -> None:
    drawn = draw(village)
    assert (drawn["type"], drawn["attribution"]) == ("FeatureCollection", "© OpenStreetMap contributors")
    assert drawn["bounds"] == [[-0.005, 0.0], [0.1, 0.02]]
    kinds = [feature["properties"] for feature in drawn["features"]]
    assert kinds == [{"layer": "road", "kind": "residential"}, {"layer": "road", "kind": "secondary"}]
    roads = shown(village)
    assert roads["secondary"] == [[[0.02, 0.0], [0.02, 0.002]]]
    assert len(roads["residential"]) == 5


def test_corners_on_a_straight_line_go_but_not_those_where_roads_meet(village: Network) -> None:
    assert thinned(village, (1, 2, 3), set()) == [1, 3]
    assert thinned(village, (1, 2, 3), {2}) == [1, 2, 3]
    assert thinned(village, (1, 7, 2), set()) == [1, 7, 2], "a bend of 500 m"
    assert thinned(village, (1, 7, 2, 1), set()) == [1, 7, 2, 1], "a ring ends where it began"
    # 1-2-3 is one straight line, but the loop by 7 begins at 2.
    assert [[0.0, 0.0], [0.01, 0.0], [0.02, 0.0]] in shown(village)["residential"]


def test_around_a_door_only_what_comes_near_is_drawn_but_whole(village: Network) -> None:
    roads = shown(village, around=PLACES[21], within_metres=100)
    assert roads == {"residential": [[[0.0, 0.1], [0.005, 0.1]]]}
    [south, west], [north, east] = draw(village, around=PLACES[21], within_metres=111)["bounds"]
    assert (south, west, north, east) == (0.099, 0.004, 0.101, 0.006)
    assert draw(village, around=Point(1.0, 1.0), within_metres=100)["features"] == []
    assert draw(village, around=Point(1.0, 1.0), within_metres=100)["bounds"] is None


def test_water_lies_under_the_roads_and_a_river_ends_a_little_past_them() -> None:
    street = join_lines([Line("residential", (Point(0.0, 0.0), Point(0.0, 0.01)))])
    river = Water("river", tuple(Point(0.001, lng / 100) for lng in range(-50, 50)))
    pond = Water("water", (Point(0.0, 0.0), Point(0.001, 0.0), Point(0.001, 0.001), Point(0.0, 0.0)))
    far = Water("water", (Point(1.0, 1.0), Point(1.1, 1.0), Point(1.1, 1.1), Point(1.0, 1.0)))
    wet = Network(street.places, street.ways, "", (river, pond, far))
    drawn = draw(wet)
    assert [f["properties"]["layer"] for f in drawn["features"]] == ["water", "water", "road"]
    coordinates = shown(wet)
    assert coordinates["water"] == [[[[0.0, 0.0], [0.0, 0.001], [0.001, 0.001], [0.0, 0.0]]]]
    [line] = coordinates["river"]
    assert (line[0], line[-1]) == ([-0.02, 0.001], [0.03, 0.001])


def test_larger_roads_are_drawn_over_smaller_ones() -> None:
    places = {0: Point(0.0, 0.0), 1: Point(0.0, 0.001)}
    network = Network(places, tuple(Way((0, 1), kind, kmh=9) for kind in ("motorway", "service", "primary")))
    kinds = [f["properties"]["kind"] for f in draw(network)["features"]]
    assert kinds == ["service", "primary", "motorway"]
