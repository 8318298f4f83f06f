"""What is a table and what is none: whole files, told by the row a spreadsheet shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.csv import UnreadableFile, read_csv
from api.csv.reading import MOST_BYTES, MOST_ROWS, Row

FILES = Path("tests/data/csv")
PLAIN = "code,name\nfix,Repair\nadd,Extra\n"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(PLAIN.encode(), id="LF"),
        pytest.param(PLAIN.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(PLAIN.replace("\n", "\r").encode(), id="CR"),
        pytest.param(PLAIN.encode("utf-8-sig"), id="with a mark"),
        pytest.param(PLAIN.encode("utf-16"), id="UTF-16"),
        pytest.param(b"\xfe\xff" + PLAIN.encode("utf-16-be"), id="UTF-16, big end first"),
        pytest.param(PLAIN.replace(",", ";").encode(), id="semicolons"),
        pytest.param(PLAIN.replace(",", "\t").encode(), id="tabs"),
        pytest.param(PLAIN.rstrip("\n").encode(), id="no line end at the end"),
        pytest.param(PLAIN.replace("\n", ",,\n").encode(), id="empty columns to the right"),
        pytest.param((PLAIN + ",\n\n").encode(), id="blank rows below"),
        pytest.param(b" Code ,NAME\nfix,Repair\nadd,Extra\n", id="headers as people write them"),
    ],
)
def test_many_ways_to_write_the_same_table(raw: bytes) -> None:
    table = read_csv(raw)
    assert table.headers == ("code", "name")
    assert table.rows == (Row(2, ("fix", "Repair")), Row(3, ("add", "Extra")))
    assert table.errors == ()


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    table = read_csv(b'code,name\na,"two\nlines, one row"\n\nb,"say ""hello"""\n')
    assert table.rows == (Row(2, ("a", "two\nlines, one row")), Row(4, ("b", 'say "hello"')))


def test_a_comma_in_a_quoted_header_separates_nothing() -> None:
    assert read_csv(b'"a, b, c";code\n1;2\n').headers == ("a,_b,_c", "code")


def test_a_file_saved_by_a_spreadsheet_of_another_country() -> None:
    table = read_csv(FILES / "services_semicolon_utf16.csv")
    assert [row.cells[0] for row in table.rows] == ["repair", "install"]


@pytest.mark.parametrize(
    ("raw", "row", "code"),
    [
        pytest.param(b"", 0, "file_empty", id="nothing"),
        pytest.param(b"\xef\xbb\xbf \r\n\r\n", 0, "file_empty", id="a mark and blank lines"),
        pytest.param(b"code,name\r\n", 1, "rows_missing", id="header only"),
        pytest.param(b"code,name\r\n,\r\n", 1, "rows_missing", id="header and a blank row"),
        pytest.param(b"\ncode,name\na,b\n", 1, "header_missing", id="blank line first"),
        pytest.param(b"code,Name,name\na,b,c\n", 1, "header_doubled", id="one column twice"),
        pytest.param(b"code,,name\na,b,c\n", 1, "header_empty", id="a column without a name"),
        pytest.param(b",".join([b"c"] * 61) + b"\n1\n", 1, "too_many_columns", id="61 columns"),
        pytest.param(b"code,name\na,\xe9\n", 2, "encoding_unknown", id="Latin-1"),
        pytest.param(b"code,name\r\na,b\r\nc,\xff\r\n", 3, "encoding_unknown", id="one bad byte"),
        pytest.param(b"\xff\xfec\x00\n\x00\x00\xd8", 2, "encoding_unknown", id="half a sign of UTF-16"),
        pytest.param(b"code,name\na,b\0c\n", 2, "nul", id="NUL"),
        pytest.param(PLAIN.encode("utf-16-le"), 1, "nul", id="UTF-16 without a mark"),
        pytest.param(PLAIN.encode("utf-32"), 1, "nul", id="UTF-32"),
        pytest.param(b"PK\x03\x04\x14\x00", 0, "file_is_archive", id="a workbook"),
        pytest.param(b"\x1f\x8b\x08\x00", 0, "file_is_archive", id="gzip"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1", 0, "file_is_no_csv", id="an old workbook"),
        pytest.param(b"%PDF-1.7\n", 0, "file_is_no_csv", id="a PDF"),
        pytest.param(b"\n <html><table>", 0, "file_is_no_csv", id="a page that calls itself a sheet"),
        pytest.param(b'code,name\na,"b\nc,d\n', 2, "quote_open", id="a quotation mark never closed"),
        pytest.param(b'code,name\na,b\nc,"d" e\n', 3, "quote_stray", id="text after a closed quotation mark"),
        pytest.param(b"code,name\na," + b"x" * 200_000, 2, "cell_too_long", id="one endless cell"),
        pytest.param(b"a" * (MOST_BYTES + 1), 0, "file_too_large", id="20 MB and a byte"),
        pytest.param(b"a\n" + b"1\n" * (MOST_ROWS + 1), 0, "too_many_rows", id="100,001 rows"),
    ],
)
def test_a_file_that_is_no_table_is_refused_whole(raw: bytes, row: int, code: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_csv(raw)
    assert (refused.value.reason.row, refused.value.reason.code) == (row, code)
    assert refused.value.reason.sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "row", "code"),
    [
        ("services_latin1.csv", 3, "encoding_unknown"),
        ("workbook_renamed.csv", 0, "file_is_archive"),
        ("nowhere.csv", 0, "file_missing"),
        ("", 0, "file_missing"),
        ("a\0b", 0, "file_missing"),
    ],
)
def test_a_file_on_disk_that_is_no_table(name: str, row: int, code: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read_csv(str(FILES / name))
    assert (refused.value.reason.row, refused.value.reason.code) == (row, code)


def test_rows_of_another_shape_are_told_beside_the_good_ones() -> None:
    table = read_csv(b"a,b\n1,2\n1,2,3\n1\n1,2,,\n1," + b"x" * 4001 + b"\n")
    assert [(error.row, error.code) for error in table.errors] == [
        (3, "row_too_long"),
        (4, "row_too_short"),
        (6, "cell_too_long"),
    ]
    assert [row.number for row in table.rows] == [2, 5]


_PIECES = st.sampled_from(
    [
        b'"',
        b",",
        b";",
        b"\t",
        b"\n",
        b"\r",
        b"\0",
        b"a",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xd8",
        b"PK\x03\x04",
        b" ",
    ]
)


@given(st.one_of(st.binary(max_size=400), st.lists(_PIECES, max_size=60).map(b"".join)))
def test_any_bytes_are_a_table_or_are_refused(raw: bytes) -> None:
    try:
        table = read_csv(raw)
    except UnreadableFile:
        return
    assert table.rows or table.errors
    assert all(len(row.cells) == len(table.headers) for row in table.rows)
    numbers = [row.number for row in table.rows]
    assert numbers == sorted(set(numbers))
    assert all(number >= 2 for number in numbers)
