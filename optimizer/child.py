"""A search in a child process that can be killed: the day's answer comes by the deadline, whatever happens."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pickle import UnpicklingError
from typing import TypeAlias

from optimizer.budget import Budget
from optimizer.check import check
from optimizer.day import Day
from optimizer.plan import Plan
from optimizer.repair import repair
from optimizer.solve import solve

Engine: TypeAlias = Callable[[Day, Budget, Plan | None], Plan]

GRACE_SECONDS = 5.0  # a killed process is gone at once; this only bounds the wait for the system to say so


@dataclass(frozen=True, slots=True)
class Solved:
    """`engine`: "search", or "repair" when the search gave nothing usable; `cause` then says why."""

    plan: Plan
    engine: str
    cause: str | None = None


def searched(day: Day, budget: Budget, start: Plan | None) -> Plan:
    """solve() in the shape a child calls."""
    return solve(day, budget, start=start)


def solve_in_child(
    day: Day,
    budget: Budget,
    *,
    deadline_seconds: float,
    start: Plan | None = None,
    engine: Engine = searched,
) -> Solved:
    """The search's plan, or repair()'s when the child dies, is late, or answers what check() refuses.

    The child is a fresh interpreter (about a second to start); it is killed at the deadline. `engine`
    must be a module's function, so that the child can import it.
    """
    fallback = repair(day)
    answer = _ask_child(day, budget, deadline_seconds, start=start, engine=engine)
    if isinstance(answer, str):
        return Solved(fallback, "repair", answer)
    refusal = _refusal(day, answer, fallback)
    return Solved(answer, "search") if refusal is None else Solved(fallback, "repair", refusal)


def _ask_child(
    day: Day, budget: Budget, deadline_seconds: float, *, start: Plan | None, engine: Engine
) -> Plan | str:
    """The child's plan, or why there is none."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_work, args=(there, day, budget, start, engine), daemon=True)
    try:
        child.start()
        there.close()
        if not here.poll(deadline_seconds):
            return f"no answer within {deadline_seconds:g} s"
        answer = here.recv()
        return answer if isinstance(answer, Plan) else f"the child answered: {answer!s:.200}"
    except EOFError:
        child.join(GRACE_SECONDS)
        return f"the child died (exit code {child.exitcode})"
    except (OSError, UnpicklingError) as error:
        return f"the child could not be asked: {error}"
    finally:
        here.close()
        if child.pid is not None:
            child.kill()
            child.join(GRACE_SECONDS)


def _work(there: Connection, day: Day, budget: Budget, start: Plan | None, engine: Engine) -> None:
    there.send(engine(day, budget, start))
    there.close()


def _refusal(day: Day, plan: Plan, fallback: Plan) -> str | None:
    """Why the child's plan is not taken; None when it is."""
    if plan.day != day.name:
        return f"a plan for another day: {plan.day!r}"
    verdict, known = check(day, plan), check(day, fallback)
    if not verdict.legal and known.legal:
        return f"an illegal plan: {verdict.errors[0]}"
    if verdict.cost > known.cost and known.legal:
        return f"a plan dearer ({verdict.cost}) than the repair ({known.cost})"
    return None
