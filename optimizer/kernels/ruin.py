"""Ruin: strings of neighbouring stops are taken out of neighbouring routes.

Slack induction by string removals (Christiaens and Vanden Berghe 2020), now and then a large one.
"""

from __future__ import annotations

from optimizer.kernels.arrays import LOCKED, Arrays
from optimizer.kernels.chance import below, draw
from optimizer.kernels.compiled import compiled, inlined
from optimizer.kernels.place import refresh, take_out
from optimizer.kernels.routes import SCHEDULE, Routes
from optimizer.kernels.search import LARGE, LONGEST_STRING, REMOVED, TROUBLED, Search, touch

LARGER, LONGER = 3.0, 4.0
SPLIT, SPLIT_GROWS = 0.5, 0.5


@compiled
def ruin(a: Arrays, r: Routes, s: Search) -> None:
    """Take visits out around one of them; they join the open ones."""
    n, m = a.fit.shape
    routes = served = 0
    for t in range(m):
        routes += r.size[t] > 0
        served += r.size[t]
    average, longest = s.numbers[REMOVED], s.numbers[LONGEST_STRING]
    if draw(s.chance) < s.numbers[LARGE]:
        average, longest = average * LARGER, longest * LONGER
    string = min(longest, served / max(1, routes))
    strings = int(draw(s.chance) * max(1.0, 4 * average / (1 + string) - 1) + 1)
    seed = _seed(a, r, s)
    how = below(s.chance, s.near.shape[0])
    for k in range(-1, n - 1):
        if s.touched[0, m] >= strings:
            break
        _ruin_at(a, r, s, s.near[how, seed, k] if k >= 0 else seed, string)


@inlined
def _seed(a: Arrays, r: Routes, s: Search) -> int:
    """A visit to begin at: often one in nobody's route or in a route that breaks a promise, else any."""
    n, m = a.fit.shape
    waiting = s.open[0, n]
    kind = draw(s.chance)
    if waiting and kind < s.numbers[TROUBLED]:
        return int(s.open[0, below(s.chance, waiting)])
    if kind > 1 - s.numbers[TROUBLED]:
        dear = 0
        for t in range(m):
            dear += r.price[t, SCHEDULE] >= a.trouble
        if dear:
            dear = below(s.chance, dear) + 1
            for t in range(m):
                dear -= r.price[t, SCHEDULE] >= a.trouble
                if dear == 0:
                    return int(r.order[t, below(s.chance, int(r.size[t]))])
    return below(s.chance, n)


@inlined
def _ruin_at(a: Arrays, r: Routes, s: Search, v: int, longest: float) -> None:
    """Take out a string of v's route that `v` belongs to, unless that route has lost one already."""
    t = r.taker[v]
    if t < 0 or s.touched[1, t] or a.crew[t, LOCKED] == v:
        return
    first = 1 if a.crew[t, LOCKED] >= 0 else 0
    size = r.size[t] - first
    length = int(draw(s.chance) * min(float(size), longest) + 1)
    length = min(length, size)
    spared = 0
    if length > 1 and length < size and draw(s.chance) < SPLIT:
        spared = 1
        while length + spared < size and draw(s.chance) > SPLIT_GROWS:
            spared += 1
    place = first
    while r.order[t, place] != v:
        place += 1
    span = length + spared
    lowest = max(first, place - span + 1)
    highest = min(place, r.size[t] - span)
    begin = lowest + below(s.chance, highest - lowest + 1)
    keep_from = begin + 1 + below(s.chance, length - 1) if spared else begin + span
    touch(a, r, s, t)
    for place in range(begin + span - 1, begin - 1, -1):
        if keep_from <= place < keep_from + spared:
            continue
        n = len(r.taker)
        s.open[0, s.open[0, n]] = r.order[t, place]
        s.open[0, n] += 1
        take_out(a, r, t, place)
    refresh(a, r, t, begin, begin + spared - 1)
