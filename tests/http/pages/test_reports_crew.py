"""What a manager sees about technicians, and nobody below one does."""

from __future__ import annotations

import pytest

from dispatch.access.tables import Scope
from dispatch.field.actions import Hindrance, arrive, cannot_finish, finish
from dispatch.territories.tables import StaffRole
from tests import builders
from tests.http.conftest import Client
from tests.http.pages.reading import Reader
from tests.http.pages.sheets import sheet
from tests.worlds import World

DAY = "from=2026-03-02&to=2026-03-02"
FILE = "/reports/technicians.csv"
PAGES = ("/reports/technicians", f"{FILE}?what=technicians", "/reports/technicians/visits?what={id}:kept")


@pytest.fixture
def tom(world: World) -> str:
    return world.technicians["Tom Hale"].id


@pytest.fixture
def world(world: World) -> World:
    """Whoever comes to Ana at eight needs a part; whoever comes to Ben at ten is done at 10:40."""
    ana = world.book("Ana Cole", "08:00")
    ben = world.book("Ben Ode", "10:00", phone="+12025550144")
    world.clock.at = world.at("08:10")
    with world.as_technician(world.who_comes(ana)) as (work, technician):
        arrive(work, technician, ana.id)
    world.clock.at = world.at("08:20")
    with world.as_technician("Tom Hale") as (work, technician):
        cannot_finish(work, technician, ana.id, hindrance=Hindrance.WRONG_PARTS)
    comes = world.who_comes(ben)
    for clock, step in (("10:00", arrive), ("10:40", finish)):
        world.clock.at = world.at(clock)
        with world.as_technician(comes) as (work, technician):
            step(work, technician, ben.id)
    return world


def test_a_technicians_promises_and_what_stood_in_the_way(world: World, office: Reader, tom: str) -> None:
    """Tom kept Ben's promise, and Ana's broke for want of a part; Ben was not asked how it went, having no consent."""
    assert sheet(office, "technicians", DAY, file=FILE)[1:] == [
        ["Tom Hale", "1", "1", "0", "0", "1", "0", "0", "0", "0", "0"]
    ]
    assert sheet(office, "asking", DAY, file=FILE)[1:] == [["Tom Hale", "0", "0", "1", "0", "as often"]]
    office.open("/reports").follow("By technician")
    assert office.h1 == "What stood in the way of 1 promise"
    assert "For 1 of 1 the record knows a cause that is not the technician’s doing." in office.text
    names = {"kept": "Ben Ode", "broken": "Ana Cole", "part": "Ana Cole", "done_else": "Ben Ode"}
    behind = [a.attributes["href"] for a in office.page.every("a") if "what=" in a.attributes["href"]]
    behind = [href for href in behind if ".csv" not in href]
    assert sorted(href.partition(f"what={tom}:")[2] for href in behind) == sorted(names)
    for href in behind:
        assert names[href.rpartition(":")[2]] in office.open(href).text
    assert office.follow("← Reports").path == f"/reports/technicians?{DAY}"


@pytest.mark.parametrize("role", [StaffRole.DISPATCHER, StaffRole.SUPERVISOR])
def test_no_dispatcher_reads_about_technicians(
    world: World, sign_in: Client, tom: str, role: StaffRole
) -> None:
    with world.as_office() as work:
        person = builders.a_dispatcher(work, world.territory, name="Max Low", role=role)
    reader = Reader(sign_in(Scope.SETUP, person.id))
    assert "By technician" not in reader.open("/reports").text
    for page in PAGES:
        assert reader.open(page.format(id=tom)).status == 403, page


def test_a_manager_reads_about_their_own_technicians_only(world: World, sign_in: Client, tom: str) -> None:
    with world.as_office() as work:
        south = builders.a_territory(work, name="South")
        near_by = builders.a_dispatcher(work, world.territory, name="Mia High", role=StaffRole.MANAGER)
        far_off = builders.a_dispatcher(work, south, name="Sue Hart", role=StaffRole.MANAGER)
    mia, sue = (Reader(sign_in(Scope.SETUP, one.id)) for one in (near_by, far_off))
    assert all(mia.open(page.format(id=tom)).status == 200 for page in PAGES[:1])
    assert mia.open(PAGES[2].format(id=tom)).status == 200
    assert sheet(sue, "technicians", DAY, file=FILE)[1:] == []
    assert "No technician had a promise" in sue.open(PAGES[0]).text
    assert sue.open(PAGES[2].format(id=tom)).status == 404


@pytest.mark.parametrize("figure", ["nonsense", "kept_in"])
def test_what_is_no_figure_about_a_technician(office: Reader, tom: str, figure: str) -> None:
    assert office.open(f"/reports/technicians/visits?{DAY}&what={tom}:{figure}").status == 404
