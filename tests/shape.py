"""Sizes of functions and files, package by package: `make shape`. To see what grows, not to forbid it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("optimizer", "dispatch", "notifications", "api", "tests")
GENERATED = "versions"
LONGEST_SHOWN = 5


def sizes(path: Path) -> tuple[int, list[tuple[int, str]]]:
    """Lines of a file, and of each of its functions with its name."""
    text = path.read_text()
    functions = [
        ((node.end_lineno or node.lineno) - node.lineno + 1, f"{path.relative_to(ROOT)}: {node.name}")
        for node in ast.walk(ast.parse(text, str(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return len(text.splitlines()), functions


def at_share(values: Sequence[int], share: float) -> int:
    """The value below which `share` of them lie; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def rows() -> Iterator[str]:
    yield f"{'':<14}{'files':>6}{'lines':>8}{'median':>8}{'p95':>6}{'functions':>11}{'median':>8}{'p95':>6}"
    everything: list[tuple[int, str]] = []
    for package in PACKAGES:
        paths = [path for path in sorted((ROOT / package).rglob("*.py")) if path.parent.name != GENERATED]
        measured = [sizes(path) for path in paths]
        files = [lines for lines, _ in measured if lines]
        functions = [size for _, found in measured for size in found]
        lengths = [length for length, _ in functions]
        yield (
            f"{package:<14}{len(files):>6}{sum(files):>8}{at_share(files, 0.5):>8}{at_share(files, 0.95):>6}"
            f"{len(lengths):>11}{at_share(lengths, 0.5):>8}{at_share(lengths, 0.95):>6}"
        )
        everything += functions
    yield "\nThe longest functions:"
    yield from (f"{length:>5}  {name}" for length, name in sorted(everything, reverse=True)[:LONGEST_SHOWN])


if __name__ == "__main__":
    for row in rows():
        print(row)
