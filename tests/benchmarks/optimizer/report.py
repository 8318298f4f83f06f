# ruff: noqa: T201
"""What is printed as the benchmark goes along, and kept: rows of figures, lines of summary beside targets."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.optimizer.apart import Row

WIDTH = 12
VERDICT = {True: "met", False: "MISSED", None: ""}


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a summary. `met` is None where there is no target, or too little was run to say."""

    what: str
    figure: str
    target: str = ""
    met: bool | None = None

    def __str__(self) -> str:
        verdict = VERDICT[self.met]
        goal = f"   target {self.target}   {verdict}" if self.target else ""
        return f"  {self.what}: {self.figure}{goal}"


@dataclass(slots=True)
class Table:
    """`side_by_side`: the column that names a row and the one whose mean over the seeds stands under each solver."""

    name: str
    note: str
    columns: tuple[str, ...]
    side_by_side: tuple[str, str] | None = None
    rows: list[Row] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """Everything found so far, table by table."""

    tables: list[Table] = field(default_factory=list)

    def begin(
        self, name: str, note: str, columns: Sequence[str], side_by_side: tuple[str, str] | None = None
    ) -> None:
        self.tables.append(Table(name, note, tuple(columns), side_by_side))
        print(f"\n{name}: {note}")
        print("".join(f"{_cell(column):>{WIDTH}}" for column in columns), flush=True)

    def row(self, row: Row) -> None:
        table = self.tables[-1]
        table.rows.append(row)
        print("".join(f"{_cell(row.get(column)):>{WIDTH}}" for column in table.columns), end="")
        print(f"  {row['failed']}" if "failed" in row else "", flush=True)

    def line(self, *line: Any) -> None:
        self.tables[-1].lines.append(Line(*line))
        print(self.tables[-1].lines[-1], flush=True)

    def say(self, text: str) -> None:
        print(text, flush=True)

    def write_json(self, path: Path) -> None:
        path.write_text(json.dumps([asdict(table) for table in self.tables], indent=1) + "\n")

    def write_page(self, page: Path) -> None:
        """Put every table that was made into `page`, between its marks; the rest of the page stays as it is.

        Raises ValueError where the page has no such marks.
        """
        text = page.read_text()
        for table in self.tables:
            begin, end = marks(table.name)
            if text.count(begin) != 1 or text.count(end) != 1:
                raise ValueError(
                    f"{page}: put {begin} and {end} where the figures of {table.name} shall stand"
                )
            before, rest = text.split(begin)
            text = f"{before}{begin}\n{_section(table)}\n{end}{rest.split(end)[1]}"
        page.write_text(text)


def share(part: float, whole: float) -> str:
    return f"{part:g}/{whole:g}" + (f" ({100 * part / whole:.1f} %)" if whole else "")


def at_share(values: Sequence[float], part: float) -> float:
    """The value that `part` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-part * len(ordered) // 1) - 1)]


def spread(values: Sequence[float], unit: str, digits: int = 2) -> str:
    """Median, nine in ten, worst."""
    three = (statistics.median(values), at_share(values, 0.9), max(values))
    return ", ".join(
        f"{name} {value:.{digits}f}{unit}"
        for name, value in zip(("median", "nine in ten ≤", "worst"), three, strict=True)
    )


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 10_000 else f"{value:.2f}"
    return "-" if value is None else str(value)


def marks(name: str) -> tuple[str, str]:
    """The lines of a page between which a table stands."""
    return f"<!-- figures: {name} -->", f"<!-- end of {name} -->"


def _section(table: Table) -> str:
    lines = ["| what | figure | target | |", "| --- | --- | --- | --- |"]
    lines += [f"| {one.what} | {one.figure} | {one.target} | {VERDICT[one.met]} |" for one in table.lines]
    return "\n".join([f"{table.note}.", "", *lines, *_side_by_side(table)])


def _side_by_side(table: Table) -> Iterator[str]:
    """One row for each problem, one column for each solver."""
    if table.side_by_side is None:
        return
    name, value = table.side_by_side
    solvers = list(dict.fromkeys(str(row["solver"]) for row in table.rows))
    yield from ("", f"| {name} | {' | '.join(f'{value}, {solver}' for solver in solvers)} |")
    yield f"|{' --- |' * (1 + len(solvers))}"
    for problem in dict.fromkeys(str(row[name]) for row in table.rows):
        found = {
            solver: [
                row[value]
                for row in table.rows
                if (str(row[name]), row["solver"]) == (problem, solver) and value in row
            ]
            for solver in solvers
        }
        cells = [f"{statistics.mean(each):.2f}" if each else "-" for each in found.values()]
        yield f"| {problem} | {' | '.join(cells)} |"
