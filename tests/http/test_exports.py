"""The office takes a file of its own territory's rows; the ledger says who did."""

from __future__ import annotations

import csv
import io

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from dispatch.ledger import LedgerEntry
from dispatch.territories.tables import Dispatcher, Territory
from tests import builders
from tests.conftest import OpenWork


@pytest.mark.parametrize("door", ["/api/v1/exports", "/office/exports"])
def test_a_file_that_a_spreadsheet_opens(
    staff: TestClient, work: OpenWork, territory: Territory, dispatcher: Dispatcher, door: str
) -> None:
    with work() as w:
        builders.a_technician(w, territory, name="=HYPERLINK(1)")
        builders.a_technician(w, builders.a_territory(w, name="South"), name="Not Yours")
    answer = staff.post(f"{door}/technicians")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="technicians-2026-03-02.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["name"], row["territory"]) for row in rows] == [("'=HYPERLINK(1)", "North")]
    with work() as w:
        [noted] = w.session.exec(select(LedgerEntry).where(LedgerEntry.kind == "rows_exported"))
        assert noted.actor == f"dispatcher:{dispatcher.id}"
        assert noted.data == {"territory_id": territory.id, "rows": "technicians"}


def test_more_rows_than_one_chunk_holds(staff: TestClient, work: OpenWork, territory: Territory) -> None:
    with work() as w:
        for number in range(450):
            builders.a_service(w, code=f"s{number:03}", name=f"Service {number}")
    text = staff.post("/api/v1/exports/services").content.decode("utf-8-sig")
    assert [row["code"] for row in csv.DictReader(io.StringIO(text))] == [f"s{n:03}" for n in range(450)]


@pytest.mark.parametrize("rows", ["customers", "visits"])
def test_an_empty_house_has_a_header(staff: TestClient, rows: str) -> None:
    assert staff.post(f"/api/v1/exports/{rows}").text.startswith("\ufeffkey,")


def test_nothing_else_can_be_taken_and_asking_takes_nothing(staff: TestClient) -> None:
    assert staff.post("/api/v1/exports/links").status_code == 422
    assert staff.get("/api/v1/exports/visits").status_code == 405
    assert "Download visits.csv" in staff.get("/office/exports").text
