"""When the model says 80 %, eight in ten are kept: also where work and traffic follow another law than its own.

The bounds are far from what was measured (docs/optimizer-lateness.md); the seed is fixed.
"""

from __future__ import annotations

from math import exp, log1p, sqrt

import numpy as np
import pytest

from optimizer import Seen, Shocks, fit_shocks, fit_spread
from tests.unit.optimizer.calibration import Forecasts, forecasts, score


@pytest.fixture(scope="module")
def found() -> Forecasts:
    return forecasts(days=100, history=60, seed=1, samples=400)


def test_the_chances_are_true(found: Forecasts) -> None:
    assert len(found) >= 5_000
    assert score(found).calibration_error <= 0.05
    high = found.said >= 0.95
    assert found.kept[high].mean() >= 0.95


def test_they_say_more_than_the_base_rate_and_than_a_plan_without_doubt(found: Forecasts) -> None:
    said = score(found)
    assert said.brier < 0.9 * said.brier_base_rate
    assert said.brier < 0.9 * said.brier_certain


def a_record(shocks: Shocks, *, variation: float = 0.4) -> list[Seen]:
    """200 days, five technicians, five pieces of work each, of the model's own family."""
    random = np.random.default_rng(7)
    deviation = sqrt(log1p(variation**2))
    seen = []
    for day in range(200):
        common = sqrt(shocks.day) * random.standard_normal()
        for technician in range(5):
            own = common + sqrt(shocks.technician) * random.standard_normal()
            for number in range(5):
                luck = own + sqrt(1 - shocks.day - shocks.technician) * random.standard_normal()
                usual = 1800 * (1 + number)
                took = usual * exp(deviation * luck - deviation**2 / 2)
                seen.append(Seen("repair", f"d{day}", f"t{technician}", usual, took))
    return seen


def test_a_record_tells_what_was_put_in() -> None:
    record = a_record(Shocks(technician=0.3, day=0.1, traffic=0))
    spread, shocks = fit_spread(record), fit_shocks(record, record)
    assert (spread.mean, spread.deviation) == pytest.approx((1, 0.4), abs=0.03)
    assert (shocks.technician, shocks.day) == pytest.approx((0.3, 0.1), abs=0.04)
    assert shocks.traffic == pytest.approx(0.15, abs=0.04)  # 0.4 within a technician's five, 0.1 elsewhere


def test_little_is_learnt_from_little() -> None:
    once = [Seen("repair", "d1", "t1", 1800, 3600)]
    assert fit_shocks(once, []) == Shocks(technician=0, day=0, traffic=0)
    with pytest.raises(ValueError, match="at least two"):
        fit_spread(once)


def test_kinds_that_differ_are_no_common_delay() -> None:
    """Every repair takes twice as long as booked, every check-up half: nobody's day was slow."""
    seen = [
        Seen(kind, f"d{day}", "t1", 1800, 1800 * factor * (0.9 if (day + turn) % 2 else 1.1))
        for day in range(20)
        for turn, (kind, factor) in enumerate((("repair", 2.0), ("check-up", 0.5)))
    ]
    assert fit_shocks(seen, []).technician == 0
