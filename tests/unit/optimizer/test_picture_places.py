"""Where things lie on the picture: hours, lanes, drives, places on the map."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer import Route, Stop
from optimizer.picture.layout import apart, arrange, by_travel_time, metres
from optimizer.picture.rows import Axis, axis_of, drives, lanes
from optimizer.picture.svg import shortened, width_of, wrapped
from tests.unit.optimizer.worlds import HOUR, a_day, a_technician, a_visit, at, window


def test_ten_oclock_is_a_fifth_of_the_way_from_eight_to_six() -> None:
    axis = Axis(100, 1000, at("8:00"), at("18:00"))
    assert axis.x(at("10:00")) == 300
    assert axis.x(at("7:00")) == 100
    assert axis.x(at("19:00")) == 1100


def test_the_hours_are_never_too_many_to_be_written() -> None:
    axis = Axis(0, 1000, 0, 100 * HOUR)
    assert list(axis.hours())[:3] == [0, 5 * HOUR, 10 * HOUR]


def test_the_axis_goes_from_now_until_the_last_hour_that_may_be_worked() -> None:
    """Now is 9:40, overtime ends at 18:00, which is more than an hour after the shift's end at 16:00."""
    day = a_day(a_technician(), a_visit("v1"), now="9:40")
    axis = axis_of(day, {}, left=0, width=100)
    assert (axis.begin, axis.end) == window("9:00-17:00")


def test_a_lane_is_used_again_when_it_is_free() -> None:
    assert lanes([(0, 10), (5, 20), (14, 30), (15, 16)]) == [0, 1, 0, 2]


def test_a_drive_pauses_for_a_break() -> None:
    """Thirty minutes to v3 from 8:00 with a break from 8:10 to 8:20, then ten minutes to v4 and four times ten home."""
    ann = a_technician(end_location=0)
    day = a_day(ann, a_visit("v3"), a_visit("v4"))
    stops = (
        Stop("break", "tea", at("8:10"), at("8:20")),
        Stop("visit", "v3", at("8:40"), at("9:10")),
        Stop("visit", "v4", at("10:00"), at("10:30")),
    )
    found = drives(day, ann, Route("ann", stops, at("11:10")))
    assert found == [window(text) for text in ("8:00-8:10", "8:20-8:40", "9:10-9:20", "10:30-11:10")]


def test_places_on_a_line_stay_on_a_line_when_travel_time_arranges_them() -> None:
    """Locations ten minutes from one to the next: 600 seconds apart on paper, and none off the line."""
    found = by_travel_time(a_day().travel, [0, 1, 2, 3])
    assert np.abs(np.diff(found[:, 0])) == pytest.approx([600, 600, 600])
    assert found[:, 1] == pytest.approx([0, 0, 0, 0], abs=1e-3)


def test_a_picture_by_travel_time_says_so() -> None:
    found = arrange(a_day(), range(10), width=500, heights=(100, 400), edge=20)
    assert found.note == "places arranged by travel time"
    assert found.ruler is not None
    assert found.ruler.words == "about 10 min of travel"
    # Ninety minutes lie across 460 pixels
    assert found.ruler.pixels == pytest.approx(460 / 9)


def test_coordinates_keep_their_shape_and_north_is_up() -> None:
    """A thousandth of a degree of latitude is 111 m; of longitude at 60° north half as much."""
    found = metres([(60.0005, 10.0), (59.9995, 10.0), (60.0005, 10.001)])
    assert found[1] - found[0] == pytest.approx([0, 111.2], abs=0.1)
    assert found[2] - found[0] == pytest.approx([55.6, 0], abs=0.1)


def test_places_on_both_sides_of_the_date_line_are_neighbours() -> None:
    found = metres([(0, 179.999), (0, -179.999)])
    assert found[1][0] - found[0][0] == pytest.approx(222.4, abs=0.1)


def test_a_far_home_does_not_make_the_map_small() -> None:
    """Three visits within 0.02 degrees, and a home a hundred times as far away: it comes to lie outside."""
    places = ((0.0, 0.0), (0.0, 0.02), (0.01, 0.01), (0.0, 2.0), *((0.0, 0.0),) * 6)
    day = a_day(places=places)
    near = arrange(day, range(4), aside=[3], width=500, heights=(100, 400), edge=20)
    assert near.at[1][0] - near.at[0][0] == pytest.approx(460)
    assert near.at[3][0] > 500
    far = arrange(day, range(4), width=500, heights=(100, 400), edge=20)
    assert far.at[1][0] - far.at[0][0] == pytest.approx(4.6)


def test_marks_on_one_spot_are_moved_apart() -> None:
    found = apart(np.zeros((5, 2)), 10, farthest=100)
    gaps = [np.hypot(*(found[i] - found[j])) for i in range(5) for j in range(i)]
    assert min(gaps) >= 9.5
    assert np.hypot(*found.T).max() < 20


def test_text_is_cut_or_broken_where_it_is_too_wide() -> None:
    assert shortened("a very long name", 10, 60).endswith("…")
    assert width_of(shortened("a very long name", 10, 60), 10) <= 60
    assert wrapped("one two three", 10, 50) == ["one two", "three"]
