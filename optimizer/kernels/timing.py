"""Reads the cheapest schedule off a route whose futures are known: the earliest among equals."""

from __future__ import annotations

import numpy as np

from optimizer.kernels.arrays import ALL_TAKEN, DURATION, FREE_AT, NOTHING, Arrays, Floats, Ints
from optimizer.kernels.compiled import compiled, inlined
from optimizer.kernels.place import future_at
from optimizer.kernels.routes import EARLIEST, LATEST, Routes, kind_of

SAME = 1e-6


@compiled
def read_schedule(a: Arrays, r: Routes, t: int, starts: Floats, ways: Ints) -> float:
    """Fill in when each stop of t's route starts and by which way (Arrays.leave) the stop before it was
    left; ways[size] is the way home. Returns the finish. The route has stops and a legal schedule."""
    n, m = a.fit.shape
    size = r.size[t]
    end, mask, before = a.crew[t, FREE_AT], NOTHING, n + m + t
    for i in range(size):
        v = r.order[t, i]
        after = r.order[t, i + 1] if i + 1 < size else n + t
        start, way = _next_start(a, r, t, before, v, after, end, mask)
        starts[i], ways[i] = start, way
        end, mask, before = start + a.visit[v, DURATION], int(a.leave[t, mask, way, 0]), v
    best, finish = np.inf, np.inf
    for way in range(int(a.leave[t, mask, -1, 0])):
        if int(a.leave[t, mask, way, 0]) != int(a.crew[t, ALL_TAKEN]) or end > a.leave[t, mask, way, 3]:
            continue
        home = max(end + a.leave[t, mask, way, 1] + a.drive[before, n + t], a.leave[t, mask, way, 2])
        price = future_at(r, n + t, int(a.crew[t, ALL_TAKEN]), home)
        if price < best - SAME or (price < best + SAME and home < finish):
            best, finish, ways[size] = price, home, way
    return finish


@inlined
def _next_start(
    a: Arrays, r: Routes, t: int, before: int, v: int, after: int, end: float, mask: int
) -> tuple[float, int]:
    kind = kind_of(a, r, t, v)
    best, chosen, chosen_way = np.inf, np.inf, 0
    for way in range(int(a.leave[t, mask, -1, 0])):
        if end > a.leave[t, mask, way, 3]:
            continue
        rested = int(a.leave[t, mask, way, 0])
        arrival = max(end + a.leave[t, mask, way, 1] + a.drive[before, v], a.leave[t, mask, way, 2])
        arrival = max(arrival, r.cut[v, EARLIEST])
        for piece in range(int(a.pieces[v, kind, -1, 0])):
            begin = a.pieces[v, kind, piece, 0]
            start = max(begin, arrival)
            if start > a.pieces[v, kind, piece, 1] or start > r.cut[v, LATEST]:
                continue
            price = a.pieces[v, kind, piece, 2] + a.pieces[v, kind, piece, 3] * (start - begin)
            price += _onward(a, r, t, v, after, start + a.visit[v, DURATION], rested)
            if price < best - SAME or (price < best + SAME and start < chosen):
                best, chosen, chosen_way = price, start, way
    return chosen, chosen_way


@inlined
def _onward(a: Arrays, r: Routes, t: int, v: int, after: int, end: float, mask: int) -> float:
    best = np.inf
    for way in range(int(a.leave[t, mask, -1, 0])):
        if end <= a.leave[t, mask, way, 3]:
            arrival = max(end + a.leave[t, mask, way, 1] + a.drive[v, after], a.leave[t, mask, way, 2])
            best = min(best, future_at(r, after, int(a.leave[t, mask, way, 0]), arrival))
    return best
