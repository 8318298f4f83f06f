"""What a search remembers from one iteration to the next, and while one is going on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.kernels.arrays import ALIKE, PENALTY, Arrays, Floats, Ints
from optimizer.kernels.chance import seeded
from optimizer.kernels.compiled import compiled, inlined
from optimizer.kernels.place import set_order
from optimizer.kernels.routes import WHOLE, Routes, copy_stop

# columns of Search.numbers, Search.column and Search.offer
CURRENT, BEST, REMOVED, LONGEST_STRING, LARGE, TROUBLED, BLINK = 0, 1, 2, 3, 4, 5, 6
MARK, TAKER, SIZE = 0, 1, 2
ASKED, RISE, POSITION = 0, 1, 2

COLUMNS = 1 << 15  # routes remembered
LONGEST = 128  # visits of a remembered route


class Search(NamedTuple):
    """n visits, m technicians.

    `near[k, v]`: the other visits, nearest first, k = 0 by distance, 1 by distance and time.
    `numbers`: prices of the current and the best plan, then the knobs of ruin and recreate.
    `open`: row 0 the visits in nobody's route, the count last; row 1 whether each was so before the iteration.
    `touched`: row 0 the technicians whose route this iteration has changed, the count last; row 1 whether
    each is among them.
    `asked`: row 0 the technicians to try for a visit, row 1 the last scan that saw each, row 2 the last that saw an
    empty route of each kind.
    `column`: mark, kind of technician and size of each route remembered; `slots` finds them by mark.
    `counters`: columns, scans, iterations, accepted.
    """

    chance: Ints
    near: NDArray[np.int32]  # 2 x n x n - 1
    keys: Floats  # n x S, what visits are sorted by before they are put back
    numbers: Floats
    open: Ints  # 2 x n + 1
    touched: Ints  # 2 x m + 1
    asked: Ints  # 3 x m
    offer: Floats  # n x m x 3: the state of the route that was asked, the rise in its price, the position
    best_order: Ints  # m x n
    best_size: Ints  # m
    old_order: Ints  # the touched routes as they were: order, size, price, state, gaps, labels, futures
    old_size: Ints
    old_price: Floats
    old_state: Ints
    old_gap: Floats
    old_labels: Floats
    old_future: Floats
    marks: Ints  # n + m
    slots: Ints  # 2 * COLUMNS
    column: Ints  # COLUMNS x 3
    column_price: Floats
    column_visits: Ints  # COLUMNS x LONGEST
    counters: Ints


def new_search(a: Arrays, r: Routes, near: NDArray[np.int32], keys: Floats, seed: int) -> Search:
    """A search that begins where the routes are."""
    n, m = a.fit.shape
    chance = np.random.default_rng(seed)
    s = Search(
        chance=seeded(seed),
        near=near,
        keys=keys,
        numbers=np.array([0.0, 0.0, 10.0, 10.0, 0.04, 0.2, 0.01]),
        open=np.zeros((2, n + 1), dtype=np.int64),
        touched=np.zeros((2, m + 1), dtype=np.int64),
        asked=np.zeros((3, m), dtype=np.int64),
        offer=np.full((n, m, 3), -1.0),
        best_order=r.order.copy(),
        best_size=r.size.copy(),
        old_order=np.zeros_like(r.order),
        old_size=np.zeros_like(r.size),
        old_price=np.zeros_like(r.price),
        old_state=np.zeros_like(r.state),
        old_gap=np.zeros_like(r.gap),
        old_labels=np.zeros_like(r.labels),
        old_future=np.zeros_like(r.future),
        marks=chance.integers(1, 1 << 62, size=n + m, dtype=np.int64),
        slots=np.full(2 * COLUMNS, -1, dtype=np.int64),
        column=np.zeros((COLUMNS, 3), dtype=np.int64),
        column_price=np.zeros(COLUMNS),
        column_visits=np.zeros((COLUMNS, min(n, LONGEST) or 1), dtype=np.int64),
        counters=np.zeros(4, dtype=np.int64),
    )
    start_from(a, r, s)
    return s


def forget_columns(s: Search) -> None:
    """Begin a new pool of routes."""
    s.counters[0] = 0
    s.slots[:] = -1


@compiled
def start_from(a: Arrays, r: Routes, s: Search) -> None:
    """Take the routes as they are for the current plan, and for the best if they are no dearer."""
    first = s.counters[2] == 0
    s.offer[:, :, ASKED] = -1.0  # the cuts may be others now
    s.numbers[CURRENT] = total(a, r)
    note_open(r, s)
    if first or s.numbers[CURRENT] < s.numbers[BEST]:
        keep_best(r, s)


@compiled
def total(a: Arrays, r: Routes) -> float:
    """What the routes and the visits in none of them cost."""
    cost = 0.0
    for t in range(len(r.size)):
        cost += r.price[t, WHOLE]
    for v in range(len(r.taker)):
        if r.taker[v] < 0:
            cost += a.visit[v, PENALTY]
    return cost


@inlined
def note_open(r: Routes, s: Search) -> None:
    """List the visits in nobody's route."""
    n = len(r.taker)
    count = 0
    for v in range(n):
        if r.taker[v] < 0:
            s.open[0, count] = v
            count += 1
    s.open[0, n] = count


