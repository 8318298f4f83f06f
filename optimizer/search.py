"""The improvement search: ruin and recreate in compiled kernels, its routes recombined by OR-Tools.

Each thread anneals from the best plan known; after every cycle the routes that all threads have seen go
through set partitioning (recombine.py), and the next cycle starts from the best plan, as hot as the first. With a
budget of iterations the result depends on the day, the seed and the number of threads alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Thread

import numpy as np

from optimizer.budget import Budget
from optimizer.day import Day
from optimizer.kernels.anneal import anneal, construct
from optimizer.kernels.arrays import ALIKE, PENALTY, TOLD, Arrays, Floats, Ints, arrays_of
from optimizer.kernels.place import set_order
from optimizer.kernels.relations import neighbours, sort_keys
from optimizer.kernels.routes import SCHEDULE, WHOLE, Routes, empty_routes
from optimizer.kernels.search import (
    BEST,
    CURRENT,
    SIZE,
    TAKER,
    Search,
    forget_columns,
    new_search,
    return_to_best,
    start_from,
)
from optimizer.linked.placing import Linking
from optimizer.plan import Plan
from optimizer.recombine import Column, load_solvers, recombine
from optimizer.written import plan_of

CYCLES = 6  # each as hot as the first: plans that lie apart have more routes to recombine
HOT, COLD = 1.0, 0.02  # in units of what one visit costs
# Plans that differ by one broken promise lie far apart: a hotter start, and time to cool down from it.
CYCLES_WITH_PROMISES, HOT_WITH_PROMISES = 3, 30.0
POOLED_WITHIN = 0.03  # of the plan's price without penalties
RECOMBINING = 0.24  # share of the time
RECOMBINING_SECONDS, LEAST_RECOMBINING_SECONDS = 5.0, 0.02  # where iterations are counted; anywhere
FIRST_CHUNK, CHUNK_SECONDS = 64, 0.02
SAME = 0.5  # sixtieths
MOST_NEAR = 4  # plans looked at for the safest

Orders = dict[str, tuple[str, ...]]
Clock = Callable[[], float]
Heard = Callable[[str], None]


@dataclass(slots=True)
class Annealer:
    """One annealer: its own routes, its own chance."""

    routes: Routes
    search: Search


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan as arrays: its price in sixtieths, orders and their sizes, the cuts it stands under."""

    cost: float
    order: Ints
    size: Ints
    cut: Floats


