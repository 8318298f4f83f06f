"""What the tags of an OSM way mean for a van, and what makes an extract unreadable."""

from pathlib import Path

import pytest

from dispatch.travel import TravelError
from dispatch.travel.extract import classify_way, read_network, speed_kmh, water_kind
from tests.unit.dispatch.travel.river_village import STREETS, write_extract


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"building": "yes"},
        {"highway": "footway"},
        {"highway": "cycleway"},
        {"highway": "track"},
        {"highway": "construction"},
        {"highway": "residential", "access": "private"},
        {"highway": "residential", "access": "no"},
        {"highway": "residential", "motor_vehicle": "no"},
        {"highway": "service", "access": "yes", "motorcar": "private"},
        {"highway": "service", "service": "emergency_access"},
        {"highway": "residential", "area": "yes"},
        {"highway": "primary", "oneway": "reversible"},
    ],
)
def test_no_van_drives_here(tags: dict[str, str]) -> None:
    assert classify_way(tags) is None


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({}, True, True),
        ({"oneway": "no"}, True, True),
        ({"oneway": "yes"}, True, False),
        ({"oneway": "1"}, True, False),
        ({"oneway": "-1"}, False, True),
        ({"junction": "roundabout"}, True, False),
        ({"junction": "circular"}, True, False),
        ({"junction": "roundabout", "oneway": "no"}, True, True),
        ({"highway": "motorway"}, True, False),
        ({"access": "no", "motor_vehicle": "yes"}, True, True),
        ({"access": "destination"}, True, True),
    ],
)
def test_which_ways_a_road_may_be_driven(tags: dict[str, str], forward: bool, backward: bool) -> None:
    way = classify_way({"highway": "residential", **tags})
    assert way is not None
    assert (way.forward, way.backward) == (forward, backward)


@pytest.mark.parametrize(
    ("maxspeed", "kmh"),
    [
        ("", 28),  # nothing said: what a residential street suggests
        ("50", 42.5),  # 85 % of the limit
        ("50;30", 42.5),
        ("30 mph", 30 * 1.609344 * 0.85),
        ("30mph", 30 * 1.609344 * 0.85),
        ("walk", 28),
        ("none", 28),
        ("DE:urban", 28),
        ("0", 28),
        ("999", 110.5),  # a slip of the pen: no van goes faster than 85 % of 130
    ],
)
def test_speed_from_the_sign_or_the_class(maxspeed: str, kmh: float) -> None:
    assert speed_kmh(maxspeed, "residential") == pytest.approx(kmh)


@pytest.mark.parametrize(
    ("tags", "closed", "kind"),
    [
        ({"natural": "water"}, True, "water"),
        ({"waterway": "riverbank"}, True, "water"),
        ({"natural": "water"}, False, None),  # a piece of a shore
        ({"waterway": "river"}, False, "river"),
        ({"waterway": "canal"}, False, "canal"),
        ({"waterway": "stream"}, False, None),
        ({"natural": "wood"}, True, None),
        ({}, True, None),
    ],
)
def test_what_is_drawn_as_water(tags: dict[str, str], closed: bool, kind: str | None) -> None:
    assert water_kind(tags, closed=closed) == kind


def test_water_is_read_with_the_roads(tmp_path: Path) -> None:
    street, pond = {"highway": "residential"}, {"natural": "water"}
    lines = {(1, 2): street, (1, 2, 7, 1): pond, (4, 5): {"waterway": "river"}, (1, 2, 999, 1): pond}
    network = read_network(write_extract(tmp_path / "wet.osm.pbf", lines))
    assert [(one.kind, len(one.points)) for one in network.water] == [("water", 4), ("river", 2)]
    assert [way.nodes for way in network.ways] == [(1, 2)]


def test_the_village_is_read_without_its_footbridge_and_private_drive(tmp_path: Path) -> None:
    network = read_network(write_extract(tmp_path / "village.osm.pbf"))
    assert {way.nodes for way in network.ways} == set(STREETS) - {(1, 4), (2, 8)}
    assert {way.name for way in network.ways} == {"South Bank", "North Bank", "The Bridge", "", "Island Road"}
    assert network.attribution == "© OpenStreetMap contributors"


def test_a_way_cut_by_the_border_keeps_the_pieces_inside(tmp_path: Path) -> None:
    # Node 999 is not in the file: the way falls into 1-2 and 3-6, and the lone 4 is dropped.
    street = {"highway": "residential"}
    network = read_network(write_extract(tmp_path / "cut.osm.pbf", {(1, 2, 999, 3, 6, 998, 4): street}))
    assert [way.nodes for way in network.ways] == [(1, 2), (3, 6)]


def test_unreadable_extracts_are_named(tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish.osm.pbf"
    rubbish.write_bytes(b"not a map at all " * 50)
    whole = write_extract(tmp_path / "whole.osm.pbf")
    torn = tmp_path / "torn.osm.pbf"
    torn.write_bytes(whole.read_bytes()[:-40])
    for path in (rubbish, torn, tmp_path / "absent.osm.pbf", tmp_path, tmp_path / "what.ever"):
        with pytest.raises(TravelError, match="cannot be read"):
            read_network(path)


def test_an_extract_without_roads_says_so(tmp_path: Path) -> None:
    with pytest.raises(TravelError, match="no drivable road"):
        read_network(write_extract(tmp_path / "wild.osm.pbf", {(1, 4): {"highway": "footway"}}))
