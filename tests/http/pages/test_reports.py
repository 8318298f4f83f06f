"""The report over one broken promise whose every second can be recomputed, as pictures, tables and files."""

from __future__ import annotations

import pytest
from sqlmodel import select

from api.runtime.jobs import sweep
from api.runtime.runtime import Runtime
from dispatch.customers.tables import Customer
from dispatch.failures.reports import report_nobody_came
from dispatch.field.actions import arrive, finish, leave
from dispatch.recoveries.choices import choose
from dispatch.visits.actions import rate
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from notifications.consent import give_consent
from tests import builders
from tests.builders import PHONE
from tests.http.pages.reading import Node, Reader
from tests.http.pages.sheets import sheet
from tests.worlds import World

SPAN = "from=2026-03-02&to=2026-03-02"


@pytest.fixture
def visit(world: World, runtime: Runtime) -> Visit:
    """Ana's window ends at ten and nobody came: noticed at 10:01, told at 10:02, a new time kept at 10:05,
    somebody at the door at 12:05, done at 12:45, asked then, rated five at 12:50."""
    with world.as_office() as work:
        give_consent(work, PHONE, "office")
    visit = world.book("Ana Cole", "08:00")
    world.clock.at = world.at("10:01")
    with world.as_customer(visit) as work:
        report_nobody_came(work, visit.id, how="web")
    world.clock.at = world.at("10:02")
    sweep(runtime)
    world.clock.at = world.at("10:05")
    with world.as_customer(visit) as work:
        choose(work, world.recovery(visit).id, "1", how="web")
    comes = world.who_comes(visit)
    for at, step in (("12:00", leave), ("12:05", arrive), ("12:45", finish)):
        world.clock.at = world.at(at)
        with world.as_technician(comes) as (work, technician):
            step(work, technician, visit.id)
    sweep(runtime)
    world.clock.at = world.at("12:50")
    with world.as_customer(visit) as work:
        rate(work, get_visit(work.session, visit.id), 5)
    return visit


def test_the_figures_of_a_day_over_http(office: Reader, visit: Visit) -> None:
    """One promise broken and its successor kept: two came due, one of them broken, 50 of 100."""
    found = office.client.get("/api/v1/reports/making-good").json()
    assert (found["promises"], found["came_due"], found["due_broken"]) == (2, 2, 1)
    assert found["broken_per_hundred"] == 50.0
    assert found["by_cause"] == {"technician_absent": {"company": 1}}
    assert found["days"] == [{"day": "2026-03-02", "broken": 1, "recovered_same_day": 1, "still_open": 0}]
    seconds = {step: found[step]["median_seconds"] for step in ("noticed", "told", "accepted", "there")}
    assert seconds == {"noticed": 60, "told": 60, "accepted": 180, "there": 7200}
    assert found["there"]["nine_in_ten_seconds"] == found["there"]["slowest_seconds"] == 7200
    assert (found["ratings"], found["ratings_asked"], found["ratings_answered"]) == ({"5": 1}, 1, 1)


def test_every_figure_stands_in_a_file(office: Reader, visit: Visit) -> None:
    figures = dict(sheet(office, "figures", SPAN)[1:])
    assert figures["Promises with a window in these days"] == "2"
    assert figures["Broken per 100 that came due"] == "50.0"
    assert figures["Made good the same day, of 100 broken"] == "100.0"
    assert (figures["Asked how it went"], figures["Of these answered"]) == ("1", "1")
    assert float(figures["Credits given"]) > 0
    assert sheet(office, "days", SPAN)[1:] == [["2026-03-02", "1", "1", "0", "100.0"]]
    assert sheet(office, "causes", SPAN)[1:] == [
        ["The technician dropped out", "1", "0", "0", "0", "1"],
        ["All", "1", "0", "0", "0", "1"],
    ]
    assert sheet(office, "steps", SPAN)[1:] == [
        ["Certain to noticed", "60.0", "60.0", "60.0", "1"],
        ["Noticed to told", "60.0", "60.0", "60.0", "1"],
        ["Told to accepted", "180.0", "180.0", "180.0", "1"],
        ["Accepted to there", "7200.0", "7200.0", "7200.0", "1"],
    ]
    assert [row[1] for row in sheet(office, "since_certain", SPAN)[1:]] == [
        "60.0",
        "120.0",
        "300.0",
        "7500.0",
    ]
    assert figures["Hours that customers waited in vain"] == "2.0"  # told at 10:02, after the whole window
    assert figures["Silent: unnoticed for five minutes (must be 0)"] == "0"
    assert figures["Noticed by the customer before us"] == "1"
    assert sheet(office, "scores", SPAN)[1:3] == [["5", "1"], ["4", "0"]]
    (case,) = sheet(office, "cases", SPAN)[1:]
    assert case[1:] == [
        "Ana Cole",
        "2026-03-02",
        "The technician dropped out",
        "ours",
        "60.0",
        "60.0",
        "180.0",
        "7200.0",
        "the same day",
    ]


