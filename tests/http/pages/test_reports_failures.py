"""What the rows make of an absence that is contested, a second failure, and a promise that nobody looked at."""

from __future__ import annotations

import pytest

from dispatch.failures.actions import contest
from dispatch.failures.queries import find_failure
from dispatch.failures.reports import report_nobody_came
from dispatch.field.actions import arrive, nobody_home
from dispatch.recoveries.choices import choose
from dispatch.visits.tables import Visit
from tests.builders import near
from tests.http.pages.reading import Reader
from tests.http.pages.sheets import sheet
from tests.worlds import World

DAY = "from=2026-03-02&to=2026-03-02"


@pytest.fixture
def visit(world: World) -> Visit:
    """At 08:22 somebody has waited at Ana's door for twelve minutes, and rung. She says that she was at home."""
    visit = world.book("Ana Cole", "08:00")
    for clock in ("08:10", "08:22"):
        world.clock.at = world.at(clock)
        with world.as_technician(world.who_comes(visit)) as (work, technician):
            if clock == "08:10":
                arrive(work, technician, visit.id, place=near(km_north=1))
            else:
                nobody_home(work, technician, visit.id, contacted=True, place=near(km_north=1))
    return visit


def test_a_contested_absence_is_counted_as_one(world: World, office: Reader, visit: Visit) -> None:
    assert sheet(office, "absences", DAY)[1:] == [
        ["Says: I was at home", "0", "0", "0", "0", "0", "0", "0"],
        ["Has not said otherwise", "0", "0", "0", "0", "0", "1", "1"],
    ]
    with world.as_customer(visit) as work:
        failure = find_failure(work.session, visit.id, 1)
        assert failure
        contest(work, failure)
    assert sheet(office, "absences", DAY)[1][1:] == ["0", "0", "0", "0", "0", "1", "1"]
    office.open(f"/reports/visits?{DAY}&what=absence:contested:open")
    assert office.h1 == "Nobody at home, Says: I was at home, Still open: 1"
    assert "Ana Cole" in office.text


def test_a_second_failure_is_counted_once(world: World, office: Reader, visit: Visit) -> None:
    """The first failure of the morning is none; the new time of the afternoon is not kept either."""
    assert dict(sheet(office, "figures", DAY)[1:])["Failed a second time, or more often"] == "0"
    with world.as_customer(visit) as work:
        choose(work, world.recovery(visit).id, "1", how="web")
    with world.look() as work:
        again_at = world.offers(visit)[0].end_at
        assert work.now < again_at
    world.clock.at = again_at
    with world.as_customer(visit) as work:
        report_nobody_came(work, visit.id, how="web")
    assert dict(sheet(office, "figures", DAY)[1:])["Failed a second time, or more often"] == "1"
    assert "Ana Cole" in office.open(f"/reports/visits?{DAY}&what=again").text


def test_a_break_that_nobody_noticed_is_said_loudly(world: World, office: Reader) -> None:
    """The window ended at ten and no job has looked at the day since: silent from 10:05 on, not before."""
    world.book("Ben Ode", "08:00", phone="+12025550144")
    world.clock.at = world.at("10:04")
    assert "silent" not in office.open("/reports").text.partition("Silent:")[0]
    world.clock.at = world.at("10:05")
    assert "1 broken promise was silent." in office.open("/reports").text
    assert "Ben Ode" in office.follow("Look at it").text
