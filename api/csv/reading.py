"""From bytes to rows: what a spreadsheet saved, or a sentence that says why it cannot be read.

Nothing here knows what the columns mean.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from api.csv.report import RowError, UnreadableFile

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 100_000
MOST_COLUMNS = 60
LONGEST_CELL = 4_000

SEPARATORS = (",", ";", "\t")
LINE_END = re.compile("\r\n|\r|\n")
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"Rar!\x1a\x07", b"\xfd7zXZ")
OTHER_KINDS = (b"\xd0\xcf\x11\xe0", b"%PDF", b"<html", b"<!DOCTYPE", b"<?xml", b"{\\rtf", b"SQLite format 3")


@dataclass(frozen=True, slots=True)
class Row:
    """One row with as many cells as there are headers; `number` is what a spreadsheet shows beside it."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's headers, tidied, and its rows that hold anything; `errors` are rows of another shape."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    errors: tuple[RowError, ...] = ()


def read_csv(source: Path | str | bytes) -> Table:
    """The table in a file, or in bytes. Raises UnreadableFile, and nothing else, for what is none."""
    text = _decode(_load(source))
    if not text.strip():
        raise UnreadableFile("file_empty", "This file is empty.")
    records = _records(text, _separator(text))
    headers = _headers(next(records)[1])
    rows, errors = [], []
    for number, cells in records:
        error = _misfit(number, cells, len(headers))
        if error:
            errors.append(error)
        elif any(cell.strip() for cell in cells):
            rows.append(Row(number, tuple(cells[: len(headers)])))
        if len(rows) + len(errors) > MOST_ROWS:
            raise UnreadableFile(
                "too_many_rows", f"At most {MOST_ROWS:,} rows can be imported at once: please split the file."
            )
    if not rows and not errors:
        raise UnreadableFile("rows_missing", "There is a header, and no row below it.", row=1)
    return _without_blank_columns(Table(headers, tuple(rows), tuple(errors)))


def _load(source: Path | str | bytes) -> bytes:
    if isinstance(source, bytes):
        raw = source
    else:
        try:
            with Path(source).open("rb") as file:
                raw = file.read(MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a file name"
            raise UnreadableFile("file_missing", f"{source} cannot be opened: {reason}.") from error
    if len(raw) > MOST_BYTES:
        most = MOST_BYTES // 1024 // 1024
        raise UnreadableFile(
            "file_too_large", f"At most {most} MB can be imported at once: please split the file."
        )
    return raw


def _decode(raw: bytes) -> str:
    """The text. UTF-8 with or without a mark, UTF-16 with one; nothing is guessed."""
    _require_text(raw)
    encoding = "utf-8"
    if raw.startswith(codecs.BOM_UTF8):
        raw = raw[len(codecs.BOM_UTF8) :]
    elif raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16-le" if raw.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
        raw = raw[2:]
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = _line_after(raw[: error.start].decode(encoding, errors="replace"))
        raise UnreadableFile(
            "encoding_unknown",
            f"Line {line} is not {encoding[:6].upper()}. Please save the file as “CSV UTF-8”.",
            row=line,
        ) from error
    if "\0" in text:
        line = _line_after(text[: text.index("\0")])
        raise UnreadableFile(
            "nul",
            f"Line {line} holds a NUL: this is no text file, or a damaged one. "
            "Please save it again as “CSV UTF-8”.",
            row=line,
        )
    return text


def _require_text(raw: bytes) -> None:
    if raw.startswith(ARCHIVES):
        raise UnreadableFile(
            "file_is_archive",
            "This is an Excel workbook or an archive, whatever its name says. "
            "Please save the sheet as “CSV UTF-8” and import that.",
        )
    if raw.lstrip(b"\r\n\t " + codecs.BOM_UTF8).startswith(OTHER_KINDS):
        raise UnreadableFile(
            "file_is_no_csv", "This is no CSV file, whatever its name says. Please save it as “CSV UTF-8”."
        )


def _line_after(text: str) -> int:
    return len(LINE_END.findall(text)) + 1


def _separator(text: str) -> str:
    """The one of comma, semicolon and tab that cuts the header into the most cells."""

    def count(separator: str) -> int:
        try:
            return len(next(_reader(text, separator), []))
        except csv.Error:
            return 0

    return max(SEPARATORS, key=count)


def _reader(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with its row number: a cell with a line break in it is still one row, a blank line is one too."""
    reader, number = _reader(text, separator), 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _broken_row(number, str(error)) from error
        yield number, cells


def _broken_row(number: int, reason: str) -> UnreadableFile:
    if "field larger" in reason:
        sentence = f"A cell in row {number} is far too long, or a quotation mark there is not closed again."
        return UnreadableFile("cell_too_long", sentence, row=number)
    if "end of data" in reason:
        sentence = f"A quotation mark opened in row {number} is not closed again."
        return UnreadableFile("quote_open", sentence, row=number)
    sentence = f"Row {number} cannot be cut into cells: a quotation mark inside a cell is written twice."
    return UnreadableFile("quote_stray", sentence, row=number)


def _headers(cells: list[str]) -> tuple[str, ...]:
    headers = tuple("_".join(cell.casefold().replace("_", " ").split()) for cell in cells)
    while headers and not headers[-1]:
        headers = headers[:-1]
    if not headers:
        raise UnreadableFile("header_missing", "The first row must name the columns.", row=1)
    if len(headers) > MOST_COLUMNS:
        raise UnreadableFile("too_many_columns", f"There are more than {MOST_COLUMNS} columns.", row=1)
    if any(len(cell) > LONGEST_CELL for cell in headers):
        raise UnreadableFile("cell_too_long", "A header is too long to be one.", row=1)
    doubled = sorted({name for name in headers if name and headers.count(name) > 1})
    if doubled:
        sentence = f"There is more than one column called {', '.join(doubled)}."
        raise UnreadableFile("header_doubled", sentence, row=1, column=doubled[0])
    return headers


def _misfit(number: int, cells: list[str], width: int) -> RowError | None:
    """Why a row cannot be put under the headers; empty cells at its end do not count, a blank row is none."""
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        sentence = (
            f"This row has {len(cells)} cells, the header {width}. A cell with a separator needs quotes."
        )
        return RowError(number, "", "row_too_long", sentence)
    if len(cells) < width and any(cell.strip() for cell in cells):
        sentence = f"This row has {len(cells)} cells, the header {width}."
        return RowError(number, "", "row_too_short", sentence)
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return RowError(number, "", "cell_too_long", f"A cell is longer than {LONGEST_CELL:,} signs.")
    return None


def _without_blank_columns(table: Table) -> Table:
    """`table` without columns that have neither a name nor a cell. Raises UnreadableFile for cells without a name."""
    nameless = [index for index, name in enumerate(table.headers) if not name]
    for row in table.rows:
        for index in nameless:
            if row.cells[index].strip():
                sentence = f"Column {index + 1} has no name, and there is something in row {row.number}."
                raise UnreadableFile("header_empty", sentence, row=1)
    if not nameless:
        return table
    kept = [index for index, name in enumerate(table.headers) if name]
    rows = tuple(Row(row.number, tuple(row.cells[index] for index in kept)) for row in table.rows)
    return Table(tuple(table.headers[index] for index in kept), rows, table.errors)
