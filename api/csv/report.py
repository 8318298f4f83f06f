"""What an import says: what it took, what it refused, in which row, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dispatch.errors import FieldError, Invalid

MOST_TOLD = 200


@dataclass(frozen=True, slots=True, order=True)
class RowError:
    """One thing to correct. `row` counts as a spreadsheet does, the header being 1; 0 is the file as a whole."""

    row: int
    column: str
    code: str
    sentence: str

    def __str__(self) -> str:
        where = f"row {self.row}" if self.row else "the file"
        return f"{where}, {self.column}: {self.sentence}" if self.column else f"{where}: {self.sentence}"


class UnreadableFile(Invalid):
    """The file as a whole cannot be read, so none of it was; `reason` is where, and why."""

    code = "file-unreadable"
    title = "This file cannot be read"

    def __init__(self, code: str, sentence: str, *, row: int = 0, column: str = "") -> None:
        super().__init__([FieldError(f"/rows/{row}", code, sentence)])
        self.reason = RowError(row, column, code, sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Rows that were new, that changed something, that changed nothing, and the first 200 errors of `error_count`.

    With any error, and in a dry run, nothing was written: then the counts say what would have been.
    """

    kind: str
    dry_run: bool
    accepted: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: tuple[RowError, ...] = ()
    error_count: int = 0

    @property
    def ok(self) -> bool:
        return self.error_count == 0

    @property
    def written(self) -> bool:
        return self.ok and not self.dry_run

    def lines(self) -> Iterator[str]:
        """The report in words, line by line."""
        for error in self.errors:
            yield str(error)
        if self.error_count > len(self.errors):
            yield f"… and {self.error_count - len(self.errors)} more errors."
        counts = f"{self.accepted} new, {self.updated} updated, {self.unchanged} unchanged"
        if not self.ok:
            errors = "1 error" if self.error_count == 1 else f"{self.error_count} errors"
            yield f"{self.kind}: {errors}, so nothing was written ({counts} otherwise)."
        elif self.dry_run:
            yield f"{self.kind}: {counts}. This was a dry run: nothing was written."
        else:
            yield f"{self.kind}: {counts}."


def refused(kind: str, dry_run: bool, errors: Sequence[RowError]) -> Report:
    """A report of a file of which no row was tried."""
    told = tuple(sorted(errors)[:MOST_TOLD])
    return Report(kind=kind, dry_run=dry_run, errors=told, error_count=len(errors))
