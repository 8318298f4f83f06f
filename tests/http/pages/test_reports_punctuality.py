"""What a customer was told about when we come, held against when we came: over one visit that a reader can follow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import select

from api.runtime.jobs import RANGES, run_job, sweep
from api.runtime.runtime import Runtime
from dispatch.failures.reports import report_nobody_came
from dispatch.field.actions import arrive, finish, leave
from dispatch.plans.tables import ToldRange
from dispatch.recoveries.choices import choose
from dispatch.visits.tables import Visit
from notifications.consent import give_consent
from tests import builders
from tests.builders import PHONE
from tests.http.pages.reading import Reader
from tests.http.pages.sheets import sheet
from tests.worlds import World

DAY = "from=2026-03-02&to=2026-03-02"
FILE = "/reports/punctuality.csv"


@pytest.fixture
def visit(world: World, office: Reader, track: Callable[[Visit], str], runtime: Runtime) -> Visit:
    """Ana's page says at seven and again at 09:45 that somebody comes between ten and ten past, the text of 09:55 says
    the same. He comes at 10:12, and is done at 10:50."""
    with world.as_office() as work:
        give_consent(work, PHONE, "office")
    visit = world.book("Ana Cole", "10:00")
    comes, page = world.who_comes(visit), track(visit)
    for clock in ("07:00", "09:45"):
        world.clock.at = world.at(clock)
        office.open(page)
    run_job(runtime, RANGES)
    for clock, step in (("09:55", leave), ("10:12", arrive), ("10:50", finish)):
        world.clock.at = world.at(clock)
        with world.as_technician(comes) as (work, technician):
            step(work, technician, visit.id)
        sweep(runtime)
    return visit


def test_ranges_windows_and_first_visits(office: Reader, visit: Visit) -> None:
    """Three ranges were told, none held: two minutes late. The window had two hours and needed twelve minutes."""
    ranges = sheet(office, "ranges", DAY, file=FILE)
    assert ranges[1:] == [
        ["Up to 30 minutes before", "2", "0", "0", "2", "0", "0.0", "too few to say"],
        ["Up to 2 hours before", "0", "0", "0", "0", "0", "", "too few to say"],
        ["Up to 8 hours before", "1", "0", "0", "1", "0", "0.0", "too few to say"],
        ["Longer before", "0", "0", "0", "0", "0", "", "too few to say"],
    ]
    assert sheet(office, "windows", DAY, file=FILE)[1:] == [["Repair", "1", "120.0", "12.0", "108.0"]]
    assert sheet(office, "first_time", DAY, file=FILE)[1:] == [
        ["Repair", "1", "1", "0", "100.0"],
        ["All", "1", "1", "0", "100.0"],
    ]


def test_every_number_about_punctuality_opens_its_visits(office: Reader, visit: Visit) -> None:
    office.open("/reports/punctuality")
    assert office.h1 == "0 of 3 arrival ranges held"
    assert "0 of 2 held, too few to say" in office.text
    behind = [a.attributes["href"] for a in office.page.every("a") if "/visits?" in a.attributes["href"]]
    assert len(behind) == 11
    for href in behind:
        assert "Ana Cole" in office.open(href).text, href
    assert office.open(f"/reports/punctuality/visits?{DAY}&what=range:late:soon").h1 == (
        "Ranges up to 30 minutes before: after it: 2"
    )
    assert office.follow("← Reports").path == f"/reports/punctuality?{DAY}"
    assert office.open(f"/reports/punctuality/visits?{DAY}&what=range:lost:soon").status == 404


def test_where_nobody_came_the_range_did_not_hold(
    world: World, office: Reader, track: Callable[[Visit], str], runtime: Runtime
) -> None:
    """Told at seven; the promise broke at noon. While it is open, nobody knows, and it counts for nothing."""
    visit = world.book("Ben Ode", "10:00", phone="+12025550144")
    office.open(track(visit))
    run_job(runtime, RANGES)
    assert sheet(office, "ranges", DAY, file=FILE)[3][1] == "0"
    world.clock.at = world.at("12:00")
    with world.as_customer(visit) as work:
        report_nobody_came(work, visit.id, how="web")
    assert sheet(office, "ranges", DAY, file=FILE)[3][1:6] == ["1", "0", "0", "0", "1"]


def test_an_arrival_under_the_next_promise_is_none_of_this_one(
    world: World, office: Reader, visit: Visit, track: Callable[[Visit], str], runtime: Runtime
) -> None:
    """Nobody comes to Ben before his window ends at two; whoever comes under the new promise keeps only that one."""
    ben = world.book("Ben Ode", "12:00", phone="+12025550144")
    office.open(track(ben))
    run_job(runtime, RANGES)
    world.clock.at = world.at("14:00")
    with world.as_customer(ben) as work:
        report_nobody_came(work, ben.id, how="web")
    with world.as_customer(ben) as work:
        choose(work, world.recovery(ben).id, "1", how="web")
    world.clock.at = world.at("14:30")
    with world.as_technician(world.who_comes(ben)) as (work, technician):
        arrive(work, technician, ben.id)
    assert sheet(office, "ranges", DAY, file=FILE)[2][1:6] == ["1", "0", "0", "0", "1"]


def test_ranges_that_seldom_hold_are_said_to_be_too_narrow(
    world: World, office: Reader, visit: Visit
) -> None:
    """Two were told soon before; with eighteen more texts that said the same, none of twenty held."""
    with world.as_office() as work:
        first = work.session.exec(select(ToldRange).where(ToldRange.lead == "soon")).first()
        assert first
        for number in range(18):
            more = first.model_dump() | {"id": f"r{number}", "told_by": f"text {number}"}
            work.session.add(ToldRange(**more))
    office.open("/reports/punctuality")
    assert "Up to 30 minutes before: 0 of 20 held, so these ranges are too narrow." in office.text
    assert sheet(office, "ranges", DAY, file=FILE)[1][6:] == ["0.0", "too narrow"]


def test_days_without_a_range_help(world: World, office: Reader, visit: Visit) -> None:
    office.open("/reports/punctuality?from=2026-01-05&to=2026-01-05")
    assert office.h1 == "No customer was told a range"
    assert "No range was told in these days, and no visit was done." in office.text


def test_another_territory_sees_no_range_of_it(world: World, office: Reader, visit: Visit) -> None:
    with world.as_office() as work:
        south = builders.a_territory(work, name="South")
        dana = work.session.get_one(type(world.dispatchers[0]), world.dispatchers[0].id)
        dana.territory_id = south.id
    assert office.open("/reports/punctuality").h1 == "No customer was told a range"
    assert "Ana Cole" not in office.open(f"/reports/punctuality/visits?{DAY}&what=range:told:soon").text
    assert sheet(office, "windows", DAY, file=FILE)[1:] == []
