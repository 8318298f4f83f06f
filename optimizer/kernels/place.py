"""Putting visits into routes and taking them out; what one more stop costs, at once."""

from __future__ import annotations

import numpy as np

from optimizer.kernels.arrays import ALL_TAKEN, DURATION, LOCKED, LONG_AGO, NOTHING, NOWHERE, Arrays, Ints
from optimizer.kernels.compiled import compiled, inlined
from optimizer.kernels.routes import (
    DRIVE,
    EARLIEST,
    LABELS,
    LATEST,
    LONGEST,
    PIECES,
    SCHEDULE,
    SECONDS,
    WHOLE,
    Routes,
    extend,
    kind_of,
    look_ahead,
)


@inlined
def price_from(a: Arrays, r: Routes, t: int, before: int, after: int) -> float:
    """The schedule's price when node `after`, whose future is known, follows node `before` in t's route."""
    drive = a.drive[before, after]
    best = np.inf
    for i in range(int(r.labels[before, LABELS, 0])):
        end, price, mask = r.labels[before, i, 0], r.labels[before, i, 1], int(r.labels[before, i, 2])
        if price >= best:
            continue
        for way in range(int(a.leave[t, mask, -1, 0])):
            if end > a.leave[t, mask, way, 3]:
                continue
            arrival = max(end + a.leave[t, mask, way, 1] + drive, a.leave[t, mask, way, 2])
            best = min(best, price + future_at(r, after, int(a.leave[t, mask, way, 0]), arrival))
    return best


@inlined
def future_at(r: Routes, v: int, mask: int, arrival: float) -> float:
    """The least price of starting `v` no sooner than `arrival` and doing all that follows; inf if too late."""
    if arrival > r.future[v, mask, PIECES, 1]:
        return np.inf
    i = NOTHING
    last = r.future[v, mask, PIECES, 0] - 1
    while i < last and r.future[v, mask, i + 1, 0] <= arrival:
        i += 1
    rate = r.future[v, mask, i, 2]
    value: float = r.future[v, mask, i, 1]
    return value + rate * (arrival - r.future[v, mask, i, 0]) if rate > 0.0 else value


@inlined
def price_with(a: Arrays, r: Routes, t: int, before: int, v: int, after: int, bound: float) -> float:
    """The schedule's price with visit `v` between two neighbours of t's route; inf if that cannot be, or
    if it is `bound` or more."""
    kind = kind_of(a, r, t, v)
    there, onward, duration = a.drive[before, v], a.drive[v, after], a.visit[v, DURATION]
    low, high = r.cut[v, EARLIEST], r.cut[v, LATEST]
    best = bound
    for i in range(int(r.labels[before, LABELS, 0])):
        end, price, mask = r.labels[before, i, 0], r.labels[before, i, 1], int(r.labels[before, i, 2])
        if price + a.pieces[v, kind, -1, 1] >= best:
            continue
        for way in range(int(a.leave[t, mask, -1, 0])):
            if end > a.leave[t, mask, way, 3]:
                continue
            rested = int(a.leave[t, mask, way, 0])
            arrival = max(max(end + a.leave[t, mask, way, 1] + there, a.leave[t, mask, way, 2]), low)
            cheapest = np.inf
            for piece in range(int(a.pieces[v, kind, -1, 0])):
                if arrival > a.pieces[v, kind, piece, 1]:
                    continue
                begin = a.pieces[v, kind, piece, 0]
                start = max(begin, arrival)
                if start > high:
                    break
                cost = a.pieces[v, kind, piece, 2] + a.pieces[v, kind, piece, 3] * (start - begin)
                if cost >= cheapest:
                    continue
                cheapest = cost
                done = start + duration
                for again in range(int(a.leave[t, rested, -1, 0])):
                    if done > a.leave[t, rested, again, 3]:
                        continue
                    comes = max(done + a.leave[t, rested, again, 1] + onward, a.leave[t, rested, again, 2])
                    after_mask = int(a.leave[t, rested, again, 0])
                    if comes <= r.future[after, after_mask, PIECES, 1]:
                        best = min(best, price + cost + future_at(r, after, after_mask, comes))
    return best if best < bound else np.inf


@inlined
def least_with(a: Arrays, r: Routes, t: int, before: int, v: int, after: int) -> tuple[float, bool]:
    """A lower bound of price_with() in constant time: from the earliest label, as if no break were owed;
    and whether that is the price itself."""
    kind = kind_of(a, r, t, v)
    past = r.labels[before, 0, 1]
    for i in range(1, int(r.labels[before, LABELS, 0])):
        past = min(past, r.labels[before, i, 1])
    arrival = max(r.labels[before, 0, 0] + a.drive[before, v], r.cut[v, EARLIEST])
    start, cost, choices = np.inf, np.inf, 0
    for piece in range(int(a.pieces[v, kind, -1, 0])):
        if arrival > a.pieces[v, kind, piece, 1]:
            continue
        begin = a.pieces[v, kind, piece, 0]
        begins = max(begin, arrival)
        if begins > r.cut[v, LATEST]:
            break
        start = min(start, begins)
        price = a.pieces[v, kind, piece, 2] + a.pieces[v, kind, piece, 3] * (begins - begin)
        if price < cost:
            cost = price
            choices += 1
    if choices == 0:
        return np.inf, True
    taken = int(a.crew[t, ALL_TAKEN])
    comes = start + a.visit[v, DURATION] + a.drive[v, after]
    least = past + cost + future_at(r, after, taken, comes)
    rested = r.labels[before, LABELS, 0] == 1 and choices == 1 and int(r.labels[before, 0, 2]) == taken
    return least, rested


