"""A day as PyVRP's problem data; peers.py says what the model leaves out."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer import Day, Visit, Window
from tests.benchmarks.optimizer.orders import Start, leaving_price, may, open_visits, starts

SHUT = (
    10_000_000  # seconds: too long for any day. With PyVRP's own MAX_VALUE, penalties overflow and it hangs
)
SURE = 1000  # times the travel weight: no detour pays for leaving a visit that has to be served

Matrix = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Way:
    """One window of one visit: a client of its own."""

    visit: Visit
    window: Window
    moved: bool


def orders_by_pyvrp(day: Day, seconds: float, seed: int, *, loyal: bool = False) -> dict[str, list[str]]:
    """Visit ids per technician after `seconds` of PyVRP, model building included in them."""
    from pyvrp import solve
    from pyvrp.exceptions import PenaltyBoundWarning
    from pyvrp.stop import MaxRuntime

    begin = time.perf_counter()
    model = _Model(day, loyal=loyal)
    if not model.crew or not model.ways:
        return {}
    data = model.data()
    left = max(0.01, seconds - (time.perf_counter() - begin))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PenaltyBoundWarning)  # what its plan is worth is judged anyway
        found = solve(data, MaxRuntime(left), seed, collect_stats=False, params=model.parameters())
    return model.orders(found.best)


class _Model:
    """Locations: first the crew's starts and ends, then every client its own, so that it can be forbidden.

    Technicians who are alike in everything become one vehicle type with as many vehicles.
    """

    def __init__(self, day: Day, *, loyal: bool) -> None:
        self.day, self.loyal = day, loyal
        self.crew = starts(day)
        self.ways = [way for visit in open_visits(day, self.crew) for way in _ways(visit)]
        self.parts = sorted({name for way in self.ways for name in way.visit.parts})
        self.depots: dict[int | None, int] = {}
        for start in self.crew:
            for place in (start.location, start.technician.end_location):
                self.depots.setdefault(place, len(self.depots))
        self.profiles: dict[tuple[int, ...], int] = {}
        self.types: dict[Any, list[Start]] = {}
        for start in self.crew:
            profile = self.profiles.setdefault(self._tolls(start), len(self.profiles))
            self.types.setdefault(self._likeness(start, profile), []).append(start)

    def data(self) -> Any:
        from pyvrp import Client, ClientGroup, Depot, Location, ProblemData

        every = [Location(0, 0) for _ in range(len(self.depots) + len(self.ways))]
        members: dict[str, list[int]] = {}
        for index, way in enumerate(self.ways):
            members.setdefault(way.visit.id, []).append(index)
        shared = [visit_id for visit_id in members if len(members[visit_id]) > 1]
        clients = [
            Client(
                location=len(self.depots) + index,
                delivery=[way.visit.parts.get(name, 0) for name in self.parts],
                service_duration=way.visit.duration,
                tw_early=way.window[0],
                tw_late=way.window[1],
                prize=self._prize(way),
                required=self._all_at_once() and way.visit.id not in shared,
                group=shared.index(way.visit.id) if way.visit.id in shared else None,
            )
            for index, way in enumerate(self.ways)
        ]
        distances, durations = self._matrices()
        return ProblemData(
            locations=every,
            clients=clients,
            depots=[Depot(index) for index in range(len(self.depots))],
            vehicle_types=[self._type(likes) for likes in self.types.values()],
            distance_matrices=distances,
            duration_matrices=durations,
            groups=[ClientGroup(members[visit_id], required=False) for visit_id in shared],
        )

    def parameters(self) -> Any:
        """Its own, but that one part too many may cost more than any visit is worth."""
        from pyvrp import PenaltyParams, SolveParams

        usual = PenaltyParams()
        dearest = max(self._prize(way) for way in self.ways)
        return SolveParams(penalty=replace(usual, max_penalty=max(usual.max_penalty, 2.0 * dearest)))

    def orders(self, solution: Any) -> dict[str, list[str]]:
        waiting = [list(likes) for likes in self.types.values()]
        found: dict[str, list[str]] = {}
        for route in solution.routes():
            ids = [self.ways[step.idx].visit.id for step in route.schedule() if step.is_client()]
            found[waiting[route.vehicle_type()].pop(0).technician.id] = ids
        return found

    def _all_at_once(self) -> bool:
        """Solomon's instances: nothing may be left, so nothing is for sale."""
        return self.day.weights.unserved >= SURE * self.day.weights.travel_minute * 60

    def _prize(self, way: Way) -> int:
        moved = self.day.weights.moved if way.moved else 0
        return max(0, _whole(60 * (leaving_price(self.day, way.visit) - moved)))

    def _tolls(self, start: Start) -> tuple[int, ...]:
        """What each client costs with this technician on top of the way; -1: it may not be."""
        return tuple(self._toll(start, way.visit) for way in self.ways)

    def _toll(self, start: Start, visit: Visit) -> int:
        if not may(start.technician, visit):
            return -1
        foreign = visit.promised and visit.planned is not None
        if self.loyal and foreign and visit.planned.technician != start.technician.id:  # type: ignore[union-attr]
            return _whole(60 * self.day.weights.changed)
        return 0

    def _matrices(self) -> tuple[list[Matrix], list[Matrix]]:
        places = [*self.depots, *(way.visit.location for way in self.ways)]
        rows = np.array([0 if place is None else place for place in places])
        durations: Matrix = self.day.travel[np.ix_(rows, rows)].astype(np.int64)
        if None in self.depots:  # to end nowhere costs no way; nobody sets out from there
            nowhere = self.depots[None]
            durations[:, nowhere] = 0
            durations[nowhere, :] = SHUT
        np.fill_diagonal(durations, 0)
        rate = _whole(self.day.weights.travel_minute)
        distances = np.where(durations == SHUT, SHUT, durations * rate)
        made = [self._with_tolls(distances, durations, tolls) for tolls in self.profiles]
        return [one for one, _ in made], [other for _, other in made]

    def _with_tolls(
        self, distances: Matrix, durations: Matrix, tolls: tuple[int, ...]
    ) -> tuple[Matrix, Matrix]:
        extra = np.array([0] * len(self.depots) + list(tolls))
        shut = extra < 0
        if not extra.any():
            return distances, durations
        distances, durations = distances + np.where(shut, 0, extra)[None, :], durations.copy()
        distances = np.minimum(distances, SHUT)
        for matrix in (distances, durations):
            matrix[:, shut] = SHUT
            matrix[shut, :] = SHUT
            np.fill_diagonal(matrix, 0)
        return distances, durations

    def _likeness(self, start: Start, profile: int) -> tuple[Any, ...]:
        one = start.technician
        parts = tuple(start.parts.get(name, 0) for name in self.parts)
        clock = (start.at + start.pause, one.shift[1], one.overtime_until)
        return (profile, start.location, one.end_location, clock, parts)

    def _type(self, likes: list[Start]) -> Any:
        from pyvrp import VehicleType

        start = likes[0]
        one, begins = start.technician, min(start.at + start.pause, start.technician.overtime_until)
        overtime = one.overtime_until - max(begins, one.shift[1])
        if overtime > 0:  # PyVRP's is of the route's duration: it may not set out late
            priced = {
                "start_late": begins,
                "shift_duration": max(0, one.shift[1] - begins),
                "max_overtime": overtime,
                "unit_overtime_cost": _whole(self.day.weights.overtime_minute),
            }
        else:
            priced = {}
        return VehicleType(
            num_available=len(likes),
            capacity=[max(0, start.parts.get(name, 0)) for name in self.parts],
            start_depot=self.depots[start.location],
            end_depot=self.depots[one.end_location],
            tw_early=begins,
            tw_late=one.overtime_until,
            profile=self.profiles[self._tolls(start)],
            **priced,
        )


def _ways(visit: Visit) -> Iterator[Way]:
    for window in visit.windows:
        yield Way(visit, window, moved=False)
    for window in visit.may_move:
        yield Way(visit, window, moved=True)


def _whole(sixtieths: float) -> int:
    """Prices are whole numbers: sixtieths of the day's unit, so that a second weighs the minute weight."""
    return round(sixtieths)
