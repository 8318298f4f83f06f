"""Forecasts beside outcomes, and how good they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimizer import Shocks, odds
from tests.unit.optimizer.true_days import Learnt, a_day, a_luck, learn, lived, planned, stops_of

BINS = np.array([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0])


@dataclass(frozen=True)
class Forecasts:
    """For each promise: the chance said, whether the plan without any spread keeps it, whether it was kept."""

    learnt: Learnt
    said: np.ndarray
    certain: np.ndarray
    kept: np.ndarray

    def __len__(self) -> int:
        return len(self.said)


def forecasts(
    *, days: int, history: int, seed: int, samples: int = 1000, shocks: Shocks | None = None
) -> Forecasts:
    """`shocks` instead of those learnt from the record."""
    random = np.random.default_rng(seed)
    learnt = learn(history, random)
    rows: list[tuple[float, bool, bool]] = []
    for number in range(days):
        nominal, kinds = a_day(f"day{number}", random)
        told, plan = planned(nominal, kinds, learnt, random)
        found = odds(told, plan, samples=samples, seed=number, shocks=shocks or learnt.shocks)
        for visit_id, start in lived(nominal, told, plan, a_luck(stops_of(nominal, kinds), random)):
            begin, end = told.visit(visit_id).windows[0]
            expected = plan.start_of(visit_id) or 0
            rows.append((found.visits[visit_id].chance, begin <= expected <= end, begin <= start <= end))
    said, certain, kept = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return Forecasts(learnt, said, certain, kept)


@dataclass(frozen=True)
class Score:
    """Brier scores (lower is better) and the expected calibration error, over the bins of the table."""

    brier: float
    brier_base_rate: float
    brier_certain: float
    calibration_error: float


def score(found: Forecasts) -> Score:
    def brier(said: np.ndarray | float) -> float:
        return round(float(np.mean((said - found.kept) ** 2)), 4)

    error = sum(count * abs(said - kept) for count, said, kept in _bins(found)) / len(found)
    return Score(brier(found.said), brier(found.kept.mean()), brier(found.certain), round(error, 4))


def table(found: Forecasts) -> Iterator[str]:
    for (count, said, kept), low, high in zip(_bins(found), BINS, BINS[1:], strict=False):
        yield f"| {low:.2f}–{high:.2f} | {count} | {said:.3f} | {kept:.3f} |"


def _bins(found: Forecasts) -> list[tuple[int, float, float]]:
    places = np.clip(np.digitize(found.said, BINS) - 1, 0, len(BINS) - 2)
    rows = []
    for place in range(len(BINS) - 1):
        inside = places == place
        count = int(inside.sum())
        rows.append(
            (count, float(found.said[inside].mean()), float(found.kept[inside].mean()))
            if count
            else (0, 0.0, 0.0)
        )
    return rows