@inlined
def fits_van(a: Arrays, r: Routes, t: int, v: int) -> bool:
    """Whether the parts for `v` are left in t's van."""
    for k in range(a.parts.shape[1]):  # noqa: SIM110 (compiled)
        if a.parts[v, k] > r.left[t, k]:
            return False
    return True


@inlined
def first_free(a: Arrays, r: Routes, t: int) -> int:
    """The first position where something may be put or taken: not before a visit that is driven to."""
    return 1 if r.size[t] and a.crew[t, LOCKED] == r.order[t, 0] else 0


@inlined
def offer_below(a: Arrays, r: Routes, t: int, v: int, bound: float) -> tuple[float, int]:
    """(rise in price, position) of the cheapest place for `v`, which fits `t`, in t's route; where none costs less
    than `bound`, a bound that none undercuts, and -1."""
    n, m = a.fit.shape
    best, chosen, at_least = bound, NOWHERE, np.inf
    if not fits_van(a, r, t, v):
        return at_least, chosen
    given = a.fit[v, t] + a.pieces[v, kind_of(a, r, t, v), -1, 1]
    size, duration, own_least = r.size[t], a.visit[v, DURATION], given - a.fit[v, t]
    order, gap, there, onward = r.order[t], r.gap[t], a.drive_to[v], a.drive[v]
    first = first_free(a, r, t)
    after = order[first - 1] if first else n + m + t
    for position in range(first, size + 1):
        before = after
        after = order[position] if position < size else n + t
        detour = there[before] + onward[after]
        if gap[position, SECONDS] < duration + detour:
            continue
        detour -= gap[position, DRIVE]
        lower = given + a.travel_rate * detour
        if lower >= best:
            at_least = min(at_least, lower)
            continue
        known = r.price[t, SCHEDULE] + own_least - lower
        price, is_exact = least_with(a, r, t, before, v, after)
        if price - known < best and not is_exact:
            exact = price_with(a, r, t, before, v, after, best + known)
            price = exact if exact < np.inf else max(price, best + known)
        if price - known < best:
            best, chosen = price - known, position
        else:
            at_least = min(at_least, price - known)
    return best if chosen >= 0 else at_least, chosen


@compiled
def put(a: Arrays, r: Routes, t: int, position: int, v: int) -> None:
    """Insert `v` at `position` of t's route."""
    size = r.size[t]
    for i in range(size, position, -1):
        r.order[t, i] = r.order[t, i - 1]
    r.order[t, position] = v
    r.size[t] = size + 1
    r.taker[v] = t
    for k in range(a.parts.shape[1]):
        r.left[t, k] -= a.parts[v, k]
    refresh(a, r, t, position, position)


@inlined
def take_out(a: Arrays, r: Routes, t: int, position: int) -> None:
    """Remove what stands at `position` of t's route; refresh() is left to the caller."""
    v = r.order[t, position]
    for i in range(position, r.size[t] - 1):
        r.order[t, i] = r.order[t, i + 1]
    r.size[t] -= 1
    r.taker[v] = -1
    for k in range(a.parts.shape[1]):
        r.left[t, k] += a.parts[v, k]


@compiled
def refresh(a: Arrays, r: Routes, t: int, first: int, last: int) -> None:
    """Work out again the labels from position `first` on, the futures up to position `last`, the prices.

    Stops from `first` to `last` are new there or have another stop before or behind them; beyond, nothing changes
    any more where one stop has not changed. A route without a legal schedule costs inf.
    """
    n, m = a.fit.shape
    size = r.size[t]
    r.state[m] += 1
    r.state[t] = r.state[m]
    for i in range(first, size):
        before = r.order[t, i - 1] if i else n + m + t
        if not extend(a, r, t, before, r.order[t, i]) and i > last:
            break
    for i in range(last, -1, -1):
        after = r.order[t, i + 1] if i + 1 < size else n + t
        if not look_ahead(a, r, t, r.order[t, i], after) and i < first:
            break
    taken, longest, travel = int(a.crew[t, ALL_TAKEN]), LONG_AGO, 0.0
    for i in range(size + 1):
        before = r.order[t, i - 1] if i else n + m + t
        after = r.order[t, i] if i < size else n + t
        r.gap[t, i, SECONDS] = r.future[after, taken, PIECES, 1] - r.labels[before, 0, 0]
        r.gap[t, i, DRIVE] = a.drive[before, after] if size else 0.0
        longest = max(longest, r.gap[t, i, SECONDS])
        travel += r.gap[t, i, DRIVE]
    r.price[t, LONGEST] = longest
    if size == 0:
        r.price[t, SCHEDULE] = r.price[t, WHOLE] = 0.0
        return
    r.price[t, SCHEDULE] = price_from(a, r, t, n + m + t, r.order[t, 0])
    given = a.fit[r.order[t, 0], t]
    for i in range(1, size):
        given += a.fit[r.order[t, i], t]
    r.price[t, WHOLE] = r.price[t, SCHEDULE] + a.travel_rate * travel + given


@compiled
def set_order(a: Arrays, r: Routes, t: int, order: Ints, size: int) -> None:
    """Give t the first `size` visits of `order`; visits taken from t before are in nobody's route."""
    n = len(a.visit)
    for i in range(r.size[t]):
        r.taker[r.order[t, i]] = -1
    for k in range(a.parts.shape[1]):
        r.left[t, k] = a.parts[n + t, k]
    for i in range(size):
        v = order[i]
        r.order[t, i] = v
        r.taker[v] = t
        for k in range(a.parts.shape[1]):
            r.left[t, k] -= a.parts[v, k]
    r.size[t] = size
    refresh(a, r, t, NOTHING, size - 1)


@compiled
def remove(a: Arrays, r: Routes, t: int, position: int) -> None:
    """take_out() with its refresh(), the same."""
    take_out(a, r, t, position)
    refresh(a, r, t, position, position - 1)
