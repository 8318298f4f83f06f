"""The first answer: open visits into standing routes, one visit moved aside where that makes room.

`strict` of the routes says which promises must be kept; the others have a cut (latest): nothing here
breaks one of the first or makes one of the second later.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimizer.kernels.arrays import NEVER, NOTHING, NOWHERE, PENALTY, Arrays, Floats, Ints
from optimizer.kernels.compiled import compiled, inlined
from optimizer.kernels.place import first_free, offer_below, put, remove, set_order
from optimizer.kernels.routes import LATEST, STRICT, WHOLE, Routes, kind_of
from optimizer.kernels.timing import read_schedule


class Desk(NamedTuple):
    """Room to work on the first answer."""

    offer: Floats  # n x m: the least rise in price
    place: Ints  # n x m: at which position
    saved: Ints  # n: an order
    orders: Ints  # m x n
    sizes: Ints  # m
    starts: Floats  # n
    ways: Ints  # n + 1


def desk_for(a: Arrays) -> Desk:
    """An empty desk."""
    n, m = a.fit.shape
    return Desk(
        offer=np.zeros((n, m)),
        place=np.zeros((n, m), dtype=np.int64),
        saved=np.zeros(n, dtype=np.int64),
        orders=np.zeros((m, n), dtype=np.int64),
        sizes=np.zeros(m, dtype=np.int64),
        starts=np.zeros(n),
        ways=np.zeros(n + 1, dtype=np.int64),
    )


@compiled
def offer_in(a: Arrays, r: Routes, t: int, v: int) -> tuple[float, int]:
    """(price, position) of the cheapest place for `v` in t's route; (inf, -1) where there is none."""
    if a.fit[v, t] == np.inf or r.price[t, WHOLE] == np.inf:
        return np.inf, NOWHERE
    return offer_below(a, r, t, v, np.inf)


@compiled
def offers_in(a: Arrays, r: Routes, v: int, found: Floats) -> None:
    """offer_in() of every technician, one row each."""
    for t in range(a.fit.shape[1]):
        found[t, 0], found[t, 1] = offer_in(a, r, t, v)


@compiled
def insert_all(a: Arrays, r: Routes, desk: Desk, late: bool) -> None:
    """Put open visits in, one by one, until none has a place that is cheaper than leaving it undone.

    Next is the visit that is dearest to leave undone, among equals the one that would lose most if its best
    technician were taken (regret-2 insertion, Potvin and Rousseau 1993). `late`: promises may be broken.
    """
    n, m = a.fit.shape
    for v in range(n):
        if r.taker[v] < 0:
            r.cut[v, STRICT], r.cut[v, LATEST] = 0 if late else 1, NEVER
            for t in range(m):
                desk.offer[v, t], desk.place[v, t] = offer_in(a, r, t, v)
    while True:
        chosen, chosen_t = NOWHERE, NOWHERE
        most, most_regret = -1.0, -1.0
        for v in range(n):
            if r.taker[v] >= 0 or a.visit[v, PENALTY] < most:
                continue
            first, second, first_t = np.inf, a.visit[v, PENALTY], NOWHERE
            offers = 0
            for t in range(m):
                price = desk.offer[v, t]
                offers += price < np.inf
                if price < first:
                    second = first if offers > 1 else second
                    first, first_t = price, t
                elif price < second or offers == 2:
                    second = price if price < np.inf else second
            if first >= a.visit[v, PENALTY]:
                continue
            if a.visit[v, PENALTY] > most or second - first > most_regret:
                chosen, chosen_t, most, most_regret = v, first_t, a.visit[v, PENALTY], second - first
        if chosen < 0:
            return
        put(a, r, chosen_t, desk.place[chosen, chosen_t], chosen)
        if late:
            _settle_lateness(a, r, desk, chosen, chosen_t)
        for v in range(n):
            if r.taker[v] < 0 and desk.offer[v, chosen_t] < np.inf:
                desk.offer[v, chosen_t], desk.place[v, chosen_t] = offer_in(a, r, chosen_t, v)


