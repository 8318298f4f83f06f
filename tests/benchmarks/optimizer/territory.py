"""A made-up territory for the two questions a dispatcher asks in a hurry: who takes over, and when could we come.

40 x 40 km of straight roads at 30 km/h, promises of two hours on the hour, five skills of which each visit
needs one and each technician has two to four, eight hours a day with the way home. The published routes are
made by VROOM where it is installed, else by our own search, and kept in the temporary folder by seed.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from optimizer import Blocked, Day, Planned, Technician, Visit, timetable
from tests.benchmarks.optimizer.peers import PEERS, installed

SIDE_KM, KMH = 40, 30
SHIFT = (8 * 3600, 16 * 3600)
WINDOWS = [(hour * 3600, (hour + 2) * 3600) for hour in range(8, 15)]
SKILLS = ("copper", "fiber", "mast", "meter", "router")
TOLERANCE = 900  # seconds a promised visit may shift before its customer counts as disturbed
SEARCH_SECONDS = 10.0
VERSION = 1  # of this file's numbers: old routes are not taken for new ones

Orders = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Size:
    """So many technicians with so many visits each, of so many minutes."""

    technicians: int
    visits: int
    minutes: tuple[int, int]

    @property
    def name(self) -> str:
        return f"{self.technicians}x{self.visits}"


SIZES = {one.name: one for one in (Size(50, 5, (45, 75)), Size(50, 8, (25, 45)), Size(100, 8, (25, 45)))}


def asked_day(size: Size, seed: int, *, spare: int = 0) -> Day:
    """The evening before: visits to plan, nobody told anything. `spare`: places nobody asked for yet, last."""
    chance = random.Random(f"{VERSION} {size.name} {seed}")
    count = size.technicians * size.visits
    places = [(_km(chance), _km(chance)) for _ in range(size.technicians + count)]
    crew = [
        Technician(
            id=f"t{number:03d}",
            shift=SHIFT,
            overtime_until=SHIFT[1],
            ready_at=SHIFT[0],
            ready_location=number,
            end_location=number,
            skills=dict.fromkeys(chance.sample(SKILLS, chance.randint(2, 4)), 1),
        )
        for number in range(size.technicians)
    ]
    visits = [
        Visit(
            id=f"v{number:03d}",
            location=size.technicians + number,
            duration=60 * chance.randint(*size.minutes),
            state="new",
            windows=(chance.choice(WINDOWS),),
            skills={chance.choice(SKILLS): 1},
        )
        for number in range(count)
    ]
    places += [(_km(chance), _km(chance)) for _ in range(spare)]  # last, so that the rest stays the same
    return Day(
        name=f"{size.name} {seed}",
        now=0,
        travel=_seconds(places),
        technicians=tuple(crew),
        visits=tuple(visits),
        change_tolerance=TOLERANCE,
    )


def published_day(size: Size, seed: int, *, spare: int = 0) -> Day:
    """The morning: what found a place is promised, who comes when is told; the rest was never promised."""
    day = asked_day(size, seed, spare=spare)
    return promised(day, _orders(size, seed))


def sick_day(size: Size, seed: int, *, out: int, now: int) -> Day:
    """`out` technicians are absent from `now` on; what is begun or driven to by the others stays as it is."""
    day = published_day(size, seed)
    absent = set(random.Random(f"sick {seed}").sample([one.id for one in day.technicians], out))
    crew, gone, locked = [], set(), set()
    for one in day.technicians:
        after, begun, driven = _at(day, one, now, absent=one.id in absent)
        crew.append(after)
        gone |= begun
        locked |= driven
    visits = [replace(one, locked=one.id in locked) for one in day.visits if one.id not in gone]
    return replace(day, now=now, technicians=tuple(crew), visits=tuple(visits))


def promised(day: Day, orders: Mapping[str, Sequence[str]]) -> Day:
    """`day` with these routes published."""
    told: dict[str, Planned] = {}
    for technician_id, ids in orders.items():
        route = timetable(day, technician_id, ids)
        if isinstance(route, Blocked):
            raise ValueError(route.sentence)
        told |= {stop.id: Planned(technician_id, stop.start) for stop in route.stops}
    visits = [replace(one, state="promised", planned=told[one.id]) for one in day.visits if one.id in told]
    crew = [replace(one, route=tuple(orders.get(one.id, ()))) for one in day.technicians]
    return replace(day, technicians=tuple(crew), visits=tuple(visits))


def _at(day: Day, one: Technician, now: int, *, absent: bool) -> tuple[Technician, set[str], set[str]]:
    """The technician at `now`, the visits begun by then, and the one that is driven to.

    Nobody waits at home: the way to the next visit begins when the last one ends.
    """
    begun = [visit_id for visit_id in one.route if _told(day, visit_id) <= now]
    left = one.route[len(begun) :]
    if absent:
        return replace(one, route=left, absent=True), set(begun), set()
    if not begun:
        free, place = SHIFT[0], one.ready_location
    else:
        last = day.visit(begun[-1])
        free, place = _told(day, last.id) + last.duration, last.location
    if free > now or not left:
        return replace(one, route=left, ready_at=free, ready_location=place), set(begun), set()
    there = day.visit(left[0]).location
    arrival = free + int(day.travel[place, there])
    return replace(one, route=left, ready_at=arrival, ready_location=there), set(begun), {left[0]}


def _told(day: Day, visit_id: str) -> int:
    planned = day.visit(visit_id).planned
    return 0 if planned is None else planned.start


def _orders(size: Size, seed: int) -> Orders:
    maker = "vroom" if installed("vroom") else "ours"
    folder = Path(tempfile.gettempdir()) / "makegood-benchmark"
    path = folder / f"routes-{VERSION}-{maker}-{size.name}-{seed}.json"
    if not path.exists():
        made = PEERS[maker](asked_day(size, seed), SEARCH_SECONDS, seed)
        folder.mkdir(exist_ok=True)
        path.write_text(json.dumps(made.plan.orders()))
    return {name: tuple(ids) for name, ids in json.loads(path.read_text()).items()}


def _km(chance: random.Random) -> float:
    return chance.uniform(0, SIDE_KM)


def _seconds(places: Sequence[tuple[float, float]]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    x, y = np.array(places).T
    km = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    seconds: np.ndarray[tuple[int, int], np.dtype[np.int64]] = np.ceil(km * 3600 / KMH).astype(np.int64)
    return seconds
