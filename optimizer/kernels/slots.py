"""Windows for one more visit: for each, the cheapest place in routes that stand, perhaps with one stop moved.

The visit that asks is a row of the arrays like any other, in nobody's route. No promise of the routes is
broken or gets later: see `cut` in Routes. A technician whose route costs inf is not asked.
"""

from __future__ import annotations

import numpy as np

from optimizer.kernels.arrays import ALL_TAKEN, DURATION, Arrays, Floats
from optimizer.kernels.compiled import compiled, inlined
from optimizer.kernels.first import offer_in
from optimizer.kernels.place import first_free, fits_van, future_at, put, remove
from optimizer.kernels.routes import LABELS, PIECES, SCHEDULE, WHOLE, Routes

# columns of what is found for each window, and of the cheapest other place of each visit
PRICE, TAKER, POSITION, START, MOVING, TO, AT = 0, 1, 2, 3, 4, 5, 6
COLUMNS = 7
ROOM = 1.0e-6  # a move must save more than that


@compiled
def offer_windows(a: Arrays, r: Routes, v: int, windows: Floats, last: int, found: Floats) -> None:
    """The cheapest place of `v` in each window (sorted by begin), at no position after `last`."""
    for t in range(len(r.size)):
        _scan(a, r, t, v, windows, last, 0.0, found)


@compiled
def _scan(
    a: Arrays, r: Routes, t: int, v: int, windows: Floats, last: int, eased: float, found: Floats
) -> None:
    """Lower what is found so far by the places in t's route, each `eased` dearer; ties go to the earlier start."""
    n, m = a.fit.shape
    if a.fit[v, t] == np.inf or r.price[t, WHOLE] == np.inf or not fits_van(a, r, t, v):
        return
    size, taken, duration = r.size[t], int(a.crew[t, ALL_TAKEN]), a.visit[v, DURATION]
    for position in range(first_free(a, r, t), min(size, last) + 1):
        before = r.order[t, position - 1] if position else n + m + t
        after = r.order[t, position] if position < size else n + t
        labels = int(r.labels[before, LABELS, 0])
        if labels == 0:
            continue
        arrival, onward = r.labels[before, 0, 0] + a.drive[before, v], a.drive[v, after]
        detour = a.drive[before, v] + onward
        if size:
            detour -= a.drive[before, after]
        given = eased + a.fit[v, t] + a.travel_rate * detour - r.price[t, SCHEDULE]
        past = r.labels[before, 0, 1]
        for i in range(1, labels):
            past = min(past, r.labels[before, i, 1])
        is_exact = labels == 1 and int(r.labels[before, 0, 2]) == taken
        for w in range(len(windows)):
            start = max(arrival, windows[w, 0])
            if start > windows[w, 1]:
                continue
            comes = start + duration + onward
            if comes > r.future[after, taken, PIECES, 1]:
                break  # the windows to come begin no sooner
            price = given + past + future_at(r, after, taken, comes)
            if price > found[w, PRICE]:
                continue
            if not is_exact:
                price, start = _with(a, r, t, before, v, after, windows[w, 0], windows[w, 1])
                price += given
            if price < found[w, PRICE] or (price == found[w, PRICE] and start < found[w, START]):
                found[w, PRICE], found[w, TAKER], found[w, POSITION] = price, t, position
                found[w, START], found[w, MOVING] = start, -1


@inlined
def _with(
    a: Arrays, r: Routes, t: int, before: int, v: int, after: int, begin: float, until: float
) -> tuple[float, float]:
    """The schedule's price with `v` between two neighbours, started in the window, and that start."""
    there, onward, duration = a.drive[before, v], a.drive[v, after], a.visit[v, DURATION]
    best, chosen = np.inf, np.inf
    for i in range(int(r.labels[before, LABELS, 0])):
        end, price, mask = r.labels[before, i, 0], r.labels[before, i, 1], int(r.labels[before, i, 2])
        if price > best:
            continue
        for way in range(int(a.leave[t, mask, -1, 0])):
            if end > a.leave[t, mask, way, 3]:
                continue
            rested = int(a.leave[t, mask, way, 0])
            start = max(max(end + a.leave[t, mask, way, 1] + there, a.leave[t, mask, way, 2]), begin)
            if start > until:
                continue
            done = start + duration
            for again in range(int(a.leave[t, rested, -1, 0])):
                if done > a.leave[t, rested, again, 3]:
                    continue
                comes = max(done + a.leave[t, rested, again, 1] + onward, a.leave[t, rested, again, 2])
                whole = price + future_at(r, after, int(a.leave[t, rested, again, 0]), comes)
                if whole < best or (whole == best and start < chosen):
                    best, chosen = whole, start
    return best, chosen


@compiled
def offer_with_a_move(
    a: Arrays, r: Routes, v: int, windows: Floats, last: int, found: Floats, elsewhere: Floats, room: Floats
) -> None:
    """Lower what is found by moving one stop away, for each window: to `elsewhere` or within its route.

    The routes are afterwards what they were. `room`: like `found`, to work in.
    """
    for t in range(len(r.size)):
        if a.fit[v, t] == np.inf or r.price[t, WHOLE] == np.inf:
            continue
        before = r.price[t, WHOLE]
        for out in range(first_free(a, r, t), r.size[t]):
            u = r.order[t, out]
            remove(a, r, t, out)
            for w in range(len(windows)):
                room[w, PRICE] = np.inf
            _scan(a, r, t, v, windows, last, r.price[t, WHOLE] - before, room)
            for w in range(len(windows)):
                price = room[w, PRICE]
                if price + elsewhere[u, PRICE] < found[w, PRICE] - ROOM:
                    _take(found[w], room[w], elsewhere[u, PRICE], u)
                    found[w, TO], found[w, AT] = elsewhere[u, TAKER], elsewhere[u, POSITION]
                if price < found[w, PRICE] - ROOM:
                    allow(a, v, windows[w, 0], windows[w, 1])
                    position = int(room[w, POSITION])
                    put(a, r, t, position, v)
                    back, at = offer_in(a, r, t, u)
                    if price + back < found[w, PRICE] - ROOM:
                        _take(found[w], room[w], back, u)
                        found[w, TO], found[w, AT] = t, at
                    remove(a, r, t, position)
            put(a, r, t, out, u)


@inlined
def _take(row: Floats, first: Floats, dearer: float, moving: int) -> None:
    for k in range(START + 1):
        row[k] = first[k]
    row[PRICE] += dearer
    row[MOVING] = moving


@compiled
def allow(a: Arrays, v: int, begin: float, until: float) -> None:
    """Whoever does `v` may start it between those two seconds, and at no other."""
    for kind in range(4):
        a.pieces[v, kind, 0, 0], a.pieces[v, kind, 0, 1] = begin, until
        a.pieces[v, kind, 0, 2] = a.pieces[v, kind, 0, 3] = 0.0
        a.pieces[v, kind, -1, 0], a.pieces[v, kind, -1, 1] = 1, 0.0


@compiled
def find_elsewhere(a: Arrays, r: Routes, elsewhere: Floats) -> None:
    """For each stop its cheapest place with another technician, everything else as it is."""
    for u in range(len(r.taker)):
        elsewhere[u, PRICE] = np.inf
        for t in range(len(r.size)):
            if r.taker[u] < 0 or r.taker[u] == t:
                continue
            price, position = offer_in(a, r, t, u)
            if price < elsewhere[u, PRICE]:
                elsewhere[u, PRICE], elsewhere[u, TAKER], elsewhere[u, POSITION] = price, t, position
