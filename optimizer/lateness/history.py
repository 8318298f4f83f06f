"""What a record of finished work says about spreads: how much they vary, and how far they go together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.lateness.draws import Shocks

Residuals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Seen:
    """A piece of work or a drive that happened: `seconds` instead of the `usual` ones (both above 0).

    `kind`: what it is compared with (a service's code, say). `day` and `technician`: where and with whom
    delays may have gone together.
    """

    kind: str
    day: str
    technician: str
    usual: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation, both as a multiple of the usual seconds."""

    mean: float
    deviation: float


def fit_spread(seen: Iterable[Seen]) -> Spread:
    """The spread of one kind, outliers and all: a job that went badly wrong is part of what may happen.

    Raises ValueError with fewer than two of them.
    """
    ratios = np.array([one.seconds / one.usual for one in seen])
    if len(ratios) < 2:
        raise ValueError("a spread needs at least two pieces of work")
    return Spread(float(ratios.mean()), float(ratios.std(ddof=1)))


def fit_shocks(work: Iterable[Seen], drives: Iterable[Seen]) -> Shocks:
    """How far delays went together: the mean correlation of pairs, of logarithms, kind by kind.

    Pairs of one technician's day, pairs of different technicians on one day, and pairs of drives of one
    day. Never below 0. A few hundred pieces of work over a few weeks say something, fewer say nothing.
    """
    done, driven = list(work), list(drives)
    residuals = _residuals(done)
    person, person_pairs = _products(done, residuals, lambda one: (one.day, one.technician))
    day, day_pairs = _products(done, residuals, lambda one: one.day)
    together = _share(person, person_pairs)
    common = min(_share(day - person, day_pairs - person_pairs), together)
    traffic = _share(*_products(driven, _residuals(driven), lambda one: one.day))
    return Shocks(technician=together - common, day=common, traffic=traffic)


def _residuals(seen: Sequence[Seen]) -> Residuals:
    """Logarithms of the ratios, of mean 0 and variance 1 within each kind."""
    logs = np.log([one.seconds / one.usual for one in seen]) if seen else np.empty(0)
    for rows in _groups(seen, lambda one: one.kind):
        deviation = float(logs[rows].std())
        logs[rows] = (logs[rows] - logs[rows].mean()) / (deviation or 1)
    return logs


def _products(
    seen: Sequence[Seen], residuals: Residuals, key: Callable[[Seen], Hashable]
) -> tuple[float, int]:
    """The sum over all pairs inside a group, and how many there are."""
    total, pairs = 0.0, 0
    for rows in _groups(seen, key):
        mine = residuals[rows]
        total += float(mine.sum() ** 2 - (mine**2).sum()) / 2
        pairs += len(rows) * (len(rows) - 1) // 2
    return total, pairs


def _groups(seen: Sequence[Seen], key: Callable[[Seen], Hashable]) -> list[list[int]]:
    found: dict[Hashable, list[int]] = defaultdict(list)
    for row, one in enumerate(seen):
        found[key(one)].append(row)
    return list(found.values())


def _share(total: float, pairs: int) -> float:
    return min(max(total / pairs, 0.0), 1.0) if pairs else 0.0
