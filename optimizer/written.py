"""Routes in arrays, written out as a plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from optimizer.day import Break, Day, Technician, Visit
from optimizer.kernels.arrays import LONG_AGO, Arrays, tasks_of
from optimizer.kernels.routes import Routes
from optimizer.kernels.timing import read_schedule
from optimizer.plan import Kind, Plan, Route, Stop
from optimizer.unserved import why_unserved

KINDS: tuple[Kind, Kind] = ("visit", "assist")


def plan_of(day: Day, a: Arrays, r: Routes) -> Plan:
    """The cheapest schedule of every route, and a reason for every visit in none."""
    tasks = tasks_of(day)
    starts, ways = np.zeros(len(tasks)), np.zeros(len(tasks) + 1, dtype=np.int64)
    routes: list[Route] = []
    for t, technician in enumerate(day.technicians):
        size = int(r.size[t])
        if size:
            finish = read_schedule(a, r, t, starts, ways)
            begun = list(zip(r.order[t, :size].tolist(), starts[:size].tolist(), strict=True))
            routes.append(_route(day, tasks, technician, begun, ways[: size + 1].tolist(), finish))
    left = tuple(why_unserved(day, visit) for v, visit in enumerate(day.visits) if r.taker[v] < 0)
    return Plan(day.name, tuple(routes), left)


def _route(
    day: Day,
    tasks: Sequence[Visit],
    technician: Technician,
    begun: list[tuple[int, float]],
    ways: Sequence[int],
    finish: float,
) -> Route:
    stops: list[Stop] = []
    clock = max(technician.ready_at, day.now, technician.shift[0])
    owed = technician.breaks
    for (v, start), way in zip(begun, ways, strict=False):
        visit, kind = tasks[v], KINDS[v >= len(day.visits)]
        owed, pauses = _pauses(owed, way, clock)
        stops += pauses
        stops.append(Stop(kind, visit.id, int(start), int(start) + visit.duration))
        clock = int(start) + visit.duration
    stops += _pauses(owed, ways[len(begun)], clock)[1]
    return Route(technician.id, tuple(stops), int(finish))


def _pauses(owed: tuple[Break, ...], way: int, clock: int) -> tuple[tuple[Break, ...], list[Stop]]:
    """What is owed still after leaving a stop by that way, and the breaks taken from `clock` on."""
    taken = list(orders_of_breaks(owed))[way]
    stops: list[Stop] = []
    for rest in taken:
        begin = max(clock, rest.window[0])
        clock = begin + rest.duration
        stops.append(Stop("break", rest.id, begin, clock))
    return tuple(rest for rest in owed if rest not in taken), stops


def orders_of_breaks(owed: tuple[Break, ...]) -> Iterator[tuple[Break, ...]]:
    """Every order of every choice of breaks that can be kept, as Arrays.leave numbers the ways to leave a stop."""
    found: list[tuple[tuple[Break, ...], float]] = [((), LONG_AGO)]
    for taken, clock in found:  # grows while it is read
        yield taken
        for rest in owed:
            if rest not in taken and clock <= rest.window[1]:
                found.append(((*taken, rest), max(clock, rest.window[0]) + rest.duration))
