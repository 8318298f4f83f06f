"""What a regulator asks: two appointments missed and one kept, with forty dollars owed for each that was missed."""

from __future__ import annotations

import pytest

from dispatch.access.tables import Scope
from dispatch.failures.reports import report_nobody_came
from dispatch.field.actions import arrive
from dispatch.policies import OFGEM_LIKE
from dispatch.recoveries.choices import choose
from dispatch.territories.actions import set_policies
from dispatch.territories.tables import Territory
from dispatch.visits.tables import Visit
from tests import builders
from tests.http.conftest import Client
from tests.http.pages.reading import Reader
from tests.http.pages.sheets import sheet
from tests.worlds import World

DAY = "from=2026-03-02&to=2026-03-02"
FILE = "/reports/regulator.csv"


@pytest.fixture
def world(world: World) -> World:
    with world.as_office() as work:
        set_policies(work, work.session.get_one(Territory, world.territory.id), dict(OFGEM_LIKE))
    return world


@pytest.fixture
def visits(world: World) -> tuple[Visit, Visit, Visit]:
    """Nobody came to Ana, who takes the new time of the afternoon, nor to Ben, who has not answered. Cy's is kept."""
    ana = world.book("Ana Cole", "08:00")
    ben = world.book("Ben Ode", "08:00", phone="+12025550144")
    cy = world.book("Cy Lund", "10:00", phone="+12025550145")
    world.clock.at = world.at("10:01")
    for visit in (ana, ben):
        with world.as_customer(visit) as work:
            report_nobody_came(work, visit.id, how="web")
    with world.as_technician(world.who_comes(cy)) as (work, technician):
        arrive(work, technician, cy.id)
    with world.as_customer(ana) as work:
        choose(work, world.recovery(ana).id, "1", how="web")
    return ana, ben, cy


def later(world: World, sign_in: Client, days: int) -> Reader:
    """Dana signs in again so many days later."""
    world.clock.advance(days=days)
    return Reader(sign_in(Scope.SETUP, world.dispatchers[0].id))


def test_payments_due_and_given(
    world: World, office: Reader, sign_in: Client, visits: tuple[Visit, ...]
) -> None:
    """Monday the 2nd, and ten working days: the last day is Monday the 16th. On the 17th Ben's is overdue, and forty
    dollars more are owed for that."""
    states = {row[0]: row[1:4] for row in sheet(office, "payments", DAY, file=FILE)[1:]}
    assert states["Given in time"] == ["1", "40.0", "40.0"]
    assert states["Not given yet, in time"] == ["1", "40.0", "0.0"]
    assert states["All"] == ["2", "80.0", "40.0"]
    assert states["On top, for what was late"][:2] == ["0", "0.0"]
    for days, overdue in ((14, "0"), (1, "1")):
        rows = sheet(later(world, sign_in, days), "payments", DAY, file=FILE)[1:]
        states = {row[0]: row[1:4] for row in rows}
        assert states["Not given, overdue"][0] == overdue
        assert states["On top, for what was late"][:2] == [overdue, f"{40 * int(overdue)}.0"]


def test_every_missed_appointment_with_its_last_day(office: Reader, visits: tuple[Visit, ...]) -> None:
    assert [row[1:] for row in sheet(office, "missed", DAY, file=FILE)[1:]] == [
        ["Ana Cole", "2026-03-02", "40.0", "2026-03-16", "40.0", "2026-03-02", "Given in time"],
        ["Ben Ode", "2026-03-02", "40.0", "2026-03-16", "0.0", "", "Not given yet, in time"],
    ]


def test_the_share_that_was_kept_in_the_quarter(office: Reader, visits: tuple[Visit, ...]) -> None:
    """One of three is a third; the day asked for is only one of the quarter's."""
    assert sheet(office, "quarters", DAY, file=FILE) == [
        ["Quarter", "Kept", "Missed", "Left out", "Kept, of 100 that were kept or missed", "At least 95"],
        ["Quarter 1 of 2026", "1", "2", "0", "33.33", "no"],
    ]
    wide = "from=2026-01-05&to=2026-01-05"
    assert sheet(office, "quarters", wide, file=FILE)[1][1:3] == ["1", "2"]
    assert sheet(office, "payments", wide, file=FILE)[6][1] == "0"


def test_every_number_for_the_regulator_opens_its_visits(
    world: World, sign_in: Client, visits: tuple[Visit, ...]
) -> None:
    office = later(world, sign_in, 15)
    office.open(f"/reports/regulator?{DAY}")
    assert office.h1 == "33.3 of 100 appointments kept, 95 asked"
    assert "1 payment is overdue." in office.text
    assert "Somebody was at the door inside the promised window" in office.text
    links = [a.attributes["href"] for a in office.page.every("a") if "/visits?" in a.attributes["href"]]
    assert len(links) == 8
    names = {
        "quarter:2026q1:kept": ["Cy Lund"],
        "quarter:2026q1:missed": ["Ana Cole", "Ben Ode"],
        "quarter:2026q1:due": ["Ana Cole", "Ben Ode", "Cy Lund"],
        "missed:in_time": ["Ana Cole"],
        "missed:overdue": ["Ben Ode"],
        "missed:late": ["Ben Ode"],
        "missed:all": ["Ana Cole", "Ben Ode"],
    }
    for href in links:
        text = office.open(href).text
        assert [one for one in ("Ana Cole", "Ben Ode", "Cy Lund") if one in text] == names[
            href.partition("what=")[2]
        ]
    assert office.follow("← Reports").path == f"/reports/regulator?{DAY}"
    assert office.open(f"/reports/regulator/visits?{DAY}&what=missed:forgotten").status == 404


def test_where_no_rule_owes_anything_the_page_says_where_to_set_one(world: World, office: Reader) -> None:
    with world.as_office() as work:
        set_policies(work, work.session.get_one(Territory, world.territory.id), {})
    office.open("/reports/regulator")
    assert office.h1 == "No appointment of this quarter has come due"
    assert "No rule says that anything is owed." in office.text
    assert office.follow("Policies").status == 200


def test_another_territory_owes_nothing_for_it(
    world: World, office: Reader, visits: tuple[Visit, ...]
) -> None:
    with world.as_office() as work:
        south = builders.a_territory(work, name="South", overrides=dict(OFGEM_LIKE))
        dana = work.session.get_one(type(world.dispatchers[0]), world.dispatchers[0].id)
        dana.territory_id = south.id
    assert sheet(office, "missed", DAY, file=FILE)[1:] == []
    assert sheet(office, "quarters", DAY, file=FILE)[1][1:3] == ["0", "0"]
    assert "Ana Cole" not in office.open(f"/reports/regulator/visits?{DAY}&what=quarter:2026q1:due").text
