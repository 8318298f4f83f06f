"""Where somebody is taken to be, and what a waiting customer may see of it: rules over plain values."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from dispatch.board.day_map import MapVisit, Whereabouts, state_word, whereabouts
from dispatch.board.on_the_way import last_to_show
from dispatch.technicians.tables import Position
from dispatch.travel.port import Point
from dispatch.visits.states import VisitState
from tests.builders import near

NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
HOME = near()
STOP = MapVisit(
    id="v",
    reference="R",
    customer="Ana Cole",
    lat=near(km_north=4).lat,
    lng=near(km_north=4).lng,
    window_text="",
    state=VisitState.BOOKED,
    at_risk=False,
    technician_id="t",
    order=1,
    start_at=NINE,
    left_at=None,
    arrived_at=None,
    drive=dt.timedelta(minutes=20),
)


def at(minutes: int) -> dt.datetime:
    return NINE + dt.timedelta(minutes=minutes)


def position(minutes: int, *, km_north: float) -> Position:
    place = near(km_north=km_north)
    return Position(
        id=str(minutes),
        technician_id="t",
        at=at(minutes),
        received_at=at(minutes),
        lat=place.lat,
        lng=place.lng,
    )


def place(found: Whereabouts) -> tuple[float, bool]:
    """Kilometres north of the middle, and whether they were seen there."""
    return round((found.lat - HOME.lat) * 111.195, 2), found.seen


GOING = replace(STOP, state=VisitState.EN_ROUTE, left_at=at(0))
DOOR = replace(
    STOP,
    id="d",
    state=VisitState.DONE,
    lat=near(km_north=2).lat,
    lng=near(km_north=2).lng,
    left_at=at(-60),
    arrived_at=at(-50),
)


@pytest.mark.parametrize(
    ("mine", "last", "expected"),
    [
        ([], None, (0.0, False)),  # at home, where the day begins
        ([], position(-5, km_north=1), (1.0, True)),
        ([DOOR], None, (2.0, False)),
        ([DOOR], position(-55, km_north=1), (2.0, False)),  # has arrived at that door since
        ([DOOR], position(-5, km_north=1), (1.0, True)),
        ([GOING], None, (2.0, False)),  # ten of twenty minutes: half of the four kilometres
        ([GOING], position(-5, km_north=2), (3.0, False)),  # from where they were seen last
        ([GOING], position(5, km_north=3.5), (3.5, True)),
        ([DOOR, GOING], None, (3.0, False)),
        ([DOOR, GOING], position(-55, km_north=1), (3.0, False)),
    ],
)
def test_a_position_counts_until_a_newer_step(
    mine: list[MapVisit], last: Position | None, expected: tuple[float, bool]
) -> None:
    assert place(whereabouts(HOME, last, mine, at(10))) == expected


def test_whoever_is_late_is_expected_at_the_door_and_no_farther() -> None:
    assert place(whereabouts(HOME, None, [GOING], at(90))) == (4.0, False)


def test_what_somebody_does_in_one_word() -> None:
    here = replace(STOP, state=VisitState.ON_SITE, arrived_at=at(0))
    assert state_word([STOP], is_absent=False, is_silent=False) == "free"
    assert state_word([STOP, GOING], is_absent=False, is_silent=False) == "driving"
    assert state_word([STOP, here], is_absent=False, is_silent=False) == "at work"
    assert state_word([here], is_absent=False, is_silent=True) == "silent"
    assert state_word([here], is_absent=True, is_silent=True) == "absent"


def seen(*trace: Position, private: tuple[Point, ...] = ()) -> str | None:
    found = last_to_show(trace, at(0), private)
    return found.id if found else None


def test_only_what_was_seen_since_leaving_and_away_from_where_it_began() -> None:
    assert seen() is None
    assert seen(position(-5, km_north=1)) is None
    assert seen(position(0, km_north=1)) is None, "still at the door before"
    assert seen(position(-5, km_north=1), position(1, km_north=1.1)) is None
    assert seen(position(-5, km_north=1), position(2, km_north=1.5)) == "2"


def test_past_another_door_the_last_place_before_it_is_shown() -> None:
    other = near(km_north=3)
    trace = position(2, km_north=2.5), position(4, km_north=2.9)
    assert seen(*trace) == "4"
    assert seen(*trace, private=(other,)) == "2"
    assert seen(*trace, position(6, km_north=3.3), private=(other,)) == "6"
