"""A file goes in whole or not at all, says every error with its row, and twice is the same as once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from api.csv import KINDS, Report, import_file
from dispatch import ledger
from dispatch.clock import SetClock
from dispatch.customers.tables import Address, Customer
from dispatch.errors import Invalid, Unavailable
from dispatch.holds.tables import Hold
from dispatch.plans.tables import Assignment, Plan
from dispatch.promises.tables import Promise
from dispatch.services.tables import Service
from dispatch.technicians.tables import Shift, Stock, Technician
from dispatch.travel.port import Point, TravelError
from dispatch.travel.straight import StraightLine
from dispatch.visits.tables import Visit, VisitNote
from dispatch.work import Actor, Workshop
from tests.builders import a_customer, a_service, a_technician, a_territory, an_address, near

FILES = Path("tests/data/csv")
OFFICE = Actor("dispatcher", "office")
ROWS = (Service, Technician, Shift, Stock, Customer, Address, Visit, Promise, Hold, Plan, ledger.LedgerEntry)


@pytest.fixture
def town(workshop: Workshop) -> Workshop:
    """A territory called North, and nothing in it."""
    with workshop.work(OFFICE, "set up") as work:
        a_territory(work)
    return workshop


def take(town: Workshop, kind: str, source: str | Path, *, dry_run: bool = False) -> Report:
    raw = source.encode() if isinstance(source, str) else source
    return import_file(town, kind, raw, OFFICE, dry_run=dry_run)


def take_all(town: Workshop, *kinds: str) -> None:
    for kind in kinds or ("services", "technicians", "customers"):
        assert take(town, kind, FILES / f"{kind}.csv").ok


def counts(report: Report) -> tuple[int, int, int]:
    return report.accepted, report.updated, report.unchanged


def told(report: Report) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, error.code) for error in report.errors]


def row_counts(town: Workshop) -> list[int]:
    with town.read() as work:
        return [len(work.session.exec(select(table)).all()) for table in ROWS]


def test_four_files_and_the_day_is_planned_and_promised(town: Workshop) -> None:
    take_all(town)
    assert counts(take(town, "visits", FILES / "visits.csv")) == (3, 0, 0)
    with town.read() as work:
        promises = work.session.exec(select(Promise).order_by(col(Promise.start_at))).all()
        placed = work.session.exec(select(Assignment)).all()
        notes = {note.text for note in work.session.exec(select(VisitNote))}
        assert [promise.local_text for promise in promises] == [
            "Mon 2 Mar, 08:00–10:00",
            "Mon 2 Mar, 10:00–12:00",
            "Tue 3 Mar, 14:00–16:00",
        ]
        assert {(promise.agreed_by, promise.agreed_how) for promise in promises} == {("office", "import")}
        assert all(row.technician_id for row in placed)
        assert len(placed) == 3
        assert notes == {"The bell is broken", "Ring twice,\nthen wait"}
        assert all(hold.consumed_at for hold in work.session.exec(select(Hold)))
        assert list(ledger.broken_links(work.session)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_dry_run_says_what_the_real_run_says_and_writes_nothing(town: Workshop, kind: str) -> None:
    take_all(town, *[name for name in ("services", "technicians", "customers") if name != kind])
    before = row_counts(town)
    rehearsed = take(town, kind, FILES / f"{kind}.csv", dry_run=True)
    assert row_counts(town) == before
    assert not rehearsed.written
    done = take(town, kind, FILES / f"{kind}.csv")
    assert counts(rehearsed) == counts(done)
    assert (rehearsed.errors, done.errors) == ((), ())
    assert done.accepted > 0
    assert row_counts(town) != before


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_file_twice_changes_nothing(town: Workshop, kind: str) -> None:
    take_all(town)
    first = take(town, kind, FILES / f"{kind}.csv")
    before = row_counts(town)
    again = take(town, kind, FILES / f"{kind}.csv")
    assert counts(again) == (0, 0, first.accepted + first.unchanged)
    assert row_counts(town) == before


def test_one_bad_row_and_nothing_is_written_but_every_error_told(town: Workshop) -> None:
    before = row_counts(town)
    customers = (
        "key,name,phone,language,address,lat,lng\n"
        "c1,Ana Cole,202-555-0143,en,1 Main Street,40.01,-77\n"
        "c2,,12,klingon,2 Main Street,91,west\n"
        "c3,Ben Ode,12,en,3 Main Street,40.01,-77\n"
        "c4,Cy Dow,202-555-0144,en,4 Main Street,40.01\n"
        "c1,Dot Eve,202-555-0145,en,5 Main Street,40.01,-77\n"
    )
    expected = [
        (3, "language", "language_unknown"),
        (3, "lat", "number_out_of_range"),
        (3, "lng", "number_invalid"),
        (3, "name", "cell_missing"),
        (4, "phone", "phone_invalid"),
        (5, "", "row_too_short"),
        (6, "key", "key_doubled"),
    ]
    rehearsed, report = take(town, "customers", customers, dry_run=True), take(town, "customers", customers)
    assert told(rehearsed) == told(report) == expected
    assert counts(report) == (1, 0, 0)
    assert row_counts(town) == before
    assert list(report.lines())[-1].startswith("customers: 7 errors, so nothing was written")


def test_two_hundred_errors_are_told_and_all_are_counted(town: Workshop) -> None:
    rows = "".join(f"c{number},Ana,12,Main Street,40.01,-77\n" for number in range(250))
    report = take(town, "customers", "key,name,phone,address,lat,lng\n" + rows)
    assert (len(report.errors), report.error_count) == (200, 250)
    assert "… and 50 more errors." in report.lines()


def test_headers_may_stand_in_any_order_and_wrong_ones_are_named_with_the_nearest(town: Workshop) -> None:
    assert take(town, "services", "duration_minutes,name,code\n45,Repair,repair\n").ok
    report = take(town, "services", "code,nmae,duration,price\nrepair,Repair,45,3\n")
    assert told(report) == [
        (1, "duration", "header_unknown"),
        (1, "duration_minutes", "header_missing"),
        (1, "name", "header_missing"),
        (1, "nmae", "header_unknown"),
        (1, "price", "header_unknown"),
    ]
    said = {error.column: error.sentence for error in report.errors}
    assert said["nmae"] == "There is no column nmae. Did you mean name?"
    assert said["duration"] == "There is no column duration. Did you mean duration_minutes?"
    assert said["price"] == "There is no column price."
    report = take(
        town, "visits", "key,customer,service,day,window_start,state\nv,c,s,2026-03-02,08:00,done\n"
    )
    assert told(report) == [(1, "state", "header_only_exported")]


def test_a_file_that_cannot_be_read_is_one_more_report(town: Workshop) -> None:
    report = take(town, "services", FILES / "workbook_renamed.csv")
    assert told(report) == [(0, "", "file_is_archive")]
    with pytest.raises(Invalid, match="services, technicians, customers, visits"):
        take(town, "invoices", "a\n1\n")


def service(row: str) -> str:
    return f"code,name,duration_minutes,spread_minutes,window_minutes,skills,parts\n{row}\n"


def technician(row: str) -> str:
    header = (
        "key,name,phone,territory,lat,lng,skills,stock,weekdays,shift_start,shift_end,overtime_until,break"
    )
    return f"{header}\n{row}\n"


def customer(row: str) -> str:
    return f"key,name,phone,language,address,lat,lng,territory\n{row}\n"


def visit(row: str) -> str:
    return f"key,customer,service,day,window_start,note\n{row}\n"


UNFIT_ROWS = [
    ("services", service("a b,Repair,45,,,,"), "code", "code_invalid"),
    ("services", service("fix,Repair,721,,,,"), "duration_minutes", "number_out_of_range"),
    ("services", service("fix,Repair,45,,10,,"), "window_minutes", "number_out_of_range"),
    ("services", service("fix,Repair,45,,,fiber:11,"), "skills", "number_out_of_range"),
    ("services", service("fix,Re\x07pair,45,,,,"), "name", "text_unreadable"),
    ("services", service(f"fix,{'x' * 121},45,,,,"), "name", "text_too_long"),
    ("technicians", technician("t9,Al,,North,0,0,,,,,,,"), "lat", "position_invalid"),
    ("technicians", technician("t9,Al,,North,-77,40,,,,,,,"), "lat", "position_swapped"),
    ("technicians", technician("t9,Al,,North,48,11,,,,,,,"), "lat", "position_far"),
    ("technicians", technician("t9,Al,,Nroth,40,-77,,,,,,,"), "territory", "territory_unknown"),
    ("technicians", technician("t9,Al,202-555-0111,,40,-77,,,,,,,"), "phone", "phone_taken"),
    ("technicians", technician("t9,Al,,,40,-77,,,Mon,17:00,08:00,,"), "shift_end", "window_empty"),
    (
        "technicians",
        technician("t9,Al,,,40,-77,,,Mon,08:00,12:00,,11:30-13:30/30"),
        "break",
        "break_outside_shift",
    ),
    ("technicians", technician("t9,Al,,,40,-77,,,varies,08:00,12:00,,"), "weekdays", "hours_vary"),
    ("customers", customer("c9,Al,202-555-0143x5,en,9 Main Street,40,-77,"), "phone", "phone_invalid"),
    ("customers", customer("c9,Al,+1 900 555 0143,en,9 Main Street,40,-77,"), "phone", "phone_kind"),
    ("customers", customer("c9,Al,1.5E+11,en,9 Main Street,40,-77,"), "phone", "phone_shortened"),
    ("customers", customer("c9,Al,202-555-0149,en,9 Main Street,41,-77,"), "lat", "out_of_area"),
    ("customers", customer("c9,ana cole,202-555-0143,en,9 Main Street,40,-77,"), "key", "customer_twice"),
    ("customers", customer(f"c9,{'ﷺ' * 100},202-555-0149,en,9 Main Street,40,-77,"), "name", "text_too_long"),
    ("visits", visit("v9,c1,repair,03/04/2026,08:00,"), "day", "date_ambiguous"),
    ("visits", visit("v9,c1,repair,2026-03-01,08:00,"), "day", "window_past"),
    ("visits", visit("v9,c1,repair,2026-06-01,08:00,"), "day", "day_too_far"),
    ("visits", visit("v9,c1,repair,2026-03-02,09:00,"), "window_start", "window_not_sold"),
    ("visits", visit("v9,c1,repair,2026-03-08,08:00,"), "window_start", "slot_taken"),
    ("visits", visit("v9,c8,repair,2026-03-02,08:00,"), "customer", "customer_unknown"),
    ("visits", visit("v9,c1,repiar,2026-03-02,08:00,"), "service", "service_unknown"),
    ("visits", visit("v1,c1,repair,2026-03-02,10:00,"), "window_start", "key_reused"),
    ("visits", visit("v1,c1,repair,2026-03-02,08:00,Another note"), "note", "key_reused"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_that_do_not_fit(town: Workshop, kind: str) -> None:
    take_all(town, "services", "technicians", "customers", "visits")
    before = row_counts(town)
    expected = [(file, [(2, column, code)]) for name, file, column, code in UNFIT_ROWS if name == kind]
    reports = [(file, take(town, kind, file)) for file, _ in expected]
    assert [(file, told(report)) for file, report in reports] == expected
    assert all(report.errors[0].sentence.endswith((".", "?")) for _, report in reports)
    assert row_counts(town) == before


def test_a_window_nobody_can_serve_names_the_next_ones(town: Workshop) -> None:
    take_all(town, "services", "customers")
    alone = technician('t1,Tom Hale,,,40,-77,fiber:1,,"Mon,Tue",08:00,10:00,10:00,')
    assert take(town, "technicians", alone).ok
    rows = [f"v{number},c{number},repair,2026-03-02,08:00," for number in (1, 2, 3)]
    # Two visits of 45 minutes and their drives of four to seven fill Tom's two hours; the third finds nobody.
    report = take(town, "visits", visit("\n".join(rows)))
    assert told(report) == [(4, "window_start", "slot_taken")]
    assert report.errors[0].sentence == "Nobody can serve this window. The next: Tue 3 Mar, 08:00–10:00."
    assert take(town, "visits", visit("\n".join(rows[:2]))).ok
    later = visit(rows[2].replace("2026-03-02", "2026-03-04"))
    assert take(town, "visits", later).errors[0].sentence == (
        "Nobody can serve this window. The next: Mon 9 Mar, 08:00–10:00; Tue 10 Mar, 08:00–10:00."
    )


def test_a_key_known_with_other_values_is_brought_in_line(town: Workshop, clock: SetClock) -> None:
    take_all(town)
    clock.advance(minutes=1)
    assert counts(take(town, "services", service("repair,Repairs,60,10,120,fiber:1,"))) == (0, 1, 0)
    moved = customer("c1,Ana Cole-Lee,202-555-0149,es,7 Mill Lane,40.02,-77,North")
    assert counts(take(town, "customers", moved)) == (0, 1, 0)
    clock.advance(minutes=1)
    back = customer("c1,Ana Cole-Lee,202-555-0149,es,1 Main Street,40.009,-77.0,North")
    assert counts(take(town, "customers", back)) == (0, 1, 0)
    assert counts(take(town, "visits", visit("v1,c1,repair,2026-03-02,10:00,"))) == (1, 0, 0)
    with town.read() as work:
        repair = work.session.exec(select(Service).where(Service.code == "repair")).one()
        assert (repair.name, repair.duration_seconds) == ("Repairs", 3600)
        ana = work.session.exec(select(Customer).where(Customer.external_key == "c1")).one()
        assert (ana.name, ana.name_key, ana.phone, ana.language) == (
            "Ana Cole-Lee",
            "ana cole-lee",
            "+12025550149",
            "es",
        )
        booked = work.session.exec(select(Visit)).one()
        assert work.session.get_one(Address, booked.address_id).line == "1 Main Street"


def test_hours_skills_and_the_van_are_as_the_row_says(town: Workshop) -> None:
    take_all(town)
    row = "t1,Tom Hale,(202) 555-0111,North,40.0,-77.0,,modem:2,Mon-Thu,07:00,15:00,16:00,"
    assert counts(take(town, "technicians", technician(row))) == (0, 1, 0)
    assert counts(take(town, "technicians", technician(row))) == (0, 0, 1)
    with town.read() as work:
        tom = work.session.exec(select(Technician).where(Technician.external_key == "t1")).one()
        week = work.session.exec(select(Shift).where(Shift.technician_id == tom.id)).all()
        van = work.session.exec(select(Stock).where(Stock.technician_id == tom.id)).all()
        assert tom.skills == {}
        assert {(day.weekday, day.start_at, day.overtime_until_at) for day in week} == {
            (number, "07:00", "16:00") for number in range(4)
        }
        assert all(day.breaks == [] for day in week)
        assert {stock.part: stock.quantity for stock in van} == {"ont": 0, "modem": 2}


def test_columns_left_out_leave_what_is_known_and_take_what_is_usual(town: Workshop) -> None:
    take_all(town)
    short = "key,name,lat,lng\nt1,Tom Hale,40.0,-77.0\nt3,Una New,40.0,-77.01\n"
    assert counts(take(town, "technicians", short)) == (1, 0, 1)
    with town.read() as work:
        tom = work.session.exec(select(Technician).where(Technician.external_key == "t1")).one()
        assert (tom.phone, tom.skills) == ("+12025550111", {"fiber": 2})
        una = work.session.exec(select(Technician).where(Technician.external_key == "t3")).one()
        week = work.session.exec(select(Shift).where(Shift.technician_id == una.id)).all()
        assert {(day.weekday, day.start_at, day.end_at) for day in week} == {
            (number, "08:00", "17:00") for number in range(5)
        }
        assert week[0].breaks == [{"id": "lunch", "earliest": "11:30", "latest": "13:30", "minutes": 30}]


def test_a_technician_with_visits_to_come_stays_in_the_territory(town: Workshop) -> None:
    take_all(town, "services", "technicians", "customers", "visits")
    with town.work(OFFICE, "set up") as work:
        a_territory(work, name="South")
    row = "t1,Tom Hale,(202) 555-0111,South,40.0,-77.0,fiber:2,ont:4,Mon-Fri,08:00,17:00,19:00,11:30-13:30/30"
    assert told(take(town, "technicians", technician(row))) == [(2, "territory", "technician_planned")]
    nowhere = customer("c9,Al Fox,202-555-0149,en,9 Main Street,40,-77,")
    assert told(take(town, "customers", nowhere)) == [(2, "territory", "cell_missing")]


def test_who_booked_before_takes_the_key_and_is_not_doubled(workshop: Workshop) -> None:
    with workshop.work(OFFICE, "set up") as work:
        territory = a_territory(work)
        known = a_customer(work)
        an_address(work, known, territory)
    row = customer("c1,ana cole,202-555-0143,en,1 Main Street,40.009,-77,")
    assert counts(take(workshop, "customers", row)) == (0, 1, 0)
    assert counts(take(workshop, "customers", row)) == (0, 0, 1)
    with workshop.read() as work:
        assert [one.id for one in work.session.exec(select(Customer))] == [known.id]


def test_the_number_of_each_row_done_is_told_on_the_way(town: Workshop) -> None:
    heard: list[tuple[int, int]] = []
    import_file(
        town,
        "customers",
        FILES / "customers.csv",
        OFFICE,
        progress=lambda done, total: heard.append((done, total)),
    )
    assert heard == [(1, 3), (2, 3), (3, 3)]


class NoRoads(StraightLine):
    """Travel that cannot be asked."""

    def seconds(self, origin: Point, destination: Point) -> int:
        raise TravelError("the routing server does not answer")


def test_when_it_is_not_the_files_fault_nothing_is_written_and_that_is_said(town: Workshop) -> None:
    lost = Workshop(town.engine, town.clock, town.chance, NoRoads())
    before = row_counts(town)
    with pytest.raises(Unavailable, match="nothing was imported"):
        take(lost, "customers", FILES / "customers.csv")
    assert row_counts(town) == before


def test_formulas_are_kept_as_text(town: Workshop) -> None:
    take_all(town, "customers")
    with town.read() as work:
        names = set(work.session.exec(select(Customer.name)))
    assert names == {"Ana Cole", "José Núñez", '=HYPERLINK("x")'}


def test_a_visit_of_ours_is_not_booked_again_under_its_own_id(workshop: Workshop) -> None:
    with workshop.work(OFFICE, "set up") as work:
        territory = a_territory(work)
        a_service(work)
        a_technician(work, territory, home=near())
    take_all(workshop, "customers")
    assert take(workshop, "visits", visit("v1,c1,repair,2026-03-02,08:00,")).ok
    with Session(workshop.engine) as session:
        booked = session.exec(select(Visit)).one()
    report = take(workshop, "visits", visit(f"{booked.id},c1,repair,2026-03-03,08:00,"))
    assert told(report) == [(2, "key", "visit_known")]
    assert booked.booked_at == dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC)
