# ruff: noqa: T201
"""What is printed as the benchmark goes along, and kept: rows of figures, lines of summary beside targets."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.optimizer.apart import Row

WIDTH = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of a summary. `met` is None where there is no target, or too little was run to say."""

    what: str
    figure: str
    target: str = ""
    met: bool | None = None

    def __str__(self) -> str:
        verdict = {True: "met", False: "MISSED", None: ""}[self.met]
        goal = f"   target {self.target}   {verdict}" if self.target else ""
        return f"  {self.what}: {self.figure}{goal}"


@dataclass(slots=True)
class Table:
    name: str
    note: str
    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """Everything found so far, table by table."""

    tables: list[Table] = field(default_factory=list)

    def begin(self, name: str, note: str, columns: Sequence[str]) -> None:
        self.tables.append(Table(name, note, tuple(columns)))
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

    def write_markdown(self, path: Path) -> None:
        path.write_text("\n".join(_markdown(table) for table in self.tables))


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


def _markdown(table: Table) -> str:
    head = [f"## {table.name}", "", table.note, ""]
    lines = [f"| {' | '.join(table.columns)} |", "| " + "--- | " * len(table.columns)]
    lines += [
        f"| {' | '.join(_cell(row.get(column)) for column in table.columns)} |" + row.get("failed", "")
        for row in table.rows
    ]
    return "\n".join([*head, *lines, "", *(f"*{line}" for line in table.lines), "", ""])