@compiled
def _settle_lateness(a: Arrays, r: Routes, desk: Desk, v: int, t: int) -> None:
    """A promise just given up may get no later; one that is kept stays kept."""
    read_schedule(a, r, t, desk.starts, desk.ways)
    place = NOTHING
    while r.order[t, place] != v:
        place += 1
    start = desk.starts[place]
    if in_time(a, v, start):
        r.cut[v, STRICT] = 1
    else:
        r.cut[v, LATEST] = start
    for i in range(r.size[t]):
        desk.saved[i] = r.order[t, i]
    set_order(a, r, t, desk.saved, r.size[t])


@inlined
def in_time(a: Arrays, v: int, start: float) -> bool:
    """Whether that start breaks no promise."""
    for piece in range(int(a.pieces[v, 2, -1, 0])):
        if a.pieces[v, 2, piece, 0] <= start <= a.pieces[v, 2, piece, 1]:
            return True
    return False


@compiled
def eject_for(a: Arrays, r: Routes, desk: Desk, v: int) -> bool:
    """Move one placed visit elsewhere, unharmed, if that lets `v` in for less than leaving it undone."""
    m = a.fit.shape[1]
    best = a.visit[v, PENALTY]
    best_t = best_out = best_in = best_to = best_at = NOWHERE
    r.cut[v, STRICT], r.cut[v, LATEST] = 1, NEVER
    for t in range(m):
        if a.fit[v, t] == np.inf or r.size[t] == 0:
            continue
        before = r.price[t, WHOLE]
        size = r.size[t]
        for i in range(size):
            desk.saved[i] = r.order[t, i]
        for out in range(first_free(a, r, t), size):
            u = desk.saved[out]
            remove(a, r, t, out)
            price, position = offer_in(a, r, t, v)
            first = r.price[t, WHOLE] + price - before
            if first < best:
                put(a, r, t, position, v)
                then, then_t, then_at = _elsewhere(a, r, u, best - first)
                if then_t >= 0:
                    best, best_t, best_out, best_in = first + then, t, out, position
                    best_to, best_at = then_t, then_at
            set_order(a, r, t, desk.saved, size)
            r.taker[v] = -1
    if best_t < 0:
        return False
    u = r.order[best_t, best_out]
    remove(a, r, best_t, best_out)
    put(a, r, best_t, best_in, v)
    put(a, r, best_to, best_at, u)
    return True


@compiled
def _elsewhere(a: Arrays, r: Routes, u: int, bound: float) -> tuple[float, int, int]:
    best, best_t, best_at = bound, NOWHERE, NOWHERE
    for t in range(a.fit.shape[1]):
        if a.fit[u, t] + a.pieces[u, kind_of(a, r, t, u), -1, 1] < best:
            price, position = offer_in(a, r, t, u)
            if price < best:
                best, best_t, best_at = price, t, position
    return best, best_t, best_at


@compiled
def rescue(a: Arrays, r: Routes, desk: Desk, v: int) -> bool:
    """Take a visit that comes too late out, to where it is in time if there is such a place, if the whole
    gets cheaper."""
    t = r.taker[v]
    before, until = 0.0, r.cut[v, LATEST]
    m = a.fit.shape[1]
    for k in range(m):
        before += r.price[k, WHOLE]
    place = NOTHING
    while r.order[t, place] != v:
        place += 1
    for k in range(m):
        desk.sizes[k] = r.size[k]
        for i in range(r.size[k]):
            desk.orders[k, i] = r.order[k, i]
    remove(a, r, t, place)
    r.cut[v, STRICT], r.cut[v, LATEST] = 1, NEVER
    _, to, at = _elsewhere(a, r, v, a.visit[v, PENALTY])
    if to >= 0:
        put(a, r, to, at, v)
    else:
        eject_for(a, r, desk, v)
    after = 0.0 if r.taker[v] >= 0 else a.visit[v, PENALTY]
    for k in range(m):
        after += r.price[k, WHOLE]
    if after < before - 1e-6:
        return True
    r.cut[v, STRICT], r.cut[v, LATEST] = 0, until
    for k in range(m):
        for i in range(r.size[k]):
            r.taker[r.order[k, i]] = -1
        r.size[k] = 0
    for k in range(m):
        set_order(a, r, k, desk.orders[k], desk.sizes[k])
    return False
