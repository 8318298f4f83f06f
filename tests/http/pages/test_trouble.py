"""Several technicians out at once, on the board's page: look, do, and a second person's yes."""

from __future__ import annotations

import pytest

from dispatch.policies import Policies
from dispatch.territories.actions import set_policies
from dispatch.territories.queries import get_territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from tests.http.pages.reading import Reader
from tests.worlds import World


@pytest.fixture
def visits(world: World) -> list[Visit]:
    return [
        world.book(f"Customer {number}", "16:00", phone=f"+12025550{160 + number}") for number in range(3)
    ]


def everybody(world: World) -> dict[str, str | bool]:
    return {f"out-{one.id}": True for one in world.technicians.values()}


def test_looking_tells_nobody_and_doing_tells_all(world: World, office: Reader, visits: list[Visit]) -> None:
    world.until("15:50")
    office.open("/board").follow("Several technicians are out")
    office.press("Look", **everybody(world), reason="Trees on every road.")
    assert "3 people would hear that we cannot keep their time" in office.text
    assert {world.fresh(one).state for one in visits} == {VisitState.BOOKED}
    office.press("Do it: tell 3 people", **everybody(world))
    assert office.h1 == "Done: 3 people were told"
    assert {world.fresh(one).state for one in visits} == {VisitState.FAILED}


def test_what_is_missing_is_said_beside_its_field(world: World, office: Reader, visits: list[Visit]) -> None:
    office.open("/board/trouble").press("Look", reason="Trees on every road.")
    assert office.status == 422
    assert "Please choose who is out." in office.text


def test_above_the_limit_it_waits_on_everybodys_board(
    world: World, office: Reader, visits: list[Visit]
) -> None:
    with world.as_office() as work:
        territory = get_territory(work.session, world.territory.id)
        set_policies(work, territory, Policies(approval_above_people=2).overrides())
    world.until("15:50")
    office.open("/board/trouble").press("Look", **everybody(world), reason="Trees on every road.")
    office.press("Ask a supervisor to say yes", **everybody(world))
    assert office.h1 == "3 people would hear that we cannot keep their time"
    assert "It waits for a supervisor" in office.text
    office.open("/board").follow("Look, and say yes or no")
    office.press("Take it back")
    assert "Waits for a second person" not in office.text
    assert {world.fresh(one).state for one in visits} == {VisitState.BOOKED}
