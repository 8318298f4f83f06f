"""Traces as the house sees them: a span for whoever waits for something, and a twin that keeps none.

A span says what kind of thing was done, how it ended and how long it took. No fact of a span is anybody's: no path that
may hold a token, no phone, no name, no word that somebody typed, no value of a row.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, Protocol

from dispatch.plans.solver import Solver, heard
from optimizer import Budget, Day, Plan, Solved, solve_in_child

Fact = str | int | bool
Side = Literal["inner", "asked", "asking"]  # of our own doing, of somebody who asks us, or whom we ask


class Span(Protocol):
    """`trace_id` is empty where nothing is kept."""

    trace_id: str

    def tell(self, **facts: Fact) -> None: ...

    def rename(self, name: str) -> None: ...

    def fail(self, kind: str) -> None:
        """It did not go well; `kind` names a class of errors, never what one says."""

    def drop(self) -> None:
        """Nothing was done that anybody would want to look at."""


class Traces(Protocol):
    def span(self, name: str, side: Side = "inner", **facts: Fact) -> AbstractContextManager[Span]:
        """A span while the block runs, inside whichever is open. An error that leaves it is noted by its kind."""


class _NoSpan:
    trace_id = ""

    def tell(self, **facts: Fact) -> None: ...

    def rename(self, name: str) -> None: ...

    def fail(self, kind: str) -> None: ...

    def drop(self) -> None: ...


class NoTraces:
    """Keeps nothing and costs nothing."""

    _none = nullcontext(_NoSpan())

    def span(self, name: str, side: Side = "inner", **facts: Fact) -> AbstractContextManager[Span]:
        return self._none


def traced_solver(solver: Solver, traces: Traces) -> Solver:
    """The same searches, each with a span."""

    def search(day: Day, seconds: float, start: Plan | None) -> Solved:
        with traces.span("search", visits=len(day.visits), technicians=len(day.technicians)) as span:
            solved = heard(solver(day, seconds, start))
            _say(span, solved)
            return solved

    return search


def traced_solve(traces: Traces) -> Callable[..., Solved]:
    """solve_in_child(), each with a span."""

    def search(day: Day, budget: Budget, **how: Any) -> Solved:
        with traces.span("search", visits=len(day.visits), technicians=len(day.technicians)) as span:
            solved = solve_in_child(day, budget, **how)
            _say(span, solved)
            return solved

    return search


def _say(span: Span, solved: Solved) -> None:
    span.tell(engine=solved.engine, unserved=len(solved.plan.unserved))
    if solved.engine != "search":
        span.fail("no usable answer")
