"""What a search remembers from one iteration to the next, and while one is going on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.kernels.arrays import Arrays, Floats, Ints
from optimizer.kernels.chance import seeded
from optimizer.kernels.compiled import compiled, inlined
from optimizer.kernels.place import set_order
from optimizer.kernels.routes import Routes, copy_stop, empty_routes

CURRENT, BEST = 0, 1
COLUMNS = 1 << 15  # routes remembered
LONGEST = 128  # visits of a remembered route


class Search(NamedTuple):
    """n visits, m technicians.

    `near[k, v]`: the other visits, nearest first, k = 0 by distance, 1 by distance and time, 2 by
    distance and time among those that somebody could take in each other's place.
    """

    chance: Ints
    near: NDArray[np.int32]  # 3 x n x n - 1
    keys: Floats  # n x S, what visits are sorted by before they are put back
    cost: Floats  # CURRENT, BEST
    best_order: NDArray[np.int32]  # m x n
    best_size: Ints  # m
    # while an iteration is going on
    touched: Ints  # m: how often it was touched in this iteration, 0 or 1
    touched_list: Ints  # m + 1, the count last
    old: Routes  # labels and futures of their stops
    open_list: Ints  # n + 1, the count last: visits in nobody's route
    was_open: Ints  # n
    empty_seen: Ints  # m: the last scan that saw an empty route of this kind
    # routes of accepted plans, by the hash of who and what
    marks: Ints  # n + m
    slots: Ints  # 2 * COLUMNS
    column_mark: Ints
    column_price: Floats
    column_taker: Ints
    column_size: Ints
    column_visits: NDArray[np.int32]
    knobs: Floats
    counters: Ints  # columns, scans, iterations, accepted


def new_search(a: Arrays, r: Routes, near: NDArray[np.int32], keys: Floats, seed: int) -> Search:
    """A search that begins where the routes are."""
    n, m = a.fit.shape
    chance = np.random.default_rng(seed)
    s = Search(
        chance=seeded(seed),
        near=near,
        keys=keys,
        cost=np.zeros(2),
        best_order=r.order.copy(),
        best_size=r.size.copy(),
        touched=np.zeros(m, dtype=np.int64),
        touched_list=np.zeros(m + 1, dtype=np.int64),
        old=empty_routes(a),
        open_list=np.zeros(n + 1, dtype=np.int64),
        was_open=np.zeros(n, dtype=np.int64),
        empty_seen=np.zeros(m, dtype=np.int64),
        marks=chance.integers(1, 1 << 62, size=n + m, dtype=np.int64),
        slots=np.full(2 * COLUMNS, -1, dtype=np.int64),
        column_mark=np.zeros(COLUMNS, dtype=np.int64),
        column_price=np.zeros(COLUMNS),
        column_taker=np.zeros(COLUMNS, dtype=np.int64),
        column_size=np.zeros(COLUMNS, dtype=np.int64),
        column_visits=np.zeros((COLUMNS, min(n, LONGEST) or 1), dtype=np.int32),
        knobs=np.array([10.0, 10.0, 0.04, 0.2, 0.01]),
        counters=np.zeros(8, dtype=np.int64),
    )
    start_from(a, r, s)
    return s


@compiled
def start_from(a: Arrays, r: Routes, s: Search) -> None:
    """Take the routes as they are for the current plan, and for the best if they are no dearer."""
    first = s.counters[2] == 0
    s.cost[CURRENT] = total(a, r)
    note_open(r, s)
    if first or s.cost[CURRENT] < s.cost[BEST]:
        keep_best(r, s)


@compiled
def total(a: Arrays, r: Routes) -> float:
    """What the routes and the visits in none of them cost."""
    cost = 0.0
    for t in range(len(r.size)):
        cost += r.price[t]
    for v in range(len(r.taker)):
        if r.taker[v] < 0:
            cost += a.penalty[v]
    return cost


@inlined
def note_open(r: Routes, s: Search) -> None:
    """List the visits in nobody's route."""
    n = len(r.taker)
    count = 0
    for v in range(n):
        if r.taker[v] < 0:
            s.open_list[count] = v
            count += 1
    s.open_list[n] = count


@inlined
def keep_best(r: Routes, s: Search) -> None:
    """The current plan is the best."""
    s.cost[BEST] = s.cost[CURRENT]
    for t in range(len(r.size)):
        s.best_size[t] = r.size[t]
        for i in range(r.size[t]):
            s.best_order[t, i] = r.order[t, i]


@compiled
def return_to_best(a: Arrays, r: Routes, s: Search) -> None:
    """Go on from the best plan known."""
    for v in range(len(r.taker)):
        r.taker[v] = -1
    for t in range(len(r.size)):
        r.size[t] = 0
    for t in range(len(r.size)):
        set_order(a, r, t, s.best_order[t], s.best_size[t])
    s.cost[CURRENT] = total(a, r)
    note_open(r, s)


@inlined
def touch(a: Arrays, r: Routes, s: Search, t: int) -> None:
    """Remember t's route before it is changed for the first time in this iteration."""
    if s.touched[t]:
        return
    m = len(r.size)
    s.touched[t] = 1
    s.touched_list[s.touched_list[m]] = t
    s.touched_list[m] += 1
    s.old.size[t] = r.size[t]
    s.old.price[t] = r.price[t]
    s.old.schedule[t] = r.schedule[t]
    for i in range(r.size[t]):
        s.old.order[t, i] = r.order[t, i]
        copy_stop(a, r, s.old, t, r.order[t, i])


@inlined
def undo(a: Arrays, r: Routes, s: Search) -> None:
    """Put every touched route back."""
    m = len(r.size)
    for k in range(s.touched_list[m]):
        t = s.touched_list[k]
        for i in range(r.size[t]):
            r.taker[r.order[t, i]] = -1
        r.size[t] = 0
    for k in range(s.touched_list[m]):
        t = s.touched_list[k]
        r.size[t], r.price[t], r.schedule[t] = s.old.size[t], s.old.price[t], s.old.schedule[t]
        for part in range(a.uses.shape[1]):
            r.left[t, part] = a.stock[t, part]
        for i in range(r.size[t]):
            v = s.old.order[t, i]
            r.order[t, i] = v
            r.taker[v] = t
            copy_stop(a, s.old, r, t, v)
            for part in range(a.uses.shape[1]):
                r.left[t, part] -= a.uses[v, part]


@inlined
def remember(a: Arrays, r: Routes, s: Search) -> None:
    """Add the touched routes to the pool, the cheapest order of the same visits kept."""
    m = len(r.size)
    n = len(r.taker)
    for k in range(s.touched_list[m]):
        t = s.touched_list[k]
        size = r.size[t]
        if size == 0 or size > s.column_visits.shape[1]:
            continue
        mark = s.marks[n + a.alike[t]]
        for i in range(size):
            mark ^= s.marks[r.order[t, i]]
        slot = mark % len(s.slots)
        while s.slots[slot] >= 0 and s.column_mark[s.slots[slot]] != mark:
            slot = slot + 1 if slot + 1 < len(s.slots) else 0
        column = s.slots[slot]
        if column < 0:
            if s.counters[0] == COLUMNS:
                return
            column = s.counters[0]
            s.counters[0] += 1
            s.slots[slot] = column
        elif s.column_price[column] <= r.price[t]:
            continue
        s.column_mark[column] = mark
        s.column_price[column] = r.price[t]
        s.column_taker[column] = a.alike[t]
        s.column_size[column] = size
        for i in range(size):
            s.column_visits[column, i] = r.order[t, i]
