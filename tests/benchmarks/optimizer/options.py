"""What a run was asked for, and what every part does with it."""

from __future__ import annotations

import fnmatch
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.optimizer.apart import Failed, Row, apart
from tests.benchmarks.optimizer.peers import UNSEEDED, installed

SECONDS = {6: 2.0, 20: 5.0, 50: 10.0, 100: 30.0}


@dataclass(frozen=True, slots=True)
class Options:
    """`seconds` and `seeds` None: as many as the part needs. `only`: names or patterns like R1*; none means all.

    `known`: the rows of earlier runs by part, which are not measured again.
    """

    seconds: float | None
    seeds: int | None
    solvers: tuple[str, ...]
    only: tuple[str, ...]
    known: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    def wanted(self, names: Iterable[str]) -> list[str]:
        return [
            name
            for name in names
            if not self.only or any(fnmatch.fnmatchcase(name, one) for one in self.only)
        ]

    def runs(self, seeds: int = 1) -> Iterator[tuple[str, int]]:
        """Who with which seed, `seeds` where nothing else was asked for. A solver that takes no seed runs once."""
        for solver in self.solvers:
            for seed in range(1, 1 + (1 if solver in UNSEEDED else self.seeds or seeds)):
                yield solver, seed

    def measured(self, part: str, call: Callable[..., Row], row: Row, **arguments: object) -> Row:
        """`row` with what `call` finds in a process of its own, or with why there is nothing; or as it is known."""
        for old in self.known.get(part, ()):
            if "failed" not in old and row.items() <= old.items():
                return old
        try:
            return {**row, **apart(call, **arguments)}
        except (Failed, subprocess.TimeoutExpired) as error:
            return {**row, "failed": str(error)[-200:]}


def seconds_for(technicians: int) -> float:
    """How long a day of that size may be searched."""
    return next((SECONDS[size] for size in sorted(SECONDS) if technicians <= size), max(SECONDS.values()))


def can_run(solvers: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those that are installed, and those that are not."""
    return (
        tuple(one for one in solvers if installed(one)),
        tuple(one for one in solvers if not installed(one)),
    )
