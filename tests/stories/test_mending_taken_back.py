"""Routes that the house mended by itself are put back by a person, where that still keeps every promise."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatch.board.by_itself import BETTER, MENDED, done_by_itself
from dispatch.clock import SetClock
from dispatch.errors import StateConflict
from dispatch.field.actions import arrive, call_out, leave
from dispatch.field.crew_changes import take_back
from dispatch.plans.planning import plan_due
from dispatch.plans.queries import list_versions
from dispatch.plans.tables import Plan
from dispatch.plans.undo import REPAIR, SEARCH, Undoable, undo_last
from dispatch.technicians.queries import list_absences
from dispatch.technicians.tables import AbsenceKind
from dispatch.territories.queries import get_territory
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from notifications.audit import ALL, run_audit
from tests.builders import near
from tests.stories.detour import one_van
from tests.worlds import World, a_quiet_town

TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom", "Uma")


@pytest.fixture
def visit(world: World) -> Visit:
    """Whoever was to come called in sick at nine, so somebody else comes; nobody pressed anything for that."""
    visit = world.book("Ana Cole", "10:00")
    world.until("09:00")
    sick(world, world.who_comes(visit))
    return visit


def sick(world: World, name: str) -> None:
    with world.as_technician(name) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)


def back_again(world: World, name: str) -> None:
    with world.as_office() as work:
        technician = work.session.merge(world.technicians[name])
        [absence] = list_absences(work.session, technician.id, after=work.now)
        take_back(work, technician, absence)


def other(name: str) -> str:
    return "Uma" if name == "Tom" else "Tom"


def undone(world: World, change: Undoable = REPAIR) -> Plan:
    with world.as_office() as work:
        return undo_last(work, get_territory(work.session, world.territory.id), TODAY, change)


def refused(world: World, change: Undoable = REPAIR) -> str:
    with pytest.raises(StateConflict) as error:
        undone(world, change)
    return error.value.message


def listed(world: World) -> list[tuple[str, bool]]:
    """What the board says of plans: of which kind, and whether it offers to take it back."""
    with world.look() as work:
        found = done_by_itself(work, get_territory(work.session, world.territory.id))
        return [(act.kind, act.can_take_back) for act in found if act.card is None]


def assert_in_order(world: World) -> None:
    with world.look() as work:
        assert run_audit(work, ALL) == []


def test_it_is_put_back_once_whoever_fell_out_is_there_again(world: World, visit: Visit) -> None:
    has = world.who_comes(visit)
    had = other(has)
    back_again(world, had)
    assert world.who_comes(visit) == has  # coming back changes nothing by itself
    assert listed(world) == [(MENDED, True)]
    plan = undone(world)
    assert plan.cause == "repair undone"
    assert world.who_comes(visit) == had
    assert listed(world) == [(MENDED, False)]
    assert "repair is undone already" in refused(world)
    world.until("09:30")
    assert world.who_comes(visit) == had  # and stays so: nothing broke
    assert world.fresh(visit).promise_version == 1
    assert_in_order(world)


def test_not_while_whoever_fell_out_is_away(world: World, visit: Visit) -> None:
    has = world.who_comes(visit)
    assert f"{other(has)} is not working" in refused(world)
    assert world.who_comes(visit) == has
    assert_in_order(world)


def test_the_newest_repair_is_the_one_that_is_put_back(workshop: Workshop, clock: SetClock) -> None:
    world = a_quiet_town(workshop, clock, "Tom", "Uma", "Vic")
    visit = world.book("Ana Cole", "10:00")
    world.until("09:00")
    first = world.who_comes(visit)
    sick(world, first)
    second = world.who_comes(visit)
    sick(world, second)
    third = world.who_comes(visit)
    back_again(world, first)
    assert f"{second} is not working" in refused(world)
    back_again(world, second)
    undone(world)
    assert world.who_comes(visit) == second
    assert third != second
    assert_in_order(world)


def test_who_is_on_the_way_stays_and_so_does_what_was_booked_since(world: World, visit: Visit) -> None:
    has = world.who_comes(visit)
    had = other(has)
    ben = world.book("Ben Ode", "14:00", place=near(km_north=-1), phone="+12025550144")
    bens = world.who_comes(ben)
    back_again(world, had)
    with world.as_technician(has) as (work, technician):
        leave(work, technician, visit.id)
    with world.as_technician(has) as (work, technician):
        arrive(work, technician, visit.id, place=near(km_north=1))
    assert "nothing left to undo" in refused(world)
    assert (world.who_comes(visit), world.who_comes(ben)) == (has, bens)
    assert_in_order(world)


def test_each_is_taken_back_for_itself(world: World, visit: Visit) -> None:
    """A repair is not what a search found: neither hides the other."""
    back_again(world, other(world.who_comes(visit)))
    assert "no search has changed this day" in refused(world, SEARCH)
    undone(world)
    assert "no search has changed this day" in refused(world, SEARCH)
    with world.look() as work:
        causes = [one.cause for one in list_versions(work.session, world.territory.id, TODAY)]
    assert causes[-2:] == ["repair", "repair undone"]


def test_a_day_without_a_repair_has_none_to_undo(world: World) -> None:
    world.book("Ana Cole", "10:00")
    assert "no repair has changed this day" in refused(world)
    assert listed(world) == []


def test_the_list_offers_the_newest_of_each_kind(world: World, visit: Visit) -> None:
    has = world.who_comes(visit)
    back_again(world, other(has))
    sick(world, has)
    assert listed(world) == [(MENDED, True), (MENDED, False)]
    plan_due(world.workshop, one_van)
    assert [kind for kind, _ in listed(world)].count(MENDED) == 2
    assert all(kind in (BETTER, MENDED) for kind, _ in listed(world))
