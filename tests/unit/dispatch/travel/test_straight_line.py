"""Straight-line numbers that can be checked with a pocket calculator."""

import math

import pytest

from dispatch.travel import Point, TravelError
from dispatch.travel.great_circle import metres_between
from dispatch.travel.straight import StraightLine

HOME = Point(0.0, 0.0)


@pytest.mark.parametrize(
    ("place", "metres"),
    [
        (Point(1.0, 0.0), 111_195.08),  # a degree: 2 x pi x 6 371 008.8 / 360
        (Point(0.0, 1.0), 111_195.08),  # the same along the equator
        (Point(0.0, 180.0), 20_015_114.44),  # half the way round
        (Point(90.0, 77.0), 10_007_557.22),  # a pole is a quarter round, from any longitude
        (Point(0.0, 0.0), 0.0),
    ],
)
def test_a_great_circle_has_the_length_of_the_book(place: Point, metres: float) -> None:
    found = metres_between(HOME.lat, HOME.lng, to_lat=place.lat, to_lng=place.lng)
    assert float(found) == pytest.approx(metres, abs=0.01)


def test_a_parallel_shrinks_with_the_cosine() -> None:
    # At 60 degrees half as long; the great circle cuts the corner by a hair.
    found = float(metres_between(60.0, 10.0, to_lat=60.0, to_lng=10.1))
    assert found == pytest.approx(111_195.08 * 0.1 / 2, rel=1e-6)


def test_a_drive_is_a_fixed_part_and_a_price_per_kilometre() -> None:
    # 0.01 degrees = 1111.951 m; x 1.3 = 1445.536 m; at 32 km/h (8.8889 m/s) 162.62 s, up to 163; + 120.
    assert StraightLine().seconds(HOME, Point(0.01, 0.0)) == 163 + 120
    # At 36 km/h (10 m/s), no detour and no stop: 111.195 s, up to 112.
    assert StraightLine(kmh=36, detour=1, stop_seconds=0).seconds(HOME, Point(0.01, 0.0)) == 112


def test_the_matrix_is_the_arithmetic_of_the_day_file() -> None:
    places = [Point(40.31, -76.20), Point(40.29, -76.25), Point(40.35, -76.11), Point(40.31, -76.20)]
    matrix = StraightLine().matrix(places).tolist()
    for i, a in enumerate(places):
        for j, b in enumerate(places):
            assert matrix[i][j] == (0 if i == j else _day_file_seconds(a, b))


def _day_file_seconds(a: Point, b: Point) -> int:
    lat1, lng1, lat2, lng2 = map(math.radians, (a.lat, a.lng, b.lat, b.lng))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lng2 - lng1) / 2) ** 2
    return math.ceil(2 * 6_371_008.8 * math.asin(math.sqrt(h)) * 1.3 / (32 / 3.6)) + 120


def test_another_door_at_the_same_place_still_takes_the_stop_but_staying_takes_nothing() -> None:
    straight = StraightLine()
    assert straight.matrix([HOME, HOME]).tolist() == [[0, 120], [120, 0]]
    assert straight.seconds(HOME, HOME) == 0


def test_it_says_that_it_is_an_estimate() -> None:
    assert StraightLine().is_estimate
    assert StraightLine().attribution == ""
    assert StraightLine().snap(HOME).metres == 0


@pytest.mark.parametrize("wrong", [{"kmh": 0.0}, {"kmh": -1.0}, {"detour": 0.0}, {"stop_seconds": -1}])
def test_impossible_speeds_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(TravelError):
        StraightLine(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lat", "lng"), [(90.1, 0.0), (0.0, 180.1), (math.nan, 0.0), (0.0, math.nan), (math.inf, 0.0)]
)
def test_a_place_off_the_globe_is_refused(lat: float, lng: float) -> None:
    with pytest.raises(TravelError, match="degrees"):
        Point(lat, lng)
