"""What the summary of a watched day says about its seconds."""

from __future__ import annotations

import pytest

from api.simulation.demo import Paces


@pytest.mark.parametrize(
    ("rates", "steps", "sentence"),
    [
        ([60], 0, "Every second of this machine counted as 60 in these figures."),
        ([60, 0], 0, "Every second of this machine counted as 60 in these figures."),
        ([60, 1, 10], 0, "Every second of this machine counted as 1, 10 or 60 in these figures."),
        (
            [60, 300],
            1,
            "Every second of this machine counted as 60 or 300 in these figures, or less while people caught up. "
            "The clock was stepped on by hand once.",
        ),
    ],
)
def test_nobody_takes_its_seconds_for_their_own(rates: list[float], steps: int, sentence: str) -> None:
    paces = Paces(set(), steps)
    for rate in rates:
        paces.note(rate)
    assert paces.sentence == sentence
