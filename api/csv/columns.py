"""The columns of a kind of file, what the header must name, and one row read under it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from api.csv.cells import Reader, unescape
from api.csv.reading import Row
from api.csv.report import RowError
from dispatch.errors import Invalid
from dispatch.work import Work

OFTEN_MEANT = {"latitude": "lat", "longitude": "lng", "lon": "lng", "long": "lng", "id": "key", "date": "day"}

Values = Mapping[str, Any]


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


Taker = Callable[[Values], Outcome]


@dataclass(frozen=True, slots=True)
class Column:
    """A column and how its cells are read.

    A required one must be there and filled. Of another one, an empty cell means `empty`, and without the
    column a row leaves what is known, or takes what is usual for something new.
    """

    name: str
    read: Reader
    required: bool = True
    empty: Any = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its columns (the first names the row), what a row does, and what is written out
    (of one territory, or of all).

    `open` sees all rows that can be read, to look up at once what they name, and gives what takes one of them.
    """

    name: str
    columns: tuple[Column, ...]
    open: Callable[[Work, Sequence[Values]], Taker]
    give: Callable[[Work, str | None], Iterable[Mapping[str, str]]]
    only_exported: tuple[str, ...] = ()
    plain_numbers: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def optional(name: str, read: Reader, empty: Any) -> Column:
    return Column(name, read, required=False, empty=empty)


def nearest(text: str, known: Iterable[str]) -> str:
    """` Did you mean …?`, where one of `known` is close enough to say so; else nothing."""
    by_fold = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(text.casefold(), by_fold, n=1, cutoff=0.6)
    meant = by_fold[close[0]] if close else OFTEN_MEANT.get(text)
    return f" Did you mean {meant}?" if meant in by_fold.values() else ""


def judge_headers(kind: Kind, headers: Sequence[str]) -> list[RowError]:
    """Every column that is missing or unknown, each with the nearest known one. The order is free."""
    errors = []
    for name in headers:
        if name in kind.only_exported:
            sentence = f"{name} is written by an export and cannot be imported: please take the column out."
            errors.append(RowError(1, name, "header_only_exported", sentence))
        elif name not in kind.names:
            unnamed = [known for known in kind.names if known not in headers]
            sentence = f"There is no column {name[:40]}.{nearest(name, unnamed)}"
            errors.append(RowError(1, name[:40], "header_unknown", sentence))
    for column in kind.columns:
        if column.required and column.name not in headers:
            sentence = (
                f"The column {column.name} is missing. Columns of {kind.name}: {', '.join(kind.names)}."
            )
            errors.append(RowError(1, column.name, "header_missing", sentence))
    return errors


def read_row(kind: Kind, headers: Sequence[str], row: Row) -> tuple[dict[str, Any], list[RowError]]:
    """The row's values by column, and everything that is wrong with its cells."""
    cells = dict(zip(headers, row.cells, strict=True))
    values: dict[str, Any] = {}
    errors: list[RowError] = []
    for column in kind.columns:
        if column.name not in cells:
            continue
        text = unescape(cells[column.name].strip())
        if not text and column.required:
            sentence = f"The {column.name.replace('_', ' ')} is missing."
            errors.append(RowError(row.number, column.name, "cell_missing", sentence))
        try:
            values[column.name] = column.read(text, column.name) if text else column.empty
        except Invalid as invalid:
            errors += [
                RowError(row.number, column.name, error.code, error.detail) for error in invalid.errors
            ]
    return values, errors
