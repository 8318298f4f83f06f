"""Solomon's and Gehring and Homberger's instances as service days, and a judge of their plans.

The convention is that of the DIMACS challenge: an arc is as long as the straight line, cut to one decimal;
distance and travel time are the same; what counts is distance alone. Everything here is in tenths.
"""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from optimizer import Day, Plan, Technician, Visit, Weights

SHARED = Path(__file__).parents[3] / "../shared/data/vrptw"
TENTHS = 10
UNSERVED = 10_000_000  # more than any detour: the instances can all be served whole


@dataclass(frozen=True, slots=True)
class Node:
    """The depot (the first one) or a customer; times and positions as in the file."""

    x: int
    y: int
    demand: int
    ready: int
    due: int
    service: int


@dataclass(frozen=True, slots=True)
class Instance:
    name: str
    vehicles: int
    capacity: int
    nodes: tuple[Node, ...]

    @property
    def customers(self) -> range:
        return range(1, len(self.nodes))


def read_instance(text: str) -> Instance:
    """The instance a `.txt` file describes: name, fleet, then seven whole numbers a node."""
    rows = [
        [int(one) for one in line.split()] for line in text.splitlines() if re.fullmatch(r"[\d\s]+", line)
    ]
    rows = [row for row in rows if row]
    (vehicles, capacity), nodes = rows[0], [Node(*row[1:]) for row in rows[1:]]
    return Instance(text.split()[0], vehicles, capacity, tuple(nodes))


def lengths(instance: Instance) -> NDArray[np.int64]:
    """Tenths between all nodes, cut off exactly: whole numbers only, no rounding of a root."""
    size = range(len(instance.nodes))
    return np.array([[_length(instance.nodes[i], instance.nodes[j]) for j in size] for i in size], np.int64)


def day_of(instance: Instance) -> Day:
    """The same problem as a day: a second is a tenth, and the plan's cost is its distance in tenths."""
    depot = instance.nodes[0]
    shift = (depot.ready * TENTHS, depot.due * TENTHS)
    crew = [
        Technician(
            id=f"t{number:03d}",
            shift=shift,
            overtime_until=shift[1],
            ready_at=shift[0],
            ready_location=0,
            end_location=0,
            parts={"load": instance.capacity},
        )
        for number in range(instance.vehicles)
    ]
    return Day(
        name=instance.name,
        now=shift[0],
        travel=lengths(instance),
        technicians=tuple(crew),
        visits=tuple(_visit(instance, number) for number in instance.customers),
        weights=Weights(unserved=UNSERVED, travel_minute=60),
    )


def routes_of(plan: Plan) -> list[list[int]]:
    """The customers of each route, in order."""
    return [[int(visit_id) for visit_id in route.visit_ids] for route in plan.routes]


def judge(instance: Instance, routes: Sequence[Sequence[int]]) -> tuple[int, list[str]]:
    """Distance in tenths, and every rule that is broken. It knows the file alone, not the optimizer."""
    routes = [route for route in routes if route]
    broken = [f"{len(routes)} routes for {instance.vehicles} vehicles"] * (len(routes) > instance.vehicles)
    visited = Counter(customer for route in routes for customer in route)
    broken += [f"{one} is visited {visited[one]} times" for one in instance.customers if visited[one] != 1]
    broken += [f"{one} is no customer" for one in visited if one not in instance.customers]
    known = [[one for one in route if one in instance.customers] for route in routes]
    return sum(_drive(instance, route, broken) for route in known), broken


def read_solution(text: str) -> tuple[list[list[int]], float]:
    """Routes and cost of a `.sol` file."""
    routes = [[int(one) for one in found.split()] for found in re.findall(r"Route #\d+:(.*)", text)]
    cost = re.search(r"Cost\s+([\d.]+)", text)
    if cost is None:
        raise ValueError("a solution without a cost")
    return routes, float(cost[1])


def best_known(folder: Path = SHARED) -> dict[str, int]:
    """Best known distance of each instance, in tenths."""
    with (folder / "bks.csv").open() as file:
        return {row["name"]: round(TENTHS * float(row["bks_dimacs"])) for row in csv.DictReader(file)}


def _visit(instance: Instance, number: int) -> Visit:
    node = instance.nodes[number]
    return Visit(
        id=str(number),
        location=number,
        duration=node.service * TENTHS,
        state="new",
        windows=((node.ready * TENTHS, node.due * TENTHS),),
        parts={"load": node.demand},
    )


def _length(a: Node, b: Node) -> int:
    return math.isqrt(TENTHS**2 * ((a.x - b.x) ** 2 + (a.y - b.y) ** 2))


def _drive(instance: Instance, route: Iterable[int], broken: list[str]) -> int:
    """The length of one route, begun as early as may be; what it breaks is added to `broken`."""
    nodes, here, load, driven = instance.nodes, 0, 0, 0
    clock = nodes[0].ready * TENTHS
    for customer in (*route, 0):
        leg = _length(nodes[here], nodes[customer])
        driven += leg
        clock = max(clock + leg, nodes[customer].ready * TENTHS)
        if clock > nodes[customer].due * TENTHS:
            broken.append(f"{customer or 'the depot'} is reached at {clock / TENTHS}")
        clock += nodes[customer].service * TENTHS
        load += nodes[customer].demand
        here = customer
    if load > instance.capacity:
        broken.append(f"a load of {load}")
    return driven
