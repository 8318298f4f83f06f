"""A small dose of a whole day over HTTP: somebody falls silent, and everybody is made good the same day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import httpx2
import pytest

from api.simulation.demo import Outcome, play
from api.simulation.script import Script

HARRISBURG = Path(__file__).parents[3] / "shared/data/osm/harrisburg.osm.pbf"
SILENT_AT = dt.time(8, 50)


def rehearse(roads: Path | None) -> tuple[Outcome, list[str]]:
    script = Script(
        fast=True,
        seed=1,
        port=0,
        roads=roads,
        technicians=3,
        visits=7,
        silent=SILENT_AT,
        step=dt.timedelta(minutes=3),
        last_window_ends=dt.time(12),
    )
    told: list[str] = []
    return play(script, told.append, wait=lambda seconds: None), told


@pytest.fixture(scope="module", params=["streets of the town", "streets of harrisburg"])
def day(request: pytest.FixtureRequest) -> tuple[Outcome, list[str]]:
    if request.param == "streets of the town":
        return rehearse(None)
    if not HARRISBURG.exists():
        pytest.skip(f"There is no road extract at {HARRISBURG}: the day on real streets was not lived.")
    return rehearse(HARRISBURG)


def test_nobody_is_forgotten(day: tuple[Outcome, list[str]]) -> None:
    """Every promise is kept, or its visit was made good, or stands on another day with the customer's word."""
    outcome, _ = day
    assert outcome.findings == ()
    assert outcome.unfinished == ()
    report = outcome.report
    made_good = report["recovered_same_day"] + report["recovered_later"]
    assert made_good + report["still_open"] == report["broken"]
    assert report["kept"] + report["still_open"] == 7


def test_the_silent_technicians_customer_is_told_and_visited_the_same_day(
    day: tuple[Outcome, list[str]],
) -> None:
    outcome, told = day
    story = "\n".join(told)
    chain = ("technician silent:", "PROMISE BROKEN", "held:", "Reply 1", "MADE GOOD: done same day")
    at = [story.find(words) for words in chain]
    assert -1 not in at, story
    assert at == sorted(at)
    assert outcome.report["recovered_same_day"] >= 1


def test_a_day_that_is_stepped_by_hand_is_lived_by_everybody() -> None:
    """Whoever watches pauses, and then only presses "+ 1 hour": still nobody is late because of it."""
    told: list[str] = []
    presses = iter([{"rate": "300"}, {"rate": "0"}])

    def press(_: float) -> None:
        (house,) = (line.split()[-1] for line in told if line.startswith("Everything:"))
        form = next(presses, {"minutes": "60"})
        answer = httpx2.post(f"{house}panel/clock", data=form, timeout=60)
        assert answer.status_code == 303

    script = Script(seed=1, port=0, technicians=2, visits=4, silent=SILENT_AT, last_window_ends=dt.time(12))
    outcome = play(script, told.append, wait=press)
    assert outcome.findings == ()
    assert outcome.unfinished == ()
    assert outcome.report["kept"] + outcome.report["still_open"] == 4
    (sentence,) = (line for line in told if line.startswith("Every second of this machine"))
    assert "counted as 60 or 300" in sentence
    assert "stepped on by hand" in sentence
