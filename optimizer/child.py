"""A search in a child process that can be killed: the day's answer comes by the deadline, whatever happens."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pickle import UnpicklingError
from typing import TypeAlias

from optimizer.budget import Budget
from optimizer.check import check
from optimizer.compiling import is_warm
from optimizer.day import Day
from optimizer.plan import Plan
from optimizer.progress import OnProgress, Progress
from optimizer.repair import repair
from optimizer.solve import solve

Engine: TypeAlias = Callable[[Day, Budget, Plan | None, OnProgress], Plan]

GRACE_SECONDS = 5.0  # a killed process is gone at once; this only bounds the wait for the system to say so


@dataclass(frozen=True, slots=True)
class Solved:
    """`engine`: "search", or "repair" when the search gave nothing usable. `cause` says why the search did not
    end by itself, where it did not: then `plan` is the best it had told of, or the repair."""

    plan: Plan
    engine: str
    cause: str | None = None


def searched(day: Day, budget: Budget, start: Plan | None, on_progress: OnProgress, *, seed: int = 1) -> Plan:
    """solve() in the shape a child calls; partial(searched, seed=…) is one too.

    Until the kernels are compiled OR-Tools' routing library searches instead: compiling here would outlast the
    deadline.
    """
    if not is_warm():
        return solve(day, budget, start=start, engine="routing")
    return solve(day, budget, start=start, seed=seed, on_progress=on_progress)


def solve_in_child(
    day: Day,
    budget: Budget,
    *,
    deadline_seconds: float,
    start: Plan | None = None,
    engine: Engine = searched,
    on_progress: OnProgress | None = None,
) -> Solved:
    """The search's plan; when the child dies or is late the best it has told of until then; repair()'s when
    there is none, or when it is one that check() refuses.

    The child is a fresh interpreter (one or two seconds to start); it is killed at the deadline. `engine`
    must be a module's function, so that the child can import it.
    """
    fallback = repair(day)
    asked = _Asked(day, budget, start, engine)
    cause = asked.listen(deadline_seconds, on_progress)
    if asked.plan is None:
        return Solved(fallback, "repair", cause)
    refusal = _refusal(day, asked.plan, fallback)
    return Solved(asked.plan, "search", cause) if refusal is None else Solved(fallback, "repair", refusal)


class _Asked:
    """A child at work, and the best plan it has told of."""

    def __init__(self, day: Day, budget: Budget, start: Plan | None, engine: Engine) -> None:
        self.plan: Plan | None = None
        self.task = (day, budget, start, engine)

    def listen(self, deadline_seconds: float, on_progress: OnProgress | None) -> str | None:
        """Wait for the answer; why the child did not come to its end, if it did not."""
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe(duplex=False)
        child = context.Process(target=_work, args=(there, *self.task), daemon=True)
        until = time.monotonic() + deadline_seconds
        try:
            child.start()
            there.close()
            while here.poll(max(0.0, until - time.monotonic())):
                heard = here.recv()
                if isinstance(heard, Plan):
                    self.plan = heard
                    return None
                if not isinstance(heard, Progress):
                    return f"the child answered: {heard!s:.200}"
                self.plan = heard.plan or self.plan
                if on_progress:
                    on_progress(heard)
            return f"no answer within {deadline_seconds:g} s"
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
    there.send(engine(day, budget, start, there.send))
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
