"""The simulated driver's map, read from what the API draws of the invented town."""

from __future__ import annotations

import pytest

from api.simulation.streets import Drive, Streets, metres_between
from api.simulation.town import Town, build_town
from api.simulation.town_osm import write_town
from dispatch.travel.drawing import draw
from dispatch.travel.extract import read_network

A, B, C = (0.0, 0.0), (0.0, 0.01), (0.01, 0.01)


@pytest.fixture(scope="module")
def alder() -> Town:
    return build_town(1)


@pytest.fixture(scope="module")
def streets(alder: Town, tmp_path_factory: pytest.TempPathFactory) -> Streets:
    return Streets(draw(read_network(write_town(alder, tmp_path_factory.mktemp("osm") / "town.osm.pbf"))))


def test_where_one_is_after_a_share_of_the_way() -> None:
    drive = Drive([A, B, C])
    assert drive.metres == pytest.approx(2 * 1111.95, rel=1e-3)
    assert drive.at(0) == drive.at(-1) == A
    assert drive.at(0.25) == pytest.approx((0.0, 0.005), abs=1e-6)
    assert drive.at(0.75) == pytest.approx((0.005, 0.01), abs=1e-6)
    assert drive.at(1) == drive.at(7) == C
    assert Drive([A, A]).at(0.5) == A


def test_without_a_map_the_way_is_straight() -> None:
    assert Streets({"features": []}).drive(A, C).corners == (A, C)


def test_what_does_not_hang_together_is_driven_straight() -> None:
    far = [(1.0, 1.0), (1.0, 1.01)]
    lines = [[(lng, lat) for lat, lng in line] for line in ([A, B], far)]
    roads = {"layer": "road", "kind": "residential"}
    drawn = {"features": [{"properties": roads, "geometry": {"coordinates": lines}}]}
    assert Streets(drawn).drive(A, far[1]).corners == (A, far[1])


def test_along_ones_own_block_there_is_no_way_round_a_corner(alder: Town, streets: Streets) -> None:
    one, other = alder.houses()[0], alder.houses()[8]
    drive = streets.drive((one.lat, one.lng), (other.lat, other.lng))
    assert len(drive.corners) == 4
    assert drive.metres < 150


def test_every_drive_keeps_to_the_streets_and_crosses_the_river_by_a_bridge(
    alder: Town, streets: Streets
) -> None:
    doors = [(door.lat, door.lng) for door in alder.addresses(3, 40)]
    on_bridges = {(round(lat, 5), round(lng, 5)) for one in alder.bridges for lat, lng in one.line}
    crossed = 0
    for start, end in zip(doors[::2], doors[1::2], strict=True):
        drive = streets.drive(start, end)
        assert (drive.corners[0], drive.corners[-1]) == (start, end)
        assert metres_between(start, end) * 0.99 < drive.metres < 4 * metres_between(start, end) + 2_000
        steps = [drive.at(i / 50) for i in range(51)]
        assert all(streets.drive(at, at).metres < 50 for at in steps), (
            "never farther from a street than a door"
        )
        if alder.is_north(*start) != alder.is_north(*end):
            crossed += 1
            assert len(on_bridges & set(drive.corners)) >= 2
    assert crossed > 3
