"""The third engine's exact half: OR-Tools picks the best set of routes among all those the search has seen.

Set partitioning over a pool of routes: every visit in exactly one chosen route or left undone at its price,
every technician at most one route. The linear relaxation (GLOP) prices the routes; those whose reduced cost
exceeds the gap to the plan in hand cannot be part of a better plan and are left out (reduced-cost fixing);
CP-SAT decides among the rest, from the plan in hand. After Pillac, Gueret and Medaglia (2013), and Foster
and Ryan (1976).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_COLUMNS = 1_500  # for CP-SAT


@dataclass(frozen=True, slots=True)
class Column:
    """One route: `visits` (numbers, in order) done by any technician of `kind`, for `price`."""

    kind: int
    visits: tuple[int, ...]
    price: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The columns chosen, what they and the visits left undone cost, and a lower bound for the pool."""

    columns: tuple[Column, ...]
    price: float
    bound: float


def load_solvers() -> None:
    """Bring OR-Tools into this process: a third of a second, once; may run in a thread beside the kernels."""
    from ortools.linear_solver import linear_solver_pb2, pywraplp  # noqa: F401
    from ortools.sat.python import cp_model  # noqa: F401


def recombine(
    columns: Sequence[Column],
    held: Sequence[Column],
    *,
    penalties: NDArray[np.float64],
    kinds: dict[int, int],
    seconds: float,
    seed: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> Choice | None:
    """The best plan of `columns` and `held`, the routes in hand; None when `held` is not beaten in time.

    `penalties[v]`: the price of leaving v undone; `kinds`: kind to how many technicians are of it.
    """
    pool = list({(one.kind, one.visits): one for one in (*columns, *held)}.values())
    mine = {(one.kind, one.visits) for one in held}
    done = {v for one in held for v in one.visits}
    upper = sum(one.price for one in held)
    upper += float(sum(price for v, price in enumerate(penalties) if v not in done))
    began = clock()
    relaxed = _relax(pool, penalties, kinds, seconds / 2)
    if relaxed is None:
        return None
    bound, spare = relaxed
    if upper - bound < 0.5:
        return None
    order = sorted(range(len(pool)), key=lambda i: (spare[i], i))
    kept = [pool[i] for i in order if spare[i] < upper - bound][:MOST_COLUMNS]
    known = {(one.kind, one.visits) for one in kept}
    kept += [one for one in held if (one.kind, one.visits) not in known]
    chosen = _choose(
        kept,
        mine,
        penalties=penalties,
        kinds=kinds,
        upper=upper,
        seconds=seconds - (clock() - began),
        seed=seed,
    )
    return None if chosen is None else Choice(chosen[0], chosen[1], bound)


def _relax(
    pool: Sequence[Column], penalties: NDArray[np.float64], kinds: dict[int, int], seconds: float
) -> tuple[float, NDArray[np.float64]] | None:
    """The linear relaxation's value and every column's reduced cost."""
    from ortools.linear_solver import linear_solver_pb2

    model = linear_solver_pb2.MPModelProto()
    rows: list[tuple[list[int], list[float]]] = [([], []) for _ in range(len(penalties) + len(kinds))]
    place = {kind: len(penalties) + i for i, kind in enumerate(kinds)}
    for i, one in enumerate(pool):
        model.variable.add(lower_bound=0.0, upper_bound=float("inf"), objective_coefficient=one.price)
        for row in (*one.visits, place[one.kind]):
            rows[row][0].append(i)
    for v, price in enumerate(penalties):
        model.variable.add(lower_bound=0.0, upper_bound=float("inf"), objective_coefficient=float(price))
        rows[v][0].append(len(pool) + v)
    for row, (indices, _) in enumerate(rows):
        exact = row < len(penalties)
        most = 1.0 if exact else float(list(kinds.values())[row - len(penalties)])
        model.constraint.add(
            lower_bound=1.0 if exact else -float("inf"),
            upper_bound=most,
            var_index=indices,
            coefficient=[1.0] * len(indices),
        )
    answer = _ask_glop(model, seconds)
    if answer is None:
        return None
    return float(answer.objective_value), np.array(answer.reduced_cost)[: len(pool)]


def _ask_glop(model: Any, seconds: float) -> Any:
    from ortools.linear_solver import linear_solver_pb2, pywraplp

    request = linear_solver_pb2.MPModelRequest(
        model=model,
        solver_type=linear_solver_pb2.MPModelRequest.GLOP_LINEAR_PROGRAMMING,
        solver_time_limit_seconds=max(0.01, seconds),
        # presolve and scaling lose the optimum where penalties are a million times dearer than routes
        solver_specific_parameters="use_dual_simplex: true use_preprocessing: false",
    )
    answer = linear_solver_pb2.MPSolutionResponse()
    pywraplp.Solver.SolveWithProto(request, answer)
    return answer if answer.status == linear_solver_pb2.MPSOLVER_OPTIMAL else None


def _choose(
    kept: Sequence[Column],
    mine: set[tuple[int, tuple[int, ...]]],
    *,
    penalties: NDArray[np.float64],
    kinds: dict[int, int],
    upper: float,
    seconds: float,
    seed: int,
) -> tuple[tuple[Column, ...], float] | None:
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in kept]
    left = [model.new_bool_var("") for _ in penalties]
    served: list[list[Any]] = [[one] for one in left]
    by_kind: dict[int, list[Any]] = {}
    for one, var in zip(kept, taken, strict=True):
        by_kind.setdefault(one.kind, []).append(var)
        for v in one.visits:
            served[v].append(var)
        model.add_hint(var, (one.kind, one.visits) in mine)
    held = {v for kind, visits in mine for v in visits}
    for v, ways in enumerate(served):
        model.add_exactly_one(ways)
        model.add_hint(left[v], v not in held)
    for kind, ways in by_kind.items():
        if kinds[kind] == 1:
            model.add_at_most_one(ways)
        else:
            model.add(sum(ways) <= kinds[kind])
    prices = [round(one.price) for one in kept]
    cost = cp_model.LinearExpr.weighted_sum([*taken, *left], [*prices, *(round(p) for p in penalties)])
    model.minimize(cost)
    model.add(cost <= round(upper))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.01, seconds)
    solver.parameters.num_workers = 1
    # set partitioning lives by its linear relaxation: with all of it, half a second decides what four did not
    solver.parameters.linearization_level = 2
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.cp_model_presolve = False
    solver.parameters.random_seed = seed
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE) or solver.objective_value >= upper - 0.5:
        return None
    chosen = tuple(one for one, var in zip(kept, taken, strict=True) if solver.boolean_value(var))
    return chosen, float(solver.objective_value)
