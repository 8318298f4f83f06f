"""Routes in arrays. Each stop knows its past (a few labels) and its future (a function of the arrival).

A label of a stop is one way to have done everything up to it: (end of work, price, breaks taken); a label
is dropped when another is no later, no dearer and owes no other break. The future of a stop, for every
mask of breaks taken, is the least price of starting it no sooner than a second `a` and finishing the
route: a piecewise linear function that never falls, (from, value, rate) by piece, up to a last second.
One more stop between two others is then priced by its own starts, the labels before and the function
after it, whatever the length of the route. Labels are those of resource-constrained shortest paths
(Irnich and Desaulniers 2005); the functions generalise the latest starts of Savelsbergh (1992) and the
backward recursion of Hashimoto, Ibaraki, Imahori and Yagiura (2006) to breaks and to steps in price.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimizer.kernels.arrays import (
    ALL_TAKEN,
    DURATION,
    FINISH_BY,
    FREE_AT,
    LONG_AGO,
    NEVER,
    NOTHING,
    SHIFT_END,
    TOLD,
    Arrays,
    Floats,
    Ints,
)
from optimizer.kernels.compiled import compiled, inlined

# columns of Routes.price, Routes.cut and Routes.gap
SCHEDULE, WHOLE, LONGEST = 0, 1, 2
STRICT, EARLIEST, LATEST = 0, 1, 2
SECONDS, DRIVE = 0, 1

LABELS = 12  # kept of each stop: the earliest and the cheapest
PIECES = 48  # kept of each future: the earliest


class Routes(NamedTuple):
    """The routes of m technicians over n visits; N nodes as in Arrays."""

    order: Ints  # m x n: visits in order
    size: Ints  # m
    taker: Ints  # n: technician, or -1
    labels: Floats  # N + 1 x LABELS + 1 x 3: the last row says how many; the last node is paper to write on
    future: Floats  # N x M x PIECES + 1 x 3: the last row says how many, and the last possible start
    price: Floats  # m x 3: of starts and overtime, of the whole route; and the seconds of its longest gap
    gap: Floats  # m x n + 1 x 2: before each stop and the way home, seconds between the earliest end of what is
    # before and the latest start of what is after; the drive between them
    state: Ints  # m + 1: another number whenever the route is another one; the last is the highest given
    left: Ints  # m x K: parts left in the van
    cut: Floats  # n x 3: 1 where the promise must not break, no start sooner, no start later
    scratch: Floats  # 3 x 4 * PIECES x 3


def empty_routes(a: Arrays) -> Routes:
    """Nobody has anything to do."""
    n, m = a.fit.shape
    nodes, masks = n + 2 * m, a.leave.shape[1]
    routes = Routes(
        order=np.zeros((m, max(1, n)), dtype=np.int64),
        size=np.zeros(m, dtype=np.int64),
        taker=np.full(n, -1, dtype=np.int64),
        labels=np.zeros((nodes + 1, LABELS + 1, 3)),
        future=np.zeros((nodes, masks, PIECES + 1, 3)),
        price=np.zeros((m, 3)),
        gap=np.zeros((m, max(1, n) + 1, 2)),
        state=np.zeros(m + 1, dtype=np.int64),
        left=a.parts[n:].copy(),
        cut=np.tile(np.array([0.0, LONG_AGO, NEVER]), (n, 1)),
        scratch=np.zeros((3, 4 * PIECES, 3)),
    )
    routes.future[:, :, PIECES, 1] = LONG_AGO
    _set_ends(a, routes)
    return routes


@compiled
def _set_ends(a: Arrays, r: Routes) -> None:
    """The first label of every start and the future of every end."""
    n, m = a.fit.shape
    for t in range(m):
        start, end, taken = n + m + t, n + t, int(a.crew[t, ALL_TAKEN])
        r.labels[start, 0, 0] = a.crew[t, FREE_AT]
        r.labels[start, LABELS, 0] = 1
        r.future[end, taken, PIECES, 0] = 2
        r.future[end, taken, 0, 0] = LONG_AGO
        r.future[end, taken, 1, 0] = a.crew[t, SHIFT_END]
        r.future[end, taken, 1, 2] = a.overtime_rate
        r.future[end, taken, PIECES, 1] = a.crew[t, FINISH_BY]
        r.price[t, LONGEST] = r.gap[t, 0, SECONDS] = a.crew[t, FINISH_BY] - a.crew[t, FREE_AT]


@inlined
def kind_of(a: Arrays, r: Routes, t: int, v: int) -> int:
    """Which pieces of Arrays hold for `v` done by `t`."""
    return (1 if a.visit[v, TOLD] == t else 0) + 2 * int(r.cut[v, STRICT])


@inlined
def extend(a: Arrays, r: Routes, t: int, before: int, v: int) -> bool:
    """The labels of visit `v`, done by `t` after node `before`; whether they are others than they were."""
    kind = kind_of(a, r, t, v)
    drive, duration = a.drive[before, v], a.visit[v, DURATION]
    low, high = r.cut[v, EARLIEST], r.cut[v, LATEST]
    count, paper = NOTHING, len(r.labels) - 1
    for i in range(int(r.labels[before, LABELS, 0])):
        end, price, mask = r.labels[before, i, 0], r.labels[before, i, 1], int(r.labels[before, i, 2])
        for way in range(int(a.leave[t, mask, -1, 0])):
            if end > a.leave[t, mask, way, 3]:
                continue
            after = int(a.leave[t, mask, way, 0])
            arrival = max(max(end + a.leave[t, mask, way, 1] + drive, a.leave[t, mask, way, 2]), low)
            cheapest = np.inf
            for piece in range(int(a.pieces[v, kind, -1, 0])):
                if arrival > a.pieces[v, kind, piece, 1]:
                    continue
                begin = a.pieces[v, kind, piece, 0]
                start = max(begin, arrival)
                if start > high or start + duration > a.leave[t, after, -1, 1]:
                    break
                cost = a.pieces[v, kind, piece, 2] + a.pieces[v, kind, piece, 3] * (start - begin)
                if cost < cheapest:
                    cheapest = cost
                    count = _keep(r.labels, paper, count, start + duration, price + cost, after)
    changed = bool(r.labels[v, LABELS, 0] != count)
    r.labels[v, LABELS, 0] = count
    if count == 0:
        r.labels[v, 0, 0] = NEVER
    for i in range(count):
        for part in range(3):
            if r.labels[v, i, part] != r.labels[paper, i, part]:
                r.labels[v, i, part] = r.labels[paper, i, part]
                changed = True
    return changed


@compiled
def _keep(labels: Floats, v: int, count: int, end: float, price: float, mask: int) -> int:
    """Put a label among the `count` of `v`, in order of end, unless one is as good; those it beats go."""
    place = NOTHING
    while place < count and labels[v, place, 0] <= end:
        if labels[v, place, 1] <= price and int(labels[v, place, 2]) & mask == mask:
            return count
        place += 1
    kept = place
    for i in range(place, count):
        other = int(labels[v, i, 2])
        if labels[v, i, 1] < price or mask & other != other:
            _copy(labels, v, i, kept)
            kept += 1
    if kept == LABELS:
        kept -= 1
        if place == LABELS:
            place -= 1
    for i in range(kept, place, -1):
        _copy(labels, v, i - 1, i)
    labels[v, place, 0], labels[v, place, 1], labels[v, place, 2] = end, price, mask
    return kept + 1


@compiled
def _copy(labels: Floats, v: int, source: int, target: int) -> None:
    for k in range(3):
        labels[v, target, k] = labels[v, source, k]


@inlined
def look_ahead(a: Arrays, r: Routes, t: int, v: int, after: int) -> bool:
    """The future of visit `v`, done by `t` before node `after`, for every mask; whether it is another than it was."""
    kind, changed = kind_of(a, r, t, v), False
    travel = a.visit[v, DURATION] + a.drive[v, after]
    for mask in range(int(a.crew[t, ALL_TAKEN]) + 1):
        count, end = NOTHING, LONG_AGO
        for way in range(int(a.leave[t, mask, -1, 0])):
            next_mask = int(a.leave[t, mask, way, 0])
            shift = travel + a.leave[t, mask, way, 1]
            last = min(
                r.future[after, next_mask, PIECES, 1] - shift, a.leave[t, mask, way, 3] - a.visit[v, DURATION]
            )
            not_before = a.leave[t, mask, way, 2]
            if not_before > r.future[after, next_mask, PIECES, 1] or last <= LONG_AGO / 2:
                continue
            other = _shifted(r, after, next_mask, not_before, shift, last, 1 if count else 0)
            if count == 0:
                count, end = other, last
            else:
                count = _lower(r.scratch, count, end, other, last)
                end = max(end, last)
        changed = _settle(a, r, v, kind, mask, count, end) or changed
    return changed


@inlined
def _shifted(
    r: Routes, after: int, mask: int, not_before: float, shift: float, last: float, target: int
) -> int:
    """The future of `after` as a function of the start before it, into scratch; its number of pieces.

    The arrival is max(not_before, start + shift).
    """
    count = NOTHING
    pieces = int(r.future[after, mask, PIECES, 0])
    for i in range(pieces):
        if i + 1 < pieces and r.future[after, mask, i + 1, 0] <= not_before:
            continue
        begin, value = r.future[after, mask, i, 0], r.future[after, mask, i, 1]
        rate = r.future[after, mask, i, 2]
        if begin <= not_before:
            r.scratch[target, count, 0] = LONG_AGO
            value += rate * (not_before - begin) if rate > 0 else 0.0
            r.scratch[target, count, 1] = value
            r.scratch[target, count, 2] = 0.0
            count += 1
            if rate > 0 and not_before - shift <= last:
                r.scratch[target, count, 0] = not_before - shift
                r.scratch[target, count, 1] = value
                r.scratch[target, count, 2] = rate
                count += 1
        elif begin - shift <= last:
            r.scratch[target, count, 0] = begin - shift
            r.scratch[target, count, 1] = value
            r.scratch[target, count, 2] = rate
            count += 1
        else:
            break
    return count


@inlined
def _lower(scratch: Floats, count: int, end: float, other_count: int, other_end: float) -> int:
    """scratch[0] becomes the lower of itself and scratch[1], each up to its end."""
    one, two, out = scratch[0], scratch[1], scratch[2]
    i = j = found = NOTHING
    at = LONG_AGO
    final = max(end, other_end)
    while at <= final:
        until = final
        if at <= end:
            until = min(until, one[i + 1, 0] - 1 if i + 1 < count else end)
        if at <= other_end:
            until = min(until, two[j + 1, 0] - 1 if j + 1 < other_count else other_end)
        if at > other_end:
            found = _append(out, found, at, _value(one, i, at), one[i, 2])
        elif at > end:
            found = _append(out, found, at, _value(two, j, at), two[j, 2])
        else:
            first, second = _value(one, i, at), _value(two, j, at)
            first_last, second_last = _value(one, i, until), _value(two, j, until)
            if first <= second and first_last <= second_last:
                found = _append(out, found, at, first, one[i, 2])
            elif second <= first and second_last <= first_last:
                found = _append(out, found, at, second, two[j, 2])
            else:
                cross = at + np.floor((second - first) / (one[i, 2] - two[j, 2]))
                if first < second:
                    found = _append(out, found, at, first, one[i, 2])
                    found = _append(out, found, cross + 1, _value(two, j, cross + 1), two[j, 2])
                else:
                    found = _append(out, found, at, second, two[j, 2])
                    found = _append(out, found, cross + 1, _value(one, i, cross + 1), one[i, 2])
        at = until + 1
        if i + 1 < count and one[i + 1, 0] <= at:
            i += 1
        if j + 1 < other_count and two[j + 1, 0] <= at:
            j += 1
    for k in range(found):
        for part in range(3):
            one[k, part] = out[k, part]
    return found


@inlined
def _value(pieces: Floats, i: int, at: float) -> float:
    rate = pieces[i, 2]
    value: float = pieces[i, 1]
    return value + rate * (at - pieces[i, 0]) if rate > 0.0 else value


@compiled
def _append(out: Floats, found: int, at: float, value: float, rate: float) -> int:
    """One more piece, unless it goes on where the last one is."""
    if found and out[found - 1, 2] == rate and _value(out, found - 1, at) == value:
        return found
    if found == len(out):
        return found
    out[found, 0], out[found, 1], out[found, 2] = at, value, rate
    return found + 1


@inlined
def _settle(a: Arrays, r: Routes, v: int, kind: int, mask: int, count: int, end: float) -> bool:
    """The future of `v`: the least, over all later starts, of the start's price and what comes after it.

    From the last start to the first, so the pieces come out backwards.
    """
    after, out = r.scratch[0], r.scratch[2]
    low, high = r.cut[v, EARLIEST], min(r.cut[v, LATEST], end)
    best, found, stop = np.inf, NOTHING, LONG_AGO
    for piece in range(int(a.pieces[v, kind, -1, 0]) - 1, -1, -1):
        begin, until = a.pieces[v, kind, piece, 0], a.pieces[v, kind, piece, 1]
        price, rate = a.pieces[v, kind, piece, 2], a.pieces[v, kind, piece, 3]
        first, last = max(begin, low), min(until, high)
        if count == 0 or first > last:
            continue
        i = count - 1
        while after[i, 0] > last:
            i -= 1
        while True:
            left = max(first, after[i, 0])
            right = min(last, after[i + 1, 0] - 1) if i + 1 < count else last
            value = price + rate * (left - begin) + _value(after, i, left)
            slope = rate + after[i, 2]
            if stop <= LONG_AGO:
                stop = right
            if value < best:
                if slope > 0 and value + slope * (right - left) > best:
                    cross = left + np.floor((best - value) / slope)
                    found = _prepend(out, found, cross + 1, best, 0.0)
                elif right < stop:
                    found = _prepend(out, found, right + 1, best, 0.0)
                found = _prepend(out, found, left, value, slope)
                best = value
            i -= 1
            if i < 0 or after[i + 1, 0] <= first:
                break
    if best < np.inf:
        found = _prepend(out, found, LONG_AGO, best, 0.0)
    return _store(r, v, mask, found, stop)


@compiled
def _prepend(out: Floats, found: int, at: float, value: float, rate: float) -> int:
    """One more piece before all others; two level ones of the same value are one."""
    if found and rate == 0.0 and out[found - 1, 2] == 0.0 and out[found - 1, 1] == value:
        out[found - 1, 0] = at
        return found
    if found and out[found - 1, 0] <= at:  # no gap to fill
        return found
    if found == len(out):
        for k in range(1, found):
            for part in range(3):
                out[k - 1, part] = out[k, part]
        found -= 1
    out[found, 0], out[found, 1], out[found, 2] = at, value, rate
    return found + 1


@inlined
def _store(r: Routes, v: int, mask: int, found: int, stop: float) -> bool:
    out = r.scratch[2]
    kept = min(found, PIECES)
    if found > PIECES:
        stop = out[found - PIECES - 1, 0] - 1
    stop = stop if kept else LONG_AGO
    changed = bool(r.future[v, mask, PIECES, 0] != kept or r.future[v, mask, PIECES, 1] != stop)
    r.future[v, mask, PIECES, 0], r.future[v, mask, PIECES, 1] = kept, stop
    for k in range(kept):
        for part in range(3):
            if r.future[v, mask, k, part] != out[found - 1 - k, part]:
                r.future[v, mask, k, part] = out[found - 1 - k, part]
                changed = True
    return changed


@inlined
def copy_stop(
    a: Arrays, t: int, v: int, labels: Floats, future: Floats, to_labels: Floats, to_future: Floats
) -> None:
    """Copy labels and futures of stop `v` of t."""
    count = labels[v, LABELS, 0]
    to_labels[v, LABELS, 0] = count
    for i in range(int(count)):
        for part in range(3):
            to_labels[v, i, part] = labels[v, i, part]
    for mask in range(int(a.crew[t, ALL_TAKEN]) + 1):
        to_future[v, mask, PIECES, 0] = future[v, mask, PIECES, 0]
        to_future[v, mask, PIECES, 1] = future[v, mask, PIECES, 1]
        for i in range(int(future[v, mask, PIECES, 0])):
            for part in range(3):
                to_future[v, mask, i, part] = future[v, mask, i, part]