class Searcher:
    """A search on one day, from legal `orders`."""

    def __init__(
        self, day: Day, orders: Mapping[str, tuple[str, ...]], *, seed: int = 1, threads: int = 1
    ) -> None:
        self.day, self.seed = day, seed
        self.arrays: Arrays = arrays_of(day)
        self.promised = any(visit.promised for visit in day.visits)
        self.cycles = CYCLES_WITH_PROMISES if self.promised else CYCLES
        near, keys = neighbours(self.arrays), sort_keys(self.arrays)
        self.number = {visit.id: v for v, visit in enumerate(day.visits)}
        self.annealers: list[Annealer] = []
        self.kept: list[Kept] = []
        self.paper = empty_routes(self.arrays)
        self.linking = Linking(day, self.arrays)
        for k in range(threads):
            routes = empty_routes(self.arrays)
            self.linking.forbid(routes)
            self._give(routes, orders)
            search = new_search(self.arrays, routes, near, keys, seed * 1000 + k)
            construct(self.arrays, routes, search)
            self.annealers.append(Annealer(routes, search))
        self._link()

    @property
    def cost(self) -> float:
        """The best plan's price, in sixtieths; nobody pays for a second person who is not there."""
        best = self._best().search
        first = len(self.day.visits)
        missing = set(range(first, len(self.arrays.visit)))
        if missing:
            for t, size in enumerate(best.best_size):
                missing -= set(best.best_order[t, :size].tolist())
        return float(best.numbers[BEST]) - sum(float(self.arrays.visit[v, PENALTY]) for v in missing)

    @property
    def iterations(self) -> int:
        return sum(int(one.search.counters[2]) for one in self.annealers)

    def orders(self) -> Orders:
        """The best plan, as technician id to visit ids in order."""
        best = self._best().search
        return {
            one.id: tuple(
                self.day.visits[v].id
                for v in best.best_order[t, : best.best_size[t]]
                if v < len(self.day.visits)
            )
            for t, one in enumerate(self.day.technicians)
        }

    def plan(self) -> Plan:
        """The best plan, written out; the search is not disturbed."""
        best = self._best()
        return self._written(Kept(self.cost, best.search.best_order, best.search.best_size, best.routes.cut))

    def near_plans(self, within: float) -> list[Plan]:
        """The best plan, and others that a thread ended a cycle with, dearer by no more than the fraction
        `within` of what the best costs without its penalties; the cheapest first."""
        limit = float(self._best().search.numbers[BEST]) + within * self._soft()
        near = sorted((one for one in self.kept if one.cost <= limit), key=lambda one: one.cost)
        return [self.plan(), *(self._written(one) for one in near[:MOST_NEAR])]

    def _written(self, one: Kept) -> Plan:
        _copy_best(self.arrays, one, self.paper)
        self.linking.trim(self.paper)
        return plan_of(self.day, self.arrays, self.paper)

    def run(self, budget: Budget, *, clock: Clock = time.perf_counter, heard: Heard | None = None) -> None:
        """Search until the budget is spent; `heard` is called now and then, between two steps."""
        if not self.day.visits or not self.day.technicians:
            return
        began = clock()
        if self._recombining_seconds(budget) >= LEAST_RECOMBINING_SECONDS:
            Thread(target=load_solvers, name="load OR-Tools").start()
        scale = self._scale()
        hot = (HOT_WITH_PROMISES if self.promised else HOT) * scale
        for cycle in range(self.cycles):
            if cycle:
                self._link()
            self._cycle(budget, cycle, hot, COLD * scale, clock=clock, began=began, heard=heard)
            self.kept += [self._keep(one) for one in self.annealers]
            if heard:
                heard("recombining")
            self._recombine(budget, clock, began)
            self._share()

    def _cycle(
        self,
        budget: Budget,
        cycle: int,
        hot: float,
        cold: float,
        *,
        clock: Clock,
        began: float,
        heard: Heard | None,
    ) -> None:
        if budget.iterations is not None:
            self._anneal(budget.iterations // self.cycles, hot, cold)
            return
        seconds = budget.seconds or 0.0
        begin = seconds * cycle / self.cycles
        length = seconds * (1 - RECOMBINING) / self.cycles
        chunk = FIRST_CHUNK
        while (spent := (clock() - began - begin) / length) < 1:
            spent = max(0.0, spent)
            at = clock()
            warm = hot * (cold / hot) ** spent
            self._anneal(chunk, warm, warm * 0.999)
            took = max(1e-6, clock() - at)
            chunk = max(1, min(4 * chunk, int(chunk * CHUNK_SECONDS / took)))
            if heard:
                heard("searching")

    def _anneal(self, iterations: int, hot: float, cold: float) -> None:
        within = POOLED_WITHIN * self._soft()
        if len(self.annealers) == 1:
            one = self.annealers[0]
            anneal(self.arrays, one.routes, one.search, iterations, hot, cold, within)
            return
        with ThreadPoolExecutor(len(self.annealers)) as pool:
            for _ in pool.map(
                lambda one: anneal(self.arrays, one.routes, one.search, iterations, hot, cold, within),
                self.annealers,
            ):
                pass

    def _recombine(self, budget: Budget, clock: Clock, began: float) -> None:
        seconds = self._recombining_seconds(budget)
        if budget.seconds is not None:
            seconds = min(seconds, budget.seconds - (clock() - began))
        if seconds < LEAST_RECOMBINING_SECONDS:
            return
        best = self._best()
        return_to_best(self.arrays, best.routes, best.search)
        found = recombine(
            list(self._columns()),
            self._held(best),
            penalties=self.arrays.visit[:, PENALTY].copy(),
            kinds=self._kinds(),
            seconds=seconds,
            seed=self.seed,
            clock=clock,
        )
        if found is not None:
            self._take(best, found.columns)

    def _recombining_seconds(self, budget: Budget) -> float:
        """For each cycle's recombination."""
        if budget.seconds is None:
            return RECOMBINING_SECONDS
        return budget.seconds * RECOMBINING / self.cycles

    def _take(self, one: Annealer, columns: tuple[Column, ...]) -> None:
        free: dict[int, list[int]] = {}
        for t, kind in enumerate(self.arrays.crew[:, ALIKE]):
            free.setdefault(int(kind), []).append(t)
        _clear(self.arrays, one.routes)
        for column in columns:
            _order(self.arrays, one.routes, free[column.kind].pop(0), column.visits)
        start_from(self.arrays, one.routes, one.search)
        construct(self.arrays, one.routes, one.search)

    def _share(self) -> None:
        """Every thread goes on from the best plan of all."""
        best = self._best()
        return_to_best(self.arrays, best.routes, best.search)
        for one in self.annealers:
            if one is not best:
                _copy_best(self.arrays, self._keep(best), one.routes)
                start_from(self.arrays, one.routes, one.search)

    def _link(self) -> None:
        """Choose the starts of linked visits again, for all threads, where that makes the best plan cheaper."""
        if not self.linking.links:
            return
        best = self._best()
        return_to_best(self.arrays, best.routes, best.search)
        before, cut = best.search.numbers[CURRENT], best.routes.cut.copy()
        self.linking.place(best.routes)
        start_from(self.arrays, best.routes, best.search)
        if best.search.numbers[CURRENT] < before - SAME:
            for one in self.annealers:
                forget_columns(one.search)  # they were priced within other cuts
        else:
            best.routes.cut[:] = cut
            return_to_best(self.arrays, best.routes, best.search)
        self._share()

    def _keep(self, one: Annealer) -> Kept:
        s = one.search
        return Kept(float(s.numbers[BEST]), s.best_order.copy(), s.best_size.copy(), one.routes.cut.copy())

    def _best(self) -> Annealer:
        return min(self.annealers, key=lambda one: float(one.search.numbers[BEST]))

    def _columns(self) -> Iterator[Column]:
        for one in self.annealers:
            s = one.search
            for c in range(int(s.counters[0])):
                visits = tuple(s.column_visits[c, : s.column[c, SIZE]].tolist())
                yield Column(int(s.column[c, TAKER]), visits, float(s.column_price[c]))

    def _held(self, one: Annealer) -> list[Column]:
        r = one.routes
        return [
            Column(int(kind), tuple(r.order[t, : r.size[t]].tolist()), float(r.price[t, WHOLE]))
            for t, kind in enumerate(self.arrays.crew[:, ALIKE])
            if r.size[t]
        ]

    def _kinds(self) -> dict[int, int]:
        kinds, counts = np.unique(self.arrays.crew[:, ALIKE], return_counts=True)
        return {int(kind): int(count) for kind, count in zip(kinds, counts, strict=True)}

    def _scale(self) -> float:
        """What one visit costs when all goes well: its travel, and a change where it can be changed."""
        r, a = self._best().routes, self.arrays
        travel = sum(float(r.price[t, WHOLE] - r.price[t, SCHEDULE]) for t in range(len(r.size)))
        served = max(1, int(r.size.sum()))
        told = float((a.visit[:, TOLD] >= 0).mean()) * 60 * self.day.weights.changed
        return max(1.0, travel / served + told)  # also where nobody drives

    def _soft(self) -> float:
        return self._scale() * len(self.day.visits)

    def _give(self, routes: Routes, orders: Mapping[str, tuple[str, ...]]) -> None:
        for t, one in enumerate(self.day.technicians):
            _order(self.arrays, routes, t, tuple(self.number[v] for v in orders.get(one.id, ())))


def _copy_best(a: Arrays, kept: Kept, routes: Routes) -> None:
    """Give `routes` that plan, and the cuts it stands under."""
    _clear(a, routes)
    routes.cut[:] = kept.cut
    for t in range(len(routes.size)):
        set_order(a, routes, t, kept.order[t], int(kept.size[t]))


def _clear(a: Arrays, routes: Routes) -> None:
    for t in range(len(routes.size)):
        _order(a, routes, t, ())


def _order(a: Arrays, routes: Routes, t: int, visits: tuple[int, ...]) -> None:
    set_order(a, routes, t, np.array(visits, dtype=np.int64), len(visits))