def test_a_name_is_no_formula(world: World, office: Reader, visit: Visit) -> None:
    with world.as_office() as work:
        work.session.exec(select(Customer)).one().name = '=HYPERLINK("http://bad.example","Ana")'
    (case,) = sheet(office, "cases", SPAN)[1:]
    assert case[1] == '\'=HYPERLINK("http://bad.example","Ana")'


def drawn(office: Reader) -> list[Node]:
    """The pictures of a page, without the small icons beside words."""
    return [node for node in office.page.every("svg") if node.attributes.get("class") != "icon"]


def test_every_picture_is_told_in_words_and_has_its_table(office: Reader, visit: Visit) -> None:
    office.open("/reports")
    assert office.h1 == "1 of 1 broken promises made good the same day"
    pictures = drawn(office)
    assert len(pictures) == 5  # days, causes, speeds, scores, and Ana's own strip
    for one in pictures:
        assert one.attributes["role"] == "img"
        named = {node.attributes["id"] for node in one.every("title", "desc")}
        assert named == set(one.attributes["aria-labelledby"].split())
        assert all(node.text for node in one.every("title", "desc"))
        assert not [node for node in one.every("rect", "text") if "style" in node.attributes]
    told = [node.text for one in pictures for node in one.every("desc")]
    assert told[0] == "1 of 1 broken promises were made good on the day on which they were noticed."
    assert told[-1] == "noticed after 60 s, told after 60 s, accepted after 3 min, there after 2 h 00."
    assert (
        len(list(office.page.every("table"))) == 7
    )  # the figures, the steps since it was certain, one a picture
    assert [a.text for a in office.page.every("a")].count("Save “Day by day” for a spreadsheet (CSV)") == 1


def test_every_number_opens_its_visits(office: Reader, visit: Visit) -> None:
    office.open("/reports")
    behind = [a for a in office.page.every("a") if "/reports/visits?" in a.attributes["href"]]
    assert len(behind) > 15
    for link in behind:
        office.open(link.attributes["href"])
        assert office.status == 200, link.attributes
        assert "Ana Cole" in office.text, link.attributes
    office.open(f"/reports/visits?{SPAN}&what=cause:technician_absent:company")
    assert office.h1 == "The technician dropped out, ours: 1"
    assert office.follow("Ana Cole").path == f"/board/visits/{visit.id}"
    office.open(f"/reports/visits?{SPAN}&what=promises")
    assert office.h1 == "Promises with a window in these days: 2"
    assert "1 visit, some counted more than once" in office.text
    assert office.open(f"/reports/visits?{SPAN}&what=nonsense").status == 404
    assert "No visit is behind this number" in office.open(f"/reports/visits?{SPAN}&what=later").text


def test_another_territory_sees_nothing_of_it(world: World, office: Reader, visit: Visit) -> None:
    with world.as_office() as work:
        south = builders.a_territory(work, name="South")
        work.session.get_one(Visit, visit.id)  # Ana's visit stays in the north
        dana = work.session.get_one(type(world.dispatchers[0]), world.dispatchers[0].id)
        dana.territory_id = south.id
    office.open("/reports")
    assert office.h1 == "No promise was broken"
    assert "Ana Cole" not in office.open(f"/reports/visits?{SPAN}&what=broken").text
    assert sheet(office, "cases", SPAN)[1:] == []


def test_an_empty_range_helps(office: Reader) -> None:
    office.open("/reports")
    assert office.h1 == "No promise was broken"
    assert "No promise has its window in these days" in office.text
    assert "Nothing broke." in office.text
    assert not drawn(office)


def test_ranges_that_are_often_asked(office: Reader, visit: Visit) -> None:
    office.open("/reports").follow("Last 7 days")
    assert office.path.endswith("from=2026-02-24&to=2026-03-02")
    days = next(node for node in drawn(office) if "days-title" in str(node.attributes))
    assert len([node for node in days.every("text") if node.attributes["class"] == "label"]) == 7
    (main,) = office.page.every("main")
    (current,) = (a for a in main.every("a") if a.attributes.get("aria-current") == "true")
    assert current.text == "Last 7 days"
    office.follow("Last 30 days")
    assert office.path.endswith("from=2026-02-01&to=2026-03-02")
    assert "Days on which nothing broke are left out here." in office.text
    assert len(sheet(office, "days", "from=2026-02-24&to=2026-03-02")) == 1 + 7


@pytest.mark.parametrize("span", ["from=2026-03-02&to=2026-03-01", "from=2020-01-01&to=2026-03-01"])
def test_a_range_that_cannot_be(office: Reader, span: str) -> None:
    assert office.open(f"/reports?{span}").status == 422
    assert office.h1 == "No promise was broken"
    assert office.client.get(f"/reports.csv?{span}&what=days").status_code == 422
    assert office.client.get(f"/api/v1/reports/making-good?{span}").status_code == 422
