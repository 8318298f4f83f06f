"""Where a break has room in a shift from 08:00 to 17:00."""

from __future__ import annotations

import pytest

from dispatch.technicians.rules import break_problem


@pytest.mark.parametrize(
    ("earliest", "latest", "minutes", "fits"),
    [
        ("11:30", "13:30", 30, True),
        ("08:00", "08:00", 30, True),
        ("07:59", "09:00", 30, False),  # before the shift
        ("12:00", "16:30", 30, True),  # begun at 16:30 it ends with the shift
        ("12:00", "16:31", 30, False),
        ("13:00", "12:00", 30, False),  # the wrong way round
    ],
)
def test_a_break_lies_in_the_shift_however_late_it_begins(
    earliest: str, latest: str, minutes: int, fits: bool
) -> None:
    problem = break_problem("08:00", "17:00", earliest=earliest, latest=latest, minutes=minutes)
    assert (problem is None) is fits
