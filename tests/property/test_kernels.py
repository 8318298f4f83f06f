"""The compiled routes against the plain label search: every price, every label, every schedule.

Orders are drawn over random days with everything the format knows, and over days with more breaks,
windows and odd times than any real one has.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from optimizer import Break, Day, Limits, Technician, Visit, Weights, check, repair
from optimizer.kernels.anneal import anneal
from optimizer.kernels.arrays import ALL_TAKEN, LOCKED, Arrays, arrays_of
from optimizer.kernels.place import (
    first_free,
    fits_van,
    price_with,
    put,
    refresh,
    remove,
    set_order,
    take_out,
)
from optimizer.kernels.relations import neighbours, sort_keys
from optimizer.kernels.routes import LABELS, PIECES, WHOLE, Routes, empty_routes
from optimizer.kernels.search import ASKED, POSITION, RISE, Search, new_search, touch, undo
from optimizer.published import published_orders
from optimizer.search import Searcher
from optimizer.written import plan_of
from tests.property.verdicts import alone
from tests.unit.optimizer.exact import NEVER, penalty_of, price_of
from tests.unit.optimizer.random_days import STEP, days, seconds, windows
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit, at

STORM = os.environ.get("MAKEGOOD_STORM") == "1"


def dose(examples: int) -> settings:
    return settings(
        max_examples=20 * examples if STORM else examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        derandomize=not STORM,
    )


@st.composite
def odd_days(draw: st.DrawFn) -> Day:
    """Up to four breaks each, windows that begin before midnight or fall between two grid seconds, prices of
    nothing, and parts of a minute."""
    day = draw(days())
    free = draw(st.sampled_from(({}, {}, {"changed": 0, "late_minute": 0}, {"travel_minute": 0.3})))
    return replace(
        day,
        technicians=tuple(_oddly_broken(draw, one) for one in day.technicians),
        visits=tuple(_oddly_timed(draw, one) for one in day.visits),
        weights=replace(day.weights, **free),
    )


def _oddly_broken(draw: st.DrawFn, one: Technician) -> Technician:
    count = draw(st.integers(0, 4)) if one.breaks else 0
    rests = tuple(Break(f"b{i}", draw(_odd_windows()), draw(seconds(0, 1_800))) for i in range(count))
    return replace(one, breaks=rests)


def _oddly_timed(draw: st.DrawFn, one: Visit) -> Visit:
    if draw(st.booleans()):
        return one
    return replace(
        one,
        windows=tuple(draw(_odd_windows()) for _ in one.windows),
        may_move=tuple(draw(_odd_windows()) for _ in one.may_move),
        duration=one.duration // 7,
    )


@st.composite
def _odd_windows(draw: st.DrawFn) -> tuple[int, int]:
    begin, end = draw(windows())
    begin = draw(st.sampled_from((begin, begin - 1, -STEP, begin + 7)))
    return begin, max(begin, end)


some_days = st.one_of(days(), odd_days()).map(
    alone
)  # links are cuts: tests/unit/optimizer/test_linked_search.py


@st.composite
def orders(draw: st.DrawFn, day: Day) -> list[int]:
    numbers = draw(st.permutations(range(len(day.visits))))
    return numbers[: draw(st.integers(0, len(numbers)))]


def near(price: float) -> object:
    return pytest.approx(price, rel=1e-9, abs=1e-6)


@dose(100)
@given(some_days, st.data())
def test_a_route_costs_what_the_label_search_says(day: Day, data: st.DataObject) -> None:
    """And inf exactly where there is no schedule."""
    a = arrays_of(day)
    r = empty_routes(a)
    for t, one in enumerate(day.technicians):
        order = data.draw(orders(day))
        give(a, r, t, order)
        assert r.price[t, WHOLE] == near(price_of(day, one.id, names(day, order)))


@dose(100)
@given(some_days, st.data())
def test_one_more_stop_costs_what_the_longer_route_costs(day: Day, data: st.DataObject) -> None:
    a = arrays_of(day)
    r = empty_routes(a)
    n, m = a.fit.shape
    for t, one in enumerate(day.technicians):
        order = data.draw(orders(day))
        assume(order)
        v = order.pop()
        give(a, r, t, order)
        for position in range(len(order) + 1):
            before = order[position - 1] if position else n + m + t
            after = order[position] if position < len(order) else n + t
            longer = [*order[:position], v, *order[position:]]
            expected = price_of(day, one.id, names(day, longer))
            if expected == NEVER and np.isinf([a.fit[u, t] for u in longer]).any():
                continue  # nobody asks for the time of a visit that does not fit
            schedule = price_with(a, r, t, before, v, after, np.inf)
            rest = travel_and_likes(day, a, t, longer)
            assert schedule + rest == near(expected)
            bound = expected - rest
            assert price_with(a, r, t, before, v, after, bound - 1) == NEVER


def give(a: Arrays, r: Routes, t: int, order: Sequence[int]) -> None:
    set_order(a, r, t, np.array(order, dtype=np.int64), len(order))


def names(day: Day, order: Sequence[int]) -> list[str]:
    return [day.visits[v].id for v in order]


def travel_and_likes(day: Day, a: Arrays, t: int, order: Sequence[int]) -> float:
    n, m = a.fit.shape
    stops = [n + m + t, *order, n + t]
    driven = sum(int(a.drive[i, j]) for i, j in pairwise(stops))
    return a.travel_rate * driven + sum(float(a.fit[v, t]) for v in order)


STEPS = ("put", "put", "put", "remove", "take out two", "set")


@dose(100)
@given(some_days, st.data())
def test_what_is_kept_up_to_date_is_what_a_fresh_build_gives(day: Day, data: st.DataObject) -> None:
    a = arrays_of(day)
    r = empty_routes(a)
    for _ in range(data.draw(st.integers(1, 12))):
        _one_step(a, r, data)
        assert_as_fresh(a, r)


@dose(60)
@given(some_days, st.data())
def test_undo_puts_everything_back(day: Day, data: st.DataObject) -> None:
    """After any steps on touched routes; and the routes can be changed again as if nothing had been."""
    a = arrays_of(day)
    r = empty_routes(a)
    for _ in range(4):
        _one_step(a, r, data)
    s = new_search(a, r, neighbours(a), sort_keys(a), 1)
    before = [each.copy() for each in (r.size, r.taker, r.price, r.left)]
    stood = [r.order[t, : r.size[t]].tolist() for t in range(len(r.size))]
    for _ in range(data.draw(st.integers(1, 6))):
        _one_step(a, r, data, s)
    undo(a, r, s)
    assert [r.order[t, : r.size[t]].tolist() for t in range(len(r.size))] == stood
    for kept, now in zip(before, (r.size, r.taker, r.price, r.left), strict=True):
        np.testing.assert_array_equal(kept, now)
    assert_as_fresh(a, r)


@dose(60)
@given(some_days, st.integers(1, 99))
def test_an_offer_that_is_kept_is_what_asking_again_would_say(day: Day, seed: int) -> None:
    """As long as the route is the one that was asked; without a place it is a bound that no place undercuts."""
    assume(day.visits and day.technicians)
    searcher = Searcher(day, published_orders(day, repair(day).orders()), seed=seed)
    a, r, s = searcher.arrays, searcher.annealers[0].routes, searcher.annealers[0].search
    anneal(a, r, s, 30, 1e6, 1e4, 0.0)
    n, m = a.fit.shape
    kept = [(v, t) for v in range(n) for t in range(m) if s.offer[v, t, ASKED] == r.state[t]]
    for v, t in kept:
        if r.taker[v] < 0:
            rises = [rise_at(a, r, t, v, position) for position in range(int(r.size[t]) + 1)]
            rise, position = s.offer[v, t, RISE], int(s.offer[v, t, POSITION])
            assert rise <= min(rises) + 1e-6
            assert position < 0 or rise == near(rises[position])


def rise_at(a: Arrays, r: Routes, t: int, v: int, position: int) -> float:
    """What the whole route costs more with `v` there: put in, looked at, taken out; inf where it must not stand."""
    if np.isinf(a.fit[v, t]) or not fits_van(a, r, t, v) or position < first_free(a, r, t):
        return float("inf")
    before = r.price[t, WHOLE]
    put(a, r, t, position, v)
    rise = float(r.price[t, WHOLE] - before)
    remove(a, r, t, position)
    return rise


def _one_step(a: Arrays, r: Routes, data: st.DataObject, s: Search | None = None) -> None:
    m = len(r.size)
    t = data.draw(st.integers(0, m - 1))
    size = int(r.size[t])
    step = data.draw(st.sampled_from(STEPS))
    open_visits = np.flatnonzero(r.taker < 0).tolist()
    if s is not None:
        touch(a, r, s, t)
    if step == "put" and open_visits:
        put(a, r, t, data.draw(st.integers(0, size)), data.draw(st.sampled_from(open_visits)))
    elif step == "remove" and size:
        remove(a, r, t, data.draw(st.integers(0, size - 1)))
    elif step == "take out two" and size > 1:
        first = data.draw(st.integers(0, size - 2))
        take_out(a, r, t, first + 1)
        take_out(a, r, t, first)
        refresh(a, r, t, first, first - 1)
    elif step == "set":
        mine = r.order[t, :size].tolist()
        chosen = data.draw(st.permutations([*mine, *open_visits]))
        give(a, r, t, chosen[: data.draw(st.integers(0, len(chosen)))])


def assert_as_fresh(a: Arrays, r: Routes) -> None:
    """Every number that means something is what it would be had the routes been given as they are."""
    fresh = empty_routes(a)
    fresh.cut[:] = r.cut
    for t in range(len(r.size)):
        give(a, fresh, t, r.order[t, : r.size[t]].tolist())
    for name in ("size", "taker", "price", "left"):
        np.testing.assert_array_equal(getattr(r, name), getattr(fresh, name), name)
    for t in range(len(r.size)):
        gaps = slice(0, int(r.size[t]) + 1)
        np.testing.assert_array_equal(r.gap[t, gaps], fresh.gap[t, gaps], "gap")
        for v in r.order[t, : r.size[t]]:
            count = int(fresh.labels[v, LABELS, 0])
            assert r.labels[v, LABELS, 0] == count
            np.testing.assert_array_equal(r.labels[v, :count], fresh.labels[v, :count])
            for mask in range(int(a.crew[t, ALL_TAKEN]) + 1):
                count = int(fresh.future[v, mask, PIECES, 0])
                np.testing.assert_array_equal(
                    r.future[v, mask, PIECES, :2], fresh.future[v, mask, PIECES, :2]
                )
                np.testing.assert_array_equal(r.future[v, mask, :count], fresh.future[v, mask, :count])


@dose(100)
@given(some_days, st.data())
def test_routes_are_written_out_for_what_they_cost(day: Day, data: st.DataObject) -> None:
    """Legal, and to the cent the sum of the routes' prices and of what is left undone."""
    a = arrays_of(day)
    r = empty_routes(a)
    fill(day, a, r, data)
    verdict = check(replace(day, limits=Limits()), plan_of(day, a, r))
    left = np.flatnonzero(r.taker < 0)
    waiting = [f"{day.visits[v].id} is locked but not served" for v in left if day.visits[v].locked]
    assert list(verdict.errors) == waiting
    cost = float(r.price[:, WHOLE].sum()) + sum(penalty_of(day, day.visits[v]) for v in left)
    assert verdict.cost == pytest.approx(cost / 60, abs=0.0051)


