"""Other solvers on our days. Each is a function (day, seconds, seed) -> Made; what it cannot say is said here.

A peer sees hard windows only: a promise is kept (or moved into `may_move`) or the visit is left, at the
price of both. Locked visits are done before it begins. Its orders are timed and priced like ours (orders.py).

PyVRP: skills and persons as one routing profile per set of visits a technician may take, parts as loads,
  priorities as prizes, overtime priced, several windows as clients that exclude each other. No breaks: who
  owes one sets out later by its length. `pyvrp-loyal` also knows the price of another technician, as a
  longer way to the visit in that technician's own profile; it still knows none for another time.
VROOM (one thread, exploration 5 of 5, deterministic): skills, parts, breaks, several windows and priorities
  are its own; overtime is free up to its limit.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

from optimizer import Day, Technician, Visit
from tests.benchmarks.optimizer import engines
from tests.benchmarks.optimizer.orders import Made, Start, leaving_price, may, open_visits, plan_of, starts
from tests.benchmarks.optimizer.pyvrp_model import orders_by_pyvrp

Peer: TypeAlias = Callable[[Day, float, int], Made]

PACKAGES = {"pyvrp": "pyvrp", "pyvrp-loyal": "pyvrp", "vroom": "vroom"}
UNSEEDED = ("vroom", "routing")
PRIORITIES = 100  # VROOM's highest


def ours(day: Day, seconds: float, seed: int) -> Made:
    return Made(engines.ours(day, seconds, seed))


def routing(day: Day, seconds: float, seed: int) -> Made:
    return Made(engines.routing(day, seconds, seed))


def pyvrp(day: Day, seconds: float, seed: int) -> Made:
    return plan_of(day, orders_by_pyvrp(day, seconds, seed))


def pyvrp_loyal(day: Day, seconds: float, seed: int) -> Made:
    return plan_of(day, orders_by_pyvrp(day, seconds, seed, loyal=True))


def vroom(day: Day, seconds: float, seed: int) -> Made:
    """VROOM stops by itself, mostly long before `seconds`; it takes no seed."""
    import vroom as package

    crew = starts(day)
    visits = open_visits(day, crew)
    if not crew or not visits:
        return plan_of(day, {})
    problem: Any = package.Input()
    problem.set_durations_matrix("car", day.travel)
    parts = sorted({name for visit in visits for name in visit.parts})
    takers = [frozenset(i for i, start in enumerate(crew) if may(start.technician, v)) for v in visits]
    circles = {circle: number for number, circle in enumerate(dict.fromkeys(takers))}
    for number, start in enumerate(crew):
        skills = {circles[circle] for circle in circles if number in circle}
        problem.add_vehicle(_vehicle(package, start, number, skills, parts=parts))
    dearest = max(leaving_price(day, visit) for visit in visits) or 1
    for number, visit in enumerate(visits):
        share = leaving_price(day, visit) / dearest
        job = package.Job(
            id=number,
            location=visit.location,
            default_service=visit.duration,
            delivery=[visit.parts.get(name, 0) for name in parts],
            skills={circles[takers[number]]},
            priority=max(1, round(PRIORITIES * share)),
            time_windows=_windows(package, visit),
        )
        problem.add_job(job)
    solution = problem.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds))
    return plan_of(day, _orders(solution.routes, crew, visits))


PEERS: dict[str, Peer] = {
    "ours": ours,
    "routing": routing,
    "pyvrp": pyvrp,
    "pyvrp-loyal": pyvrp_loyal,
    "vroom": vroom,
}


def installed(name: str) -> bool:
    """Whether that peer can run here."""
    return name not in PACKAGES or importlib.util.find_spec(PACKAGES[name]) is not None


def _vehicle(package: Any, start: Start, number: int, skills: set[int], *, parts: list[str]) -> Any:
    one: Technician = start.technician
    owed = [rest for rest in one.breaks if rest.id in start.owed]
    breaks = [
        package.Break(index, time_windows=[package.TimeWindow(*rest.window)], service=rest.duration)
        for index, rest in enumerate(owed)
    ]
    return package.Vehicle(
        id=number,
        start=start.location,
        end=one.end_location,
        capacity=[max(0, start.parts.get(name, 0)) for name in parts],
        skills=skills,
        time_window=package.TimeWindow(start.at, one.overtime_until),
        breaks=breaks,
    )


def _windows(package: Any, visit: Visit) -> list[Any]:
    """VROOM wants them in order and apart."""
    joined: list[list[int]] = []
    for begin, end in sorted((*visit.windows, *visit.may_move)):
        if joined and begin <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([begin, end])
    return [package.TimeWindow(begin, end) for begin, end in joined]


def _orders(routes: Any, crew: list[Start], visits: list[Visit]) -> dict[str, list[str]]:
    """VROOM's table of steps, read row by row."""
    orders: dict[str, list[str]] = {start.technician.id: [] for start in crew}
    steps = zip(routes["type"], routes["vehicle_id"], routes["id"], strict=True)
    for kind, vehicle, job in steps:
        if kind == "job":
            orders[crew[int(vehicle)].technician.id].append(visits[int(job)].id)
    return orders
