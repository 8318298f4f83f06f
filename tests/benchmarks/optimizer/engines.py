"""How this benchmark calls our own optimizer. What a new engine changes is changed here and nowhere else."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import optimizer
from optimizer import Budget, Day, Plan, Technician, Visit, Window
from optimizer.quick import Quick
from optimizer.slots import Slots

Routes = Mapping[str, tuple[str, ...]]

_KEPT: dict[Day, Slots] = {}


def ours(day: Day, seconds: float, seed: int) -> Plan:
    """Our search as users get it: two threads where somebody was promised something, one on VRPTW."""
    threads = 2 if any(visit.promised for visit in day.visits) else 1
    return optimizer.solve(day, Budget(seconds=seconds), seed=seed, threads=threads)


def routing(day: Day, seconds: float, seed: int) -> Plan:
    """OR-Tools' routing library alone, warm from the first repair; it has no seed."""
    return optimizer.solve(day, Budget(seconds=seconds), engine="routing")


def first_repair(document: Mapping[str, Any]) -> tuple[Day, Plan, float, float]:
    """The day, its first repair, milliseconds of the search alone, milliseconds from the parsed day to the plan."""
    day, again = optimizer.read_day(document), optimizer.read_day(document)
    begin = time.perf_counter()
    plan = optimizer.repair(day)
    whole = time.perf_counter() - begin
    quick = Quick(again)
    begin = time.perf_counter()
    quick.repair()
    search = time.perf_counter() - begin
    return day, plan, 1000 * search, 1000 * whole


def find_slots(
    days: Sequence[tuple[Day, Routes]], visit: Visit, windows: Sequence[Window], *, eject: bool
) -> int:
    """In how many (day, window) cells the visit fits; each day is laid out once and kept."""
    return sum(len(_slots_of(day, routes).offers(visit, windows, eject=eject)) for day, routes in days)


def _slots_of(day: Day, routes: Routes) -> Slots:
    found = _KEPT.get(day)
    if found is None:
        found = _KEPT[day] = Slots(day, routes)
    return found


def warm() -> None:
    """Everything that is loaded or compiled once, so that no clock of this benchmark counts it."""
    optimizer.warm_up()
    day = three_visits()
    routing(day, 0.2, 1)
    for eject in (False, True):
        find_slots([(day, {})], day.visits[0], [(0, 36_000)], eject=eject)


def three_visits() -> Day:
    """Two technicians, three visits: the smallest day with something to choose."""
    import numpy as np

    places = np.array([0, 600, 1200, 1800])
    crew = [
        Technician(
            id=name, shift=(0, 36_000), overtime_until=36_000, ready_at=0, ready_location=0, end_location=0
        )
        for name in ("ann", "bob")
    ]
    visits = [
        Visit(id=f"v{place}", location=place, duration=1800, state="new", windows=((0, 36_000),))
        for place in (1, 2, 3)
    ]
    return Day(
        name="three visits",
        now=0,
        travel=np.abs(places[:, None] - places[None, :]),
        technicians=tuple(crew),
        visits=tuple(visits),
    )