def fill(day: Day, a: Arrays, r: Routes, data: st.DataObject) -> None:
    """Put visits where they can be, in a drawn order; what is locked only at the head of its own route."""
    everywhere = data.draw(st.permutations(range(len(day.visits))))
    for v in sorted(everywhere, key=lambda v: not day.visits[v].locked):
        t = data.draw(st.integers(0, len(r.size) - 1))
        first = 1 if r.size[t] and a.crew[t, LOCKED] == r.order[t, 0] else 0
        if np.isfinite(a.fit[v, t]) and fits_van(a, r, t, v):
            position = 0 if day.visits[v].locked else data.draw(st.integers(first, int(r.size[t])))
            put(a, r, t, position, v)
            if np.isinf(r.price[t, WHOLE]):
                remove(a, r, t, position)


def a_crowded_day(chance: Random) -> Day:
    """Ann alone, up to three breaks, and visits with up to a hundred short windows each, half of them in her
    overtime: her stops have more labels and their futures more pieces than there is room for."""

    def spans(count: int) -> tuple[tuple[int, int], ...]:
        begins = [chance.randint(at("8:00"), at("18:00")) for _ in range(count)]
        return tuple((begin, begin + chance.randint(0, 400)) for begin in begins)

    visits = []
    for name in ("v1", "v2", "v3", "v4", "v5"):
        length = chance.randint(0, 1_800)
        if chance.random() < 0.5:
            accepts = spans(chance.choice((1, 30, 100)))
            visits.append(a_visit(name, state="new", windows=accepts, duration=length))
        else:
            moves = spans(chance.choice((0, 20, 60)))
            visits.append(a_visit(name, windows=spans(1), may_move=moves, duration=length))
    rests = [(chance.randint(at("8:00"), at("17:00")), chance.randint(0, 900)) for _ in range(3)]
    ann = a_technician(
        shift=(at("8:00"), chance.choice((at("8:20"), at("11:00")))),
        overtime_until=at("22:00"),
        end_location=0,
        breaks=tuple(
            Break(f"b{i}", (begin, at("20:00")), length)
            for i, (begin, length) in enumerate(rests[: chance.choice((0, 1, 3))])
        ),
    )
    weights = Weights(moved=chance.choice((1, 7, 200)), broken=chance.choice((3, 10_000)))
    return a_day(ann, *visits, weights=weights)


