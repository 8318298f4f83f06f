"""Recreate: the open visits are put back one by one, each at its cheapest place, now and then not quite."""

from __future__ import annotations

from optimizer.kernels.arrays import ALIKE, DURATION, NOTHING, NOWHERE, PENALTY, TOLD, Arrays
from optimizer.kernels.chance import below, draw
from optimizer.kernels.compiled import compiled, inlined
from optimizer.kernels.place import offer_below, put
from optimizer.kernels.routes import LONGEST, Routes
from optimizer.kernels.search import ASKED, BLINK, POSITION, RISE, Search, touch

NEAREST = 100  # visits whose technicians are asked first


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
    m = len(r.size)
    best, best_t, best_position = a.visit[v, PENALTY], NOWHERE, NOWHERE
    duration = a.visit[v, DURATION]
    asked, everybody = _whom_to_ask(a, r, s, v), False
    for k in range(m):
        if k == asked:
            if best_t < 0 and not everybody:
                asked, everybody = _ask_the_others(r, s, asked), True
            if k == asked:
                break
        t = s.asked[0, k]
        if a.fit[v, t] >= best or (s.open[1, v] and not s.touched[1, t]) or duration > r.price[t, LONGEST]:
            continue
        price, position = s.offer[v, t, RISE], int(s.offer[v, t, POSITION])
        if s.offer[v, t, ASKED] != r.state[t] or (position < 0 and price < best):
            price, position = offer_below(a, r, t, v, best)
            s.offer[v, t, ASKED], s.offer[v, t, RISE], s.offer[v, t, POSITION] = r.state[t], price, position
        if position >= 0 and price < best and draw(s.chance) >= blink:
            best, best_t, best_position = price, t, position
    return best_t, best_position


@inlined
def _whom_to_ask(a: Arrays, r: Routes, s: Search, v: int) -> int:
    """How many technicians are asked first: who was told to come, who has one of the nearest visits, and one of
    each kind who has nothing to do. The empty ones that are like them are never asked."""
    m = len(r.size)
    s.counters[1] += 1
    scan, count = s.counters[1], NOTHING
    told = int(a.visit[v, TOLD])
    if told >= 0:
        s.asked[1, told] = scan
        s.asked[0, count] = told
        count += 1
        if r.size[told] == 0:
            s.asked[2, int(a.crew[told, ALIKE])] = scan
    for k in range(min(NEAREST, s.near.shape[2])):
        t = r.taker[s.near[0, v, k]]
        if t >= 0 and s.asked[1, t] != scan:
            s.asked[1, t] = scan
            s.asked[0, count] = t
            count += 1
    for t in range(m):
        if r.size[t] == 0 and s.asked[2, int(a.crew[t, ALIKE])] != scan:
            s.asked[1, t] = s.asked[2, int(a.crew[t, ALIKE])] = scan
            s.asked[0, count] = t
            count += 1
    return count


@inlined
def _ask_the_others(r: Routes, s: Search, count: int) -> int:
    """The same number with everybody else who has something to do."""
    for t in range(len(r.size)):
        if r.size[t] and s.asked[1, t] != s.counters[1]:
            s.asked[0, count] = t
            count += 1
    return count


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
