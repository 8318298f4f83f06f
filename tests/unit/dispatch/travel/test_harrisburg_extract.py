"""A real city: the extract of Harrisburg that lies beside the checkout, when it does."""

from pathlib import Path

import numpy as np
import pytest

from dispatch.travel import Point
from dispatch.travel.drawing import draw
from dispatch.travel.roads import RoadGraph
from dispatch.travel.straight import StraightLine

EXTRACT = Path(__file__).parents[4] / "../shared/data/osm/harrisburg.osm.pbf"

# Front doors 500 m apart with a river between them; the bridges are up and down the stream.
EAST_BANK = Point(40.278601, -76.750826)
WEST_BANK = Point(40.282401, -76.753986)


@pytest.fixture(scope="module")
def harrisburg() -> RoadGraph:
    if not EXTRACT.exists():
        pytest.skip("the Harrisburg road extract is not beside the checkout (../shared/data/osm)")
    return RoadGraph.read(EXTRACT)


def test_the_graph_has_the_size_of_a_city(harrisburg: RoadGraph) -> None:
    assert 15_000 < harrisburg.node_count < 25_000
    assert 30_000 < harrisburg.edge_count < 50_000
    south_west, north_east = harrisburg.bounds
    assert 40.1 < south_west.lat < north_east.lat < 40.4
    assert -76.9 < south_west.lng < north_east.lng < -76.7


def test_a_day_of_140_front_doors_is_all_reachable(harrisburg: RoadGraph) -> None:
    doors = harrisburg.street_points(1, 140)
    matrix = harrisburg.matrix(doors)
    assert matrix.shape == (140, 140)
    between = matrix[~np.eye(140, dtype=bool)]
    assert between.min() >= 120
    assert between.max() < 3_600
    # Over a whole city the two ways of reckoning agree within a third.
    straight = StraightLine().matrix(doors)[~np.eye(140, dtype=bool)]
    assert 0.67 < np.median(between) / np.median(straight) < 1.5


def test_crossing_the_river_takes_clearly_longer_than_the_straight_line(harrisburg: RoadGraph) -> None:
    road = harrisburg.seconds(EAST_BANK, WEST_BANK)
    straight = StraightLine().seconds(EAST_BANK, WEST_BANK)
    assert straight - 120 == 74  # 500 m x 1.3 at 32 km/h
    assert road - 120 > 3 * (straight - 120)


def test_its_map_shows_the_river_and_fits_a_phone_around_a_door(harrisburg: RoadGraph) -> None:
    whole = draw(harrisburg.network)
    assert whole["attribution"] == "© OpenStreetMap contributors"
    assert {f["properties"]["kind"] for f in whole["features"]} >= {
        "water",
        "river",
        "residential",
        "motorway",
    }
    points = [
        point
        for feature in whole["features"]
        if feature["properties"]["kind"] == "river"
        for line in feature["geometry"]["coordinates"]
        for point in line
    ]
    assert all(-77.2 < lng < -76.4 for lng, _ in points), "the river is cut not far from the city"
    door = draw(harrisburg.network, around=EAST_BANK, within_metres=2_000)
    assert 0 < len(str(door)) < len(str(whole)) / 2
