"""Ruin and recreate under a falling temperature."""

from __future__ import annotations

import numpy as np

from optimizer.kernels.arrays import PENALTY, Arrays
from optimizer.kernels.chance import draw
from optimizer.kernels.compiled import compiled
from optimizer.kernels.recreate import recreate
from optimizer.kernels.routes import WHOLE, Routes
from optimizer.kernels.ruin import ruin
from optimizer.kernels.search import BEST, CURRENT, Search, keep_best, note_open, remember, start_from, undo


@compiled
def anneal(
    a: Arrays, r: Routes, s: Search, iterations: int, hot: float, cold: float, pooled_below: float
) -> None:
    """So many iterations, from temperature `hot` to `cold`; routes of accepted plans no dearer than
    the best by more than `pooled_below` are remembered."""
    n, m = a.fit.shape
    cooling = (cold / hot) ** (1.0 / max(1, iterations))
    temperature = hot
    for _ in range(iterations):
        temperature *= cooling
        s.counters[2] += 1
        waiting = s.open[0, n]
        penalty = 0.0
        for k in range(waiting):
            s.open[1, s.open[0, k]] = 1
            penalty += a.visit[s.open[0, k], PENALTY]
        ruin(a, r, s)
        recreate(a, r, s)
        change = -penalty
        for k in range(s.open[0, n]):
            change += a.visit[s.open[0, k], PENALTY]
        for k in range(s.touched[0, m]):
            t = s.touched[0, k]
            change += r.price[t, WHOLE] - s.old_price[t, WHOLE]
        if change < -temperature * np.log(draw(s.chance)):
            s.numbers[CURRENT] += change
            s.counters[3] += 1
            if s.numbers[CURRENT] <= s.numbers[BEST] + pooled_below:
                remember(a, r, s)
            if s.numbers[CURRENT] < s.numbers[BEST] - 1e-6:
                keep_best(r, s)
        else:
            undo(a, r, s)
        _forget(r, s)


@compiled
def construct(a: Arrays, r: Routes, s: Search) -> None:
    """Put in every open visit that is cheaper done than left, and take the result for the current plan."""
    recreate(a, r, s)
    _forget(r, s)
    start_from(a, r, s)


@compiled
def _forget(r: Routes, s: Search) -> None:
    """End an iteration: no route is touched, and the open visits are those in nobody's route."""
    m = len(r.size)
    for k in range(s.touched[0, m]):
        s.touched[1, s.touched[0, k]] = 0
    s.touched[0, m] = 0
    for v in range(len(r.taker)):
        s.open[1, v] = 0
    note_open(r, s)
