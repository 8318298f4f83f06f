"""What is missing before the first booking, told from plain values."""

from __future__ import annotations

from dispatch.board.readiness import Gap, Hand, Offered, gaps

FIBER = Offered(id="s1", name="Fiber line", skills={"fiber": 2}, parts={"router": 1})
ABLE = Hand(skills={"fiber": 2}, parts={"router": 3})


def told(*args: object, **values: object) -> list[Gap]:
    return [one.gap for one in gaps(*args, **values)]


def test_an_empty_house_needs_a_service_and_a_technician() -> None:
    assert told([], []) == [Gap.NO_SERVICE, Gap.NO_TECHNICIAN]


def test_one_technician_who_can_it_with_the_part_in_the_van_is_enough() -> None:
    assert told([FIBER], [ABLE]) == []


def test_a_technician_without_hours_is_nobody() -> None:
    assert told([FIBER], [Hand(has_hours=False, skills={"fiber": 2})]) == [Gap.NO_HOURS]


def test_a_level_too_low_does_not_help() -> None:
    (found,) = gaps([FIBER], [Hand(skills={"fiber": 1}, parts={"router": 3})])
    assert (found.gap, found.about, found.about_id, found.blocks) == (Gap.NO_HANDS, "Fiber line", "s1", True)


def test_the_part_must_lie_in_the_van_of_somebody_who_can_it() -> None:
    assert told([FIBER], [Hand(skills={"fiber": 2}), Hand(parts={"router": 5})]) == [Gap.NO_PARTS]


def test_a_window_longer_than_the_day_is_never_sold() -> None:
    """Two-hour windows, and one hour between the first and the last that is sold."""
    assert told([FIBER], [ABLE], open_seconds=3600) == [Gap.NO_WINDOW]


def test_a_missing_phone_of_the_office_stops_nothing() -> None:
    (found,) = gaps([FIBER], [ABLE], has_phone=False)
    assert not found.blocks
    assert told([FIBER], [ABLE], has_centre=False) == [Gap.NO_CENTRE]
