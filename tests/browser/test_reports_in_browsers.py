"""The reports of a day on which promises broke, on every screen: nothing sticks out, no reader stumbles."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import select

from dispatch.field.actions import arrive, finish, leave
from dispatch.plans.queries import find_assignment
from dispatch.policies import OFGEM_LIKE
from dispatch.technicians.tables import Technician
from dispatch.territories.actions import set_policies
from dispatch.territories.tables import Territory
from dispatch.work import SYSTEM, Actor, Work
from tests.browser.people import Person, Street, screens

TOM, UMA, ANA, BEN = "+12125550111", "+12125550112", "+12125550143", "+12125550144"
PAGES = {  # with what its largest sentence says
    "/reports": "broken promises made good the same day",
    "/reports/where": "promises that came due broke",
    "/reports/technicians": "stood in the way of",
    "/reports/punctuality": "arrival ranges held",
    "/reports/mending": "would have saved",
    "/reports/regulator": "appointments kept",
}


@pytest.fixture
def broken_day(street: Street) -> Street:
    """Ben's is kept, though the work takes much longer than planned; nobody sets out to Ana, who keeps the time that
    she is offered. A regulator's rule says what is owed to her."""
    with street.house.runtime.work(SYSTEM, "a rule") as work:
        set_policies(work, work.session.exec(select(Territory)).one(), dict(OFGEM_LIKE))
    street.offer("heat", "Heating check")
    for name, phone, at in (("Tom Hale", TOM, 40), ("Uma Lund", UMA, 900)):
        street.hire(name, phone, at)
    ben = street.book("Ben Ode", BEN, "08:00", 700)
    street.book("Ana Cole", ANA, "10:00", 300)
    for clock, step in (("08:30", leave), ("08:42", arrive), ("10:30", finish)):
        street.until(clock)
        acts(street, ben["visit_id"], step)
    street.until("12:01")
    street.office.post("/dev/pocket", {"phone": ANA, "body": "1"})
    street.until("12:30")
    return street


def acts(street: Street, visit_id: str, step: Callable[[Work, Technician, str], object]) -> None:
    """Whoever the visit stands with takes that step."""
    runtime = street.house.runtime
    with runtime.read() as work:
        placed = find_assignment(work.session, visit_id)
        assert placed
        assert placed.technician_id
    with runtime.work(Actor("technician", placed.technician_id), "step") as work:
        step(work, work.session.get_one(Technician, placed.technician_id), visit_id)


@pytest.mark.parametrize(("width", "scheme"), screens(390, 1024, 1440))
def test_the_reports_fit_every_screen_and_reader(
    broken_day: Street, person: Callable[..., Person], width: int, scheme: str
) -> None:
    manager = person(width, scheme)
    manager.open(broken_day.house.viewer_link).press("Open the board")
    for path, words in PAGES.items():
        manager.open(path).reads(words)
        for one in manager.page.locator("details > summary").all():
            one.click()
        manager.fits(every=True)
        manager.follow("Last 7 days").reads(words)


@pytest.mark.parametrize("width", [390, 1440])
def test_days_without_anything_fit_too(street: Street, person: Callable[..., Person], width: int) -> None:
    manager = person(width)
    manager.open(street.house.viewer_link).press("Open the board")
    for path in PAGES:
        empty = (
            "No rule says that anything is owed"
            if path == "/reports/regulator"
            else "Choose other days above"
        )
        manager.open(path).sees(empty).fits(every=True)
