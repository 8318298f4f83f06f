"""A table of the reports as the file that a spreadsheet opens."""

from __future__ import annotations

import csv
from io import StringIO

from tests.http.pages.reading import Reader


def sheet(office: Reader, what: str, span: str, *, file: str = "/reports.csv") -> list[list[str]]:
    answer = office.client.get(f"{file}?{span}&what={what}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    first, last = (day.partition("=")[2] for day in span.split("&"))
    assert answer.headers["content-disposition"] == f'attachment; filename="{what}-{first}-{last}.csv"'
    assert answer.text.startswith("\ufeff")
    return list(csv.reader(StringIO(answer.text.removeprefix("\ufeff"))))
