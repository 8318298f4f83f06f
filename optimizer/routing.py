"""The second engine: OR-Tools' routing library on the whole day, warm from a plan that is already legal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from optimizer.budget import Budget
from optimizer.check import check
from optimizer.day import Day, Technician, Visit, Window
from optimizer.plan import Plan
from optimizer.repair import refitted, repair
from optimizer.routing_nodes import (
    Node,
    able,
    crew_of,
    leaving_price,
    nodes_of,
    scaled,
    visiting_price,
)
from optimizer.sheet import sheet_of


def plan_with_routing(day: Day, budget: Budget, *, start: Plan | None = None) -> Plan:
    """The best of repair(), `start` and what routing finds within `budget`, by check()'s cost; legal.

    Model: arcs cost travel; a dimension prices changed technicians, moved and broken promises; overtime
    and lateness are soft bounds. Only what the model cannot say (an early start that counts as changed,
    a break after the last visit) is left to the exact re-timing of the orders found; so are all breaks
    where the library finds nothing with them, not even the plan it started from.
    """
    first = repair(day)
    known = [plan for plan in (first, start) if plan is not None and check(day, plan).legal]
    best = min(known, key=lambda plan: check(day, plan).cost, default=first)
    orders = _Model(day, best).orders(budget) or _Model(day, best, breaks=False).orders(budget)
    if orders is None:
        return best
    found = refitted(day, orders)
    better = not known or (check(day, found).legal and check(day, found).cost < check(day, best).cost)
    return found if better else best


class _Model:
    """Nodes: the ways to serve the visits, then one start and one end per technician."""

    def __init__(self, day: Day, start: Plan, *, breaks: bool = True) -> None:
        self.day, self.start, self.crew, self.breaks = day, start, crew_of(day), breaks
        self.horizon = max((one.overtime_until for one in self.crew), default=0)
        self.nodes = nodes_of(day, late=_not_kept(day, start), horizon=self.horizon)
        count, cars = len(self.nodes), len(self.crew)
        self.starts = range(count, count + cars)
        self.ends = range(count + cars, count + 2 * cars)

    def orders(self, budget: Budget) -> dict[str, tuple[str, ...]] | None:
        """Technician id to visit ids; None when the model has no solution or nobody is there."""
        if not self.nodes or not self.crew:
            return None
        size = len(self.nodes) + 2 * len(self.crew)
        self.manager = pywrapcp.RoutingIndexManager(size, len(self.crew), list(self.starts), list(self.ends))
        self.model: Any = pywrapcp.RoutingModel(self.manager)
        self._price_travel()
        self._price_visits()
        self._count_parts()
        self._keep_time()
        self._allow()
        solution = self._solve(_parameters(budget))
        return None if solution is None else self._read(solution)

    def _price_travel(self) -> None:
        rate = scaled(self.day.weights.travel_minute)
        matrix = [[rate * drive for drive in row] for row in self._drives()]
        self.model.SetArcCostEvaluatorOfAllVehicles(self.model.RegisterTransitMatrix(matrix))

    def _price_visits(self) -> None:
        """What a visit costs by who serves it and how, added up along the route and paid at its end.

        One dimension per technician and a soft bound of 0, after two detours in the 9.15 wheel: with
        AddDimensionWithVehicleTransits it finds no solution, and span coefficients that are equal put all
        vehicles into one cost class, whatever their dimensions.
        """
        zeros = [0] * (2 * len(self.crew))
        for car, technician in enumerate(self.crew):
            prices = [visiting_price(self.day, node, technician) for node in self.nodes] + zeros
            evaluator = self.model.RegisterUnaryTransitVector(prices)
            self.model.AddDimension(evaluator, 0, sum(prices), True, f"price {car}")
            dimension = self.model.GetDimensionOrDie(f"price {car}")
            dimension.SetCumulVarSoftUpperBound(self.model.End(car), 0, 1)

    def _count_parts(self) -> None:
        zeros = [0] * (2 * len(self.crew))
        for name in sorted({name for visit in self.day.visits for name in visit.parts}):
            vector = [node.visit.parts.get(name, 0) for node in self.nodes] + zeros
            vans = [max(0, technician.parts.get(name, 0)) for technician in self.crew]
            used = self.model.RegisterUnaryTransitVector(vector)
            self.model.AddDimensionWithVehicleCapacity(used, 0, vans, True, f"part {name}")

    def _keep_time(self) -> None:
        work = [node.visit.duration for node in self.nodes] + [0] * (2 * len(self.crew))
        matrix = [[drive + work[i] for drive in row] for i, row in enumerate(self._drives())]
        seconds = self.model.RegisterTransitMatrix(matrix)
        self.model.AddDimension(seconds, self.horizon, self.horizon, False, "time")
        self.time = self.model.GetDimensionOrDie("time")
        for index, node in enumerate(self.nodes):
            _restrict(self.time.CumulVar(self._index(index)), node.windows, self.horizon)
            if node.late_after is not None:
                rate = scaled(self.day.weights.late_minute)
                self.time.SetCumulVarSoftUpperBound(self._index(index), node.late_after, rate)
        durations = [
            work[self.manager.IndexToNode(index)]
            for index in range(self.model.Size() + self.model.vehicles())
        ]
        for car, technician in enumerate(self.crew):
            self._keep_shift(car, technician, durations)

    def _keep_shift(self, car: int, technician: Technician, durations: list[int]) -> None:
        begins = sheet_of(self.day).crews[technician.id].free_at
        self.time.CumulVar(self.model.Start(car)).SetRange(begins, begins)
        self.time.CumulVar(self.model.End(car)).SetRange(begins, technician.overtime_until)
        rate = scaled(self.day.weights.overtime_minute)
        self.time.SetCumulVarSoftUpperBound(self.model.End(car), technician.shift[1], rate)
        solver = self.model.solver()
        rests = [
            solver.FixedDurationIntervalVar(
                max(begins, rest.window[0]), rest.window[1], rest.duration, False, rest.id
            )
            for rest in technician.breaks
        ]
        if rests and self.breaks:
            self.time.SetBreakIntervalsOfVehicle(rests, car, durations)

    def _allow(self) -> None:
        """Who may serve what, each visit at most once, a locked one first.

        VehicleVar.SetValues, because SetAllowedVehiclesForIndex is broken in the 9.15 wheel.
        """
        ways: dict[str, list[int]] = {}
        for index, node in enumerate(self.nodes):
            cars = able(self.crew, node.visit)
            self.model.VehicleVar(self._index(index)).SetValues([-1, *cars])
            ways.setdefault(node.visit.id, []).append(self._index(index))
        for visit in self.day.visits:
            self.model.AddDisjunction(ways[visit.id], leaving_price(self.day, visit), 1)
            if visit.locked and (cars := able(self.crew, visit)):
                self._put_first(visit, cars[0], ways[visit.id])

    def _put_first(self, visit: Visit, car: int, ways: list[int]) -> None:
        self.model.NextVar(self.model.Start(car)).SetValues(ways)

    def _solve(self, parameters: Any) -> Any:
        self.model.CloseModelWithParameters(parameters)
        warm = self.model.ReadAssignmentFromRoutes(self._warm_routes(), True)
        if warm is not None:
            return self.model.SolveFromAssignmentWithParameters(warm, parameters)
        return self.model.SolveWithParameters(parameters)

    def _warm_routes(self) -> list[list[int]]:
        """The plan to start from, in routing indices: each visit by the node its start belongs to."""
        by_visit: dict[str, list[tuple[int, Node]]] = {}
        for index, node in enumerate(self.nodes):
            by_visit.setdefault(node.visit.id, []).append((index, node))
        return [
            [
                self._index(_node_at(by_visit[stop.id], stop.start))
                for stop in (route.stops if route else ())
                if stop.kind == "visit"
            ]
            for route in (self.start.route_of(technician.id) for technician in self.crew)
        ]

    def _read(self, solution: Any) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for car, technician in enumerate(self.crew):
            ids: list[str] = []
            index = solution.Value(self.model.NextVar(self.model.Start(car)))
            while not self.model.IsEnd(index):
                ids.append(self.nodes[self.manager.IndexToNode(index)].visit.id)
                index = solution.Value(self.model.NextVar(index))
            found[technician.id] = tuple(ids)
        return found

    def _drives(self) -> Iterable[list[int]]:
        """Seconds from node to node; nothing to an end that has no place."""
        places: list[int | None] = [node.visit.location for node in self.nodes]
        places += [technician.ready_location for technician in self.crew]
        places += [technician.end_location for technician in self.crew]
        sheet = sheet_of(self.day)
        for here in places:
            row = [0] * len(self.day.travel) if here is None else sheet.row(here)
            yield [0 if there is None else row[there] for there in places]

    def _index(self, node: int) -> int:
        index: int = self.manager.NodeToIndex(node)
        return index


def _parameters(budget: Budget) -> Any:
    """Guided local search has no end of its own: without seconds it is a plain descent, which has."""
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    metaheuristics = routing_enums_pb2.LocalSearchMetaheuristic
    first = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.first_solution_strategy = first
    if budget.seconds is None:
        parameters.local_search_metaheuristic = metaheuristics.GREEDY_DESCENT
    else:
        parameters.local_search_metaheuristic = metaheuristics.GUIDED_LOCAL_SEARCH
        parameters.time_limit.FromMilliseconds(max(1, int(1000 * budget.seconds)))
    if budget.solutions is not None:
        parameters.solution_limit = budget.solutions
    return parameters


def _restrict(start: Any, windows: Iterable[Window], horizon: int) -> None:
    """Only starts inside one of `windows`."""
    end = -1
    for begin, until in sorted(windows):
        if begin > end + 1:
            start.RemoveInterval(end + 1, begin - 1)
        end = max(end, until)
    if end < horizon:
        start.RemoveInterval(end + 1, horizon)


def _not_kept(day: Day, plan: Plan) -> set[str]:
    """The promised visits that `plan` leaves or serves too late."""
    found = set()
    for visit in day.visits:
        begun = plan.start_of(visit.id)
        if visit.promised and (
            begun is None or not any(a <= begun <= b for a, b in (*visit.windows, *visit.may_move))
        ):
            found.add(visit.id)
    return found


def _node_at(ways: list[tuple[int, Node]], start: int) -> int:
    for index, node in ways:
        if any(a <= start <= b for a, b in node.windows):
            return index
    return ways[0][0]
