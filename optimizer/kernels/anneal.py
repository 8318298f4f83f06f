"""Ruin and recreate under a falling temperature."""

from __future__ import annotations

import numpy as np

from optimizer.kernels.arrays import Arrays
from optimizer.kernels.chance import draw
from optimizer.kernels.compiled import compiled
from optimizer.kernels.recreate import recreate
from optimizer.kernels.routes import Routes
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
        waiting = s.open_list[n]
        penalty = 0.0
        for k in range(waiting):
            s.was_open[s.open_list[k]] = 1
            penalty += a.penalty[s.open_list[k]]
        ruin(a, r, s)
        recreate(a, r, s)
        change = -penalty
        for k in range(s.open_list[n]):
            change += a.penalty[s.open_list[k]]
        for k in range(s.touched_list[m]):
            t = s.touched_list[k]
            change += r.price[t] - s.old.price[t]
        if change < -temperature * np.log(draw(s.chance)):
            s.cost[CURRENT] += change
            s.counters[3] += 1
            if s.cost[CURRENT] <= s.cost[BEST] + pooled_below:
                remember(a, r, s)
            if s.cost[CURRENT] < s.cost[BEST] - 1e-6:
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
    for k in range(s.touched_list[m]):
        s.touched[s.touched_list[k]] = 0
    s.touched_list[m] = 0
    for v in range(len(r.taker)):
        s.was_open[v] = 0
    note_open(r, s)
