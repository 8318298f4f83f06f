"""Alder Crossing as a road extract: what is read back is the town, and its river is in the way."""

from itertools import pairwise
from pathlib import Path

import pytest

from api.simulation.town import BLOCK_METRES, Place, Town, build_town
from api.simulation.town_osm import write_town
from dispatch.travel import Point
from dispatch.travel.apart import metres_apart
from dispatch.travel.extract import LIMIT_SHARE, read_network
from dispatch.travel.network import Network
from dispatch.travel.roads import RoadGraph

KMH_OF_15_MPH = 15 * 1.609344 * LIMIT_SHARE
KMH_OF_25_MPH = 25 * 1.609344 * LIMIT_SHARE
KMH_OF_35_MPH = 35 * 1.609344 * LIMIT_SHARE


@pytest.fixture(scope="module")
def alder() -> Town:
    return build_town(1)


@pytest.fixture(scope="module")
def network(alder: Town, tmp_path_factory: pytest.TempPathFactory) -> Network:
    return read_network(write_town(alder, tmp_path_factory.mktemp("osm") / "town.osm.pbf"))


def blocks(network: Network) -> set[tuple[str, str, Place, Place]]:
    """Name, class and ends of every block."""
    found = set()
    for way in network.ways:
        line = [(round(network.places[n].lat, 6), round(network.places[n].lng, 6)) for n in way.nodes]
        found |= {(way.name, way.kind, start, end) for start, end in pairwise(line)}
    return found


def test_the_file_reads_back_to_the_same_streets(alder: Town, network: Network) -> None:
    assert blocks(network) == {
        (street.name, street.kind, *block) for street in alder.streets for block in pairwise(street.line)
    }
    assert len(network.places) == len({place for street in alder.streets for place in street.line})
    assert all(way.forward and way.backward for way in network.ways)


def test_the_river_reads_back_as_an_area_and_its_middle(alder: Town, network: Network) -> None:
    water = {one.kind: [place for p in one.points for place in (p.lat, p.lng)] for one in network.water}
    assert water.keys() == {"river", "water"}
    for kind, line in (("river", alder.river), ("water", alder.banks())):
        assert water[kind] == pytest.approx([degrees for place in line for degrees in place], abs=1e-6)


def test_the_town_is_nobodys_data(alder: Town, network: Network, tmp_path: Path) -> None:
    assert network.attribution == ""
    assert RoadGraph(network).attribution == ""
    as_text = write_town(alder, tmp_path / "town.osm")
    assert read_network(as_text).attribution == ""
    as_text.write_text(as_text.read_text().replace("a town that does not exist", "by hand"))
    assert read_network(as_text).attribution == "© OpenStreetMap contributors", "in doubt it is owed"


def test_the_same_seed_writes_the_same_file(alder: Town, tmp_path: Path) -> None:
    once, again = write_town(alder, tmp_path / "a.osm.pbf"), write_town(build_town(1), tmp_path / "b.osm.pbf")
    assert once.read_bytes() == again.read_bytes()
    before = once.read_bytes()
    write_town(build_town(2), once)
    assert once.read_bytes() != before


def test_from_bank_to_bank_one_drives_to_a_bridge(alder: Town, network: Network) -> None:
    """Half a kilometre as the crow flies: at a bridge that is the drive, four blocks away it takes five times that."""
    graph = RoadGraph(network, stop_seconds=0)
    corners = dict(_facing_corners(alder))
    for bridge in alder.bridges:
        south, north = bridge.line
        assert corners[south] == north
        assert _detour(graph, south, north) == pytest.approx(1.0, abs=0.05)
    for south, north in corners.items():
        to_a_bridge = min(metres_apart(Point(*south), Point(*one.line[0])) for one in alder.bridges)
        if to_a_bridge > 3.5 * BLOCK_METRES:
            assert _detour(graph, south, north) > 5, south


def test_the_centre_is_slower(alder: Town, network: Network) -> None:
    speeds = {}
    for way in network.ways:
        if way.kind == "residential":
            for start, end in pairwise(way.nodes):
                a, b = network.places[start], network.places[end]
                middle = Point((a.lat + b.lat) / 2, (a.lng + b.lng) / 2)
                speeds[metres_apart(middle, Point(*alder.middle)) < 800] = way.kmh
    assert speeds == {True: pytest.approx(KMH_OF_15_MPH), False: pytest.approx(KMH_OF_25_MPH)}


def _facing_corners(alder: Town) -> list[tuple[Place, Place]]:
    """The last corner of each southern street, and the first of its northern half."""
    line_of = {street.name: street.line for street in alder.streets}
    return [
        (line[-1], line_of[name.replace("South", "North")][0])
        for name, line in line_of.items()
        if name.startswith("South")
    ]


def _detour(graph: RoadGraph, start: Place, end: Place) -> float:
    """How many times as long the drive takes as a bridge of its own would."""
    flown = metres_apart(Point(*start), Point(*end)) / (KMH_OF_35_MPH / 3.6)
    return graph.seconds(Point(*start), Point(*end)) / flown
