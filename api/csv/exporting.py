"""From rows to a file that a spreadsheet opens and `importing` reads back."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TextIO

from api.csv.cells import escape
from api.csv.importing import kind_of
from dispatch.work import Work, Workshop


def export(work: Work, kind: str, out: TextIO) -> int:
    """Write every row of `kind` to `out` as RFC 4180 (open it with newline=""). Returns how many.

    Text that a spreadsheet would take for a formula gets a ' before it; the import takes it off again.
    """
    count = -1
    for line in lines(work, kind):
        out.write(line)
        count += 1
    return count


def lines(work: Work, kind: str, territory_id: str | None = None) -> Iterator[str]:
    """The header and each row of `kind`, of one territory or of all. Raises Invalid for an unknown kind."""
    shape = kind_of(kind)
    names = [*shape.names, *shape.only_exported]
    paper = StringIO(newline="")
    writer = csv.writer(paper, lineterminator="\r\n")
    writer.writerow(names)
    yield _torn_off(paper)
    for row in shape.give(work, territory_id):
        writer.writerow(row[name] if name in shape.plain_numbers else escape(row[name]) for name in names)
        yield _torn_off(paper)


def _torn_off(paper: StringIO) -> str:
    text = paper.getvalue()
    paper.seek(0)
    paper.truncate()
    return text


def export_file(workshop: Workshop, kind: str, path: Path | str) -> int:
    """Write every row of `kind` to a new or emptied file, in UTF-8 with the mark that spreadsheets look for."""
    kind_of(kind)
    with (
        workshop.read() as work,
        Path(path).open("w", encoding="utf-8-sig", newline="") as out,
    ):
        return export(work, kind, out)
