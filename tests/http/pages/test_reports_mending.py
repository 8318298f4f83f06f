"""What to mend, over a day on which three visits could not be finished, for reasons that are on record."""

from __future__ import annotations

import pytest

from dispatch.access.tables import Scope
from dispatch.field.actions import Hindrance, arrive, cannot_finish, finish, leave
from dispatch.technicians.tables import Technician
from dispatch.technicians.vans import count_stock
from dispatch.territories.tables import StaffRole
from dispatch.visits.tables import Visit
from tests import builders
from tests.http.conftest import Client
from tests.http.pages.reading import Reader
from tests.http.pages.sheets import sheet
from tests.worlds import World

DAY = "from=2026-03-02&to=2026-03-02"
FILE = "/reports/mending.csv"
PART = 'valve 3/4"'


@pytest.fixture
def visits(world: World) -> list[Visit]:
    """Ana and Ben need more time than the 45 minutes, Cy a part that the van was said to have. Dee is done: Whoever
    comes sets out at 14:00, twenty minutes before they are there, and works for fifty."""
    with world.as_office() as work:
        valves = builders.a_service(work, code="valve", name="Valve", parts={PART: 1})
        for one in world.technicians.values():
            count_stock(work, work.session.get_one(Technician, one.id), {PART: 3})
    hindered = [
        (world.book("Ana Cole", "08:00"), "08:10", Hindrance.NEEDS_MORE_TIME),
        (world.book("Ben Ode", "08:00", phone="+12025550144"), "08:15", Hindrance.NEEDS_MORE_TIME),
        (
            world.book("Cy Lund", "12:00", phone="+12025550145", service=valves),
            "12:10",
            Hindrance.WRONG_PARTS,
        ),
    ]
    dee = world.book("Dee Park", "14:00", phone="+12025550146")
    for visit, clock, hindrance in hindered:
        comes = world.who_comes(visit)
        world.clock.at = world.at(clock)
        with world.as_technician(comes) as (work, technician):
            arrive(work, technician, visit.id)
        with world.as_technician(comes) as (work, technician):
            cannot_finish(work, technician, visit.id, hindrance=hindrance)
    comes = world.who_comes(dee)
    for clock, step in (("14:00", leave), ("14:20", arrive), ("15:10", finish)):
        world.clock.at = world.at(clock)
        with world.as_technician(comes) as (work, technician):
            step(work, technician, dee.id)
    return [*(visit for visit, _, _ in hindered), dee]


def test_what_would_have_saved_the_most(office: Reader, visits: list[Visit]) -> None:
    rows = sheet(office, "mends", DAY, file=FILE)[1:]
    assert [row[:3] for row in rows] == [
        [
            "Repair takes longer than planned",
            "2",
            "Planned 45 min; of 1 visit half took up to 50 min, nine in ten up to 50 min.",
        ],
        [f"The part “{PART}” ran out", "1", "The van was planned to have it, and had not."],
    ]
    assert sheet(office, "durations", DAY, file=FILE)[1:] == [
        ["Repair", "1", "45.0", "50.0", "50.0", "takes longer"]
    ]
    (road,) = sheet(office, "roads", DAY, file=FILE)[1:]
    assert (road[:2], road[3], road[5]) == (["The middle, within 2 km", "1"], "20.0", "too few to say")


def test_the_page_says_what_to_do_and_opens_the_visits(office: Reader, visits: list[Visit]) -> None:
    office.open("/reports/mending")
    assert office.h1 == "2 things would have saved 3 visits"
    assert "Give the service the time that half of the visits take" in office.text
    links = [a.attributes["href"] for a in office.page.every("a") if "/visits?" in a.attributes["href"]]
    assert len(links) == 6  # each thing beside its sentence and in the table, the work and the drives
    names = {
        "duration": ("Ana Cole", "Ben Ode"),
        "part": ("Cy Lund",),
        "work": ("Dee Park",),
        "drive": ("Dee Park",),
    }
    for href in links:
        name = href.partition("what=")[2].removeprefix("mend:").partition(":")[0]
        text = office.open(href).text
        assert all(one in text for one in names[name]), href
    assert office.follow("← Reports").path == f"/reports/mending?{DAY}"
    assert office.open(f"/reports/mending/visits?{DAY}&what=mend:weather:rain").status == 404


@pytest.mark.parametrize(
    ("role", "count"), [(StaffRole.ADMIN, 2), (StaffRole.DISPATCHER, 1), (StaffRole.MANAGER, 0)]
)
def test_only_who_may_set_it_right_is_led_there(
    world: World, sign_in: Client, visits: list[Visit], role: StaffRole, count: int
) -> None:
    """An admin changes services and vans, a dispatcher vans."""
    with world.as_office() as work:
        person = builders.a_dispatcher(work, world.territory, name="Max Low", role=role)
    reader = Reader(sign_in(Scope.SETUP, person.id)).open("/reports/mending")
    assert [a.text for a in reader.page.every("a")].count("Set it right") == count


def test_days_on_which_nothing_broke_help(world: World, office: Reader) -> None:
    office.open("/reports/mending")
    assert office.h1 == "Nothing broke that was ours to mend"
    assert "There is nothing to learn from in these days." in office.text


def test_another_territory_has_nothing_of_it_to_mend(
    world: World, office: Reader, visits: list[Visit]
) -> None:
    with world.as_office() as work:
        south = builders.a_territory(work, name="South")
        dana = work.session.get_one(type(world.dispatchers[0]), world.dispatchers[0].id)
        dana.territory_id = south.id
    assert office.open("/reports/mending").h1 == "Nothing broke that was ours to mend"
    assert sheet(office, "durations", DAY, file=FILE)[1:] == []
