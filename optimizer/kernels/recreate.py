"""Recreate: the open visits are put back one by one, each at its cheapest place, now and then not quite."""

from __future__ import annotations

import numpy as np

from optimizer.kernels.arrays import ALIKE, NOWHERE, PENALTY, TOLD, Arrays
from optimizer.kernels.chance import below, draw
from optimizer.kernels.compiled import compiled, inlined
from optimizer.kernels.place import first_free, fits_van, least_with, price_with, put
from optimizer.kernels.routes import SCHEDULE, Routes, kind_of
from optimizer.kernels.search import BLINK, Search, touch


@compiled
def recreate(a: Arrays, r: Routes, s: Search) -> None:
    """Put every open visit where it costs least, if that is less than leaving it undone."""
    _sort(r, s)
    n = len(r.taker)
    left = 0
    for k in range(s.open[0, n]):
        v = s.open[0, k]
        t, position = cheapest_place(a, r, s, v, s.numbers[BLINK])
        if t >= 0:
            touch(a, r, s, t)
            put(a, r, t, position, v)
        else:
            s.open[0, left] = v
            left += 1
    s.open[0, n] = left


@inlined
def cheapest_place(a: Arrays, r: Routes, s: Search, v: int, blink: float) -> tuple[int, int]:
    """(technician, position) where `v` raises the price least, (-1, -1) if by no less than its penalty.

    A visit that was open before this iteration is tried only in routes that have changed since.
    """
    n, m = a.fit.shape
    best, best_t, best_position = a.visit[v, PENALTY], NOWHERE, NOWHERE
    s.counters[1] += 1
    scan = s.counters[1]
    first = max(0, int(a.visit[v, TOLD]))
    for k in range(m):
        t = first + k if first + k < m else first + k - m
        given = a.fit[v, t]
        if given == np.inf or (s.open[1, v] and not s.touched[1, t]):
            continue
        size = r.size[t]
        if size == 0:
            if s.touched[2, int(a.crew[t, ALIKE])] == scan:
                continue
            s.touched[2, int(a.crew[t, ALIKE])] = scan
        given += a.pieces[v, kind_of(a, r, t, v), -1, 1]
        if given >= best or not fits_van(a, r, t, v):
            continue
        own_least = given - a.fit[v, t]
        for position in range(first_free(a, r, t), size + 1):
            before = r.order[t, position - 1] if position else n + m + t
            after = r.order[t, position] if position < size else n + t
            detour = a.drive[before, v] + a.drive[v, after]
            if size:
                detour -= a.drive[before, after]
            lower = given + a.travel_rate * detour
            if lower >= best:
                continue
            known = r.price[t, SCHEDULE] + own_least - lower
            price, is_exact = least_with(a, r, t, before, v, after)
            if price - known >= best:
                continue
            if not is_exact:
                price = price_with(a, r, t, before, v, after, best + known)
            if price - known < best and draw(s.chance) >= blink:
                best, best_t, best_position = price - known, t, position
    return best_t, best_position


@inlined
def _sort(r: Routes, s: Search) -> None:
    """Order the open visits by one of the keys, or at random."""
    n = len(r.taker)
    count = s.open[0, n]
    kind = below(s.chance, s.keys.shape[1] + 4) - 4
    if kind < 0:
        for i in range(count - 1, 0, -1):
            j = below(s.chance, i + 1)
            s.open[0, i], s.open[0, j] = s.open[0, j], s.open[0, i]
        return
    for i in range(1, count):
        v = s.open[0, i]
        j = i - 1
        while j >= 0 and s.keys[s.open[0, j], kind] > s.keys[v, kind]:
            s.open[0, j + 1] = s.open[0, j]
            j -= 1
        s.open[0, j + 1] = v