@inlined
def keep_best(r: Routes, s: Search) -> None:
    """The current plan is the best."""
    s.numbers[BEST] = s.numbers[CURRENT]
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
    s.numbers[CURRENT] = total(a, r)
    note_open(r, s)


@inlined
def touch(a: Arrays, r: Routes, s: Search, t: int) -> None:
    """Remember t's route before it is changed for the first time in this iteration."""
    if s.touched[1, t]:
        return
    m = len(r.size)
    s.touched[1, t] = 1
    s.touched[0, s.touched[0, m]] = t
    s.touched[0, m] += 1
    s.old_size[t], s.old_state[t] = r.size[t], r.state[t]
    for part in range(3):
        s.old_price[t, part] = r.price[t, part]
    for i in range(r.size[t] + 1):
        for part in range(2):
            s.old_gap[t, i, part] = r.gap[t, i, part]
    for i in range(r.size[t]):
        s.old_order[t, i] = r.order[t, i]
        copy_stop(a, t, r.order[t, i], r.labels, r.future, s.old_labels, s.old_future)


@inlined
def undo(a: Arrays, r: Routes, s: Search) -> None:
    """Put every touched route back."""
    n, m = a.fit.shape
    for k in range(s.touched[0, m]):
        t = s.touched[0, k]
        for i in range(r.size[t]):
            r.taker[r.order[t, i]] = -1
        r.size[t] = 0
    for k in range(s.touched[0, m]):
        t = s.touched[0, k]
        r.size[t], r.state[t] = s.old_size[t], s.old_state[t]
        for part in range(3):
            r.price[t, part] = s.old_price[t, part]
        for i in range(r.size[t] + 1):
            for part in range(2):
                r.gap[t, i, part] = s.old_gap[t, i, part]
        for part in range(a.parts.shape[1]):
            r.left[t, part] = a.parts[n + t, part]
        for i in range(r.size[t]):
            v = s.old_order[t, i]
            r.order[t, i] = v
            r.taker[v] = t
            copy_stop(a, t, v, s.old_labels, s.old_future, r.labels, r.future)
            for part in range(a.parts.shape[1]):
                r.left[t, part] -= a.parts[v, part]


@inlined
def remember(a: Arrays, r: Routes, s: Search) -> None:
    """Add the touched routes to the pool, the cheapest order of the same visits kept."""
    m = len(r.size)
    n = len(r.taker)
    for k in range(s.touched[0, m]):
        t = s.touched[0, k]
        size = r.size[t]
        if size == 0 or size > s.column_visits.shape[1]:
            continue
        mark = s.marks[n + int(a.crew[t, ALIKE])]
        for i in range(size):
            mark ^= s.marks[r.order[t, i]]
        slot = mark % len(s.slots)
        while s.slots[slot] >= 0 and s.column[s.slots[slot], MARK] != mark:
            slot = slot + 1 if slot + 1 < len(s.slots) else 0
        column = s.slots[slot]
        if column < 0:
            if s.counters[0] == COLUMNS:
                return
            column = s.counters[0]
            s.counters[0] += 1
            s.slots[slot] = column
        elif s.column_price[column] <= r.price[t, WHOLE]:
            continue
        s.column[column, MARK] = mark
        s.column_price[column] = r.price[t, WHOLE]
        s.column[column, TAKER] = int(a.crew[t, ALIKE])
        s.column[column, SIZE] = size
        for i in range(size):
            s.column_visits[column, i] = r.order[t, i]
