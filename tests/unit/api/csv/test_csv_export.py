"""What goes out comes back unchanged, and no cell of it is a formula."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from api.csv import export, export_file, import_file
from dispatch.clock import SetClock
from dispatch.technicians.actions import hire
from dispatch.technicians.hours import set_shift
from dispatch.visits.references import spoken
from dispatch.work import Actor, Workshop
from tests.builders import a_customer, a_technician, a_territory, an_address, near
from tests.worlds import one_van_two_visits

FILES = Path("tests/data/csv")
OFFICE = Actor("dispatcher", "office")


def written(workshop: Workshop, kind: str) -> str:
    out = io.StringIO(newline="")
    with workshop.read() as work:
        export(work, kind, out)
    return out.getvalue()


@pytest.fixture
def full(workshop: Workshop) -> Workshop:
    """North with the four files in it, and somebody of each kind who came by another door."""
    with workshop.work(OFFICE, "set up") as work:
        territory = a_territory(work)
    for kind in ("services", "technicians", "customers", "visits"):
        assert import_file(workshop, kind, FILES / f"{kind}.csv", OFFICE).ok
    with workshop.work(OFFICE, "set up") as work:
        uneven = a_technician(work, territory, name="Uri Odd", phone="+12025550199", home=near(km_east=1 / 3))
        set_shift(work, uneven, [6], start_at="10:00", end_at="12:00", breaks=[])
        hire(work, territory, "Wes Off", home=near())
        an_address(work, a_customer(work, name="+Zoe", phone="+12025550177"), territory, line="@home")
    return workshop


@pytest.mark.parametrize("kind", ["services", "technicians", "customers"])
def test_a_round_trip_changes_nothing(full: Workshop, kind: str) -> None:
    report = import_file(full, kind, written(full, kind).encode(), OFFICE)
    assert (report.errors, report.accepted, report.updated) == ((), 0, 0)
    assert report.unchanged == written(full, kind).count("\r\n") - 1


def test_no_cell_of_text_can_be_taken_for_a_formula(full: Workshop) -> None:
    text = written(full, "customers")
    assert "'=HYPERLINK" in text
    assert "'+Zoe,'+12025550177,en,'@home,40.00899" in text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert all(float(row["lng"]) < 0 for row in rows)
    for row in rows:
        cells = {name: cell for name, cell in row.items() if name not in ("lat", "lng")}
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in cells.values())


def test_hours_that_differ_from_day_to_day_are_said_to_vary(full: Workshop) -> None:
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(written(full, "technicians")))}
    assert rows["Uri Odd"]["weekdays"] == rows["Uri Odd"]["break"] == "varies"
    assert rows["Wes Off"]["weekdays"] == ""
    assert (rows["Tom Hale"]["weekdays"], rows["Tom Hale"]["break"]) == ("Mon-Fri", "11:30-13:30/30")
    assert (rows["Ula Ray"]["weekdays"], rows["Ula Ray"]["overtime_until"]) == ("Mon,Tue,Sat", "18:00")


def test_visits_are_told_with_their_reference_state_window_and_technician(
    workshop: Workshop, clock: SetClock
) -> None:
    _, ana, _ = one_van_two_visits(workshop, clock)
    row = next(csv.DictReader(io.StringIO(written(workshop, "visits"))))
    assert (row["key"], row["reference"]) == (ana.id, spoken(ana.reference))
    assert (row["service"], row["day"], row["window_start"]) == ("repair", "2026-03-02", "08:00")
    assert (row["state"], row["window"], row["technician"]) == ("booked", "Mon 2 Mar, 08:00–10:00", "Tom")


def test_imported_visits_go_out_under_their_key_with_their_note(full: Workshop) -> None:
    rows = {row["key"]: row for row in csv.DictReader(io.StringIO(written(full, "visits"), newline=""))}
    assert set(rows) == {"v1", "v2", "v3"}
    assert (rows["v2"]["customer"], rows["v2"]["note"]) == ("c2", "Ring twice,\nthen wait")


def test_a_file_has_the_mark_that_spreadsheets_look_for(full: Workshop, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    assert export_file(full, "services", path) == 2
    assert path.read_bytes() == (
        b"\xef\xbb\xbfcode,name,duration_minutes,spread_minutes,window_minutes,skills,parts\r\n"
        b"install,Installation,90,20,120,fiber:2,ont:1\r\n"
        b"repair,Repair,45,10,120,fiber:1,\r\n"
    )