@dose(100)
@given(st.integers(0, 1 << 32))
def test_beyond_the_caps_a_route_is_never_cheaper_than_the_truth_and_still_legal(seed: int) -> None:
    chance = Random(seed)
    day = a_crowded_day(chance)
    order = chance.sample(range(5), chance.randint(1, 5))
    a = arrays_of(day)
    r = empty_routes(a)
    give(a, r, 0, order)
    price = float(r.price[0, WHOLE])
    assert price >= price_of(day, "ann", names(day, order)) - 1e-6
    if price < NEVER:
        verdict = check(day, plan_of(day, a, r))
        left = sum(penalty_of(day, day.visits[v]) for v in range(5) if v not in order)
        assert verdict.errors == ()
        assert verdict.cost <= (price + left) / 60 + 0.0051


def test_the_crowded_days_do_pass_the_caps() -> None:
    labels = pieces = 0
    for seed in range(40):
        a = arrays_of(a_crowded_day(Random(seed)))
        r = empty_routes(a)
        give(a, r, 0, range(5))
        labels += bool((r.labels[:5, LABELS, 0] == LABELS).any())
        pieces += bool((r.future[:5, :, PIECES, 0] == PIECES).any())
    assert labels >= 5
    assert pieces >= 10


def test_breaks_that_can_be_taken_in_one_order_only() -> None:
    """Tea takes no time and must begin at 8:00, so it comes before the lunch that begins at 8:00 as well."""
    rests = (Break("lunch", (at("8:00"), at("8:00")), 300), Break("tea", (at("8:00"), at("8:00")), 0))
    day = a_day(a_technician(breaks=rests), a_visit("v1"))
    a = arrays_of(day)
    r = empty_routes(a)
    give(a, r, 0, [0])
    plan = plan_of(day, a, r)
    assert check(day, plan).errors == ()
    assert [stop.id for stop in plan.routes[0].stops] == ["tea", "lunch", "v1"]
