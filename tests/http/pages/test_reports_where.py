"""Where promises break, over a day with one promise kept, one broken, and one that is still open."""

from __future__ import annotations

import pytest

from dispatch.failures.reports import report_nobody_came
from dispatch.field.actions import arrive
from tests.builders import near
from tests.http.pages.reading import Reader
from tests.http.pages.sheets import sheet
from tests.worlds import World

DAY = "from=2026-03-02&to=2026-03-02"


@pytest.fixture
def world(world: World) -> World:
    """Ana in the middle at eight: nobody comes. Ben five kilometres north at ten: kept. Cy at two: not yet."""
    ana = world.book("Ana Cole", "08:00")
    ben = world.book("Ben Ode", "10:00", place=near(km_north=5), phone="+12025550144")
    world.book("Cy Lund", "14:00", phone="+12025550145")
    world.clock.at = world.at("10:01")
    with world.as_customer(ana) as work:
        report_nobody_came(work, ana.id, how="web")
    with world.as_technician(world.who_comes(ben)) as (work, technician):
        arrive(work, technician, ben.id)
    return world


@pytest.mark.parametrize(
    ("what", "rows"),
    [
        ("by_service", [["Repair", "1", "1", "50.0"]]),
        ("by_area", [["The middle, within 2 km", "0", "1", "100.0"], ["North of it", "1", "0", "0.0"]]),
        ("by_hour", [["08:00–09:00", "0", "1", "100.0"], ["10:00–11:00", "1", "0", "0.0"]]),
        ("by_weekday", [["Monday", "1", "1", "50.0"]]),
        ("by_cause", [["The technician dropped out", "1", "50.0"]]),
        ("by_fault", [["Ours", "1", "50.0"]]),
    ],
)
def test_every_way_is_a_file(world: World, office: Reader, what: str, rows: list[list[str]]) -> None:
    """Two came due, one kept and one broken; the one of the afternoon counts for nothing yet."""
    assert sheet(office, what, DAY)[1:] == rows


def test_every_number_opens_what_it_counts(world: World, office: Reader) -> None:
    office.open("/reports/where")
    assert office.h1 == "1 of 2 promises that came due broke"
    behind = [a for a in office.page.every("a") if "/reports/visits?" in a.attributes["href"]]
    assert (
        len(behind) == 16
    )  # five kept or broken numbers of two, with their rates, and a row each for cause and fault
    for link in behind:
        counted = link.attributes["href"].partition("what=")[2].partition(":")[0]
        office.open(link.attributes["href"])
        assert ("Ana Cole" in office.text) is (counted == "broken_in"), link.attributes
        assert ("Ben Ode" in office.text) is (counted == "kept_in"), link.attributes
        assert office.h1.endswith(": 1")


def test_a_group_that_is_none(world: World, office: Reader) -> None:
    assert office.open(f"/reports/visits?{DAY}&what=due_in:colour:red").status == 404
    assert office.open(f"/reports/visits?{DAY}&what=due_in:hour:99").status == 200
    assert "No visit is behind this number" in office.text


def test_the_pages_of_the_reports_keep_the_days(world: World, office: Reader) -> None:
    office.open("/reports?from=2026-03-01&to=2026-03-02").follow("Where it breaks")
    assert office.path == "/reports/where?from=2026-03-01&to=2026-03-02"
    office.follow("Last 7 days")
    assert office.path == "/reports/where?from=2026-02-24&to=2026-03-02"


def test_days_without_a_promise_help(office: Reader) -> None:
    office.open("/reports/where?from=2026-01-05&to=2026-01-05")
    assert office.h1 == "No promise came due"
    assert "the last 30 days" in office.text
    assert office.open("/reports/where?from=2026-03-02&to=2026-03-01").status == 422
