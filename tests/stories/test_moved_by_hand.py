"""A dispatcher moves visits by hand: told beforehand what it does, a draft until it is published."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from dispatch.board.place_sheet import PlaceSheet, place_sheet, turns
from dispatch.clock import SetClock
from dispatch.errors import NotFound, StateConflict
from dispatch.plans.by_hand import as_drawn, hold_over, leave_as_is, put_down
from dispatch.plans.deciding import publish_proposal
from dispatch.plans.proposals import ask, dismiss, lines_of
from dispatch.plans.publish import PlanRefused
from dispatch.plans.queries import find_open_proposal
from dispatch.plans.states import ProposalState
from dispatch.plans.tables import Proposal
from dispatch.territories.tables import Territory
from dispatch.visits.tables import Visit
from dispatch.work import Actor, Work, Workshop
from notifications.audit import ALL, run_audit
from tests.builders import a_service, a_technician, near
from tests.stories.detour import TUESDAY, book
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom", "Uma")


@pytest.fixture
def ana(world: World) -> Visit:
    return book(world, "Ana Cole", TUESDAY, "08:00", near(km_north=1))


@pytest.fixture
def ben(world: World, ana: Visit) -> Visit:
    """Nearer to where Ana lives, in the same window."""
    return book(world, "Ben Ode", TUESDAY, "10:00", near(km_north=2))


def here(world: World, work: Work) -> Territory:
    return work.session.get_one(Territory, world.territory.id)


def other(world: World, visit: Visit) -> str:
    """The name of whoever does not come to that visit."""
    return next(name for name in world.technicians if name != world.who_comes(visit))


def held(world: World, visit: Visit, name: str, before: Visit | None = None) -> PlaceSheet:
    with world.look() as work:
        id = world.technicians[name].id
        trial = hold_over(work, here(world, work), TUESDAY, visit.id, id, before and before.id)
        return place_sheet(work, trial)


def put(world: World, visit: Visit, name: str, before: Visit | None = None) -> Proposal:
    with world.as_office() as work:
        id = world.technicians[name].id
        return put_down(work, here(world, work), TUESDAY, visit.id, id, before and before.id)


def waiting(world: World) -> Proposal | None:
    with world.look() as work:
        return find_open_proposal(work.session, world.territory.id, TUESDAY)


def test_what_it_would_do_is_told_and_nothing_is_changed(world: World, ana: Visit, ben: Visit) -> None:
    came = world.who_comes(ana)
    told = held(world, ana, other(world, ana))
    assert told.is_allowed
    assert told.says.startswith("Starts at 0")
    assert "1 person gets another technician" in told.says
    assert (told.disturbed, told.worse) == (1, ())
    assert (world.who_comes(ana), waiting(world)) == (came, None)


def test_a_promise_that_would_break_is_named(world: World, ana: Visit, ben: Visit) -> None:
    """After Ben, who is promised two hours later, Ana is late."""
    told = held(world, ana, world.who_comes(ben))
    assert told.is_allowed, "a promise may be broken knowingly"
    [worse] = told.worse
    assert worse.startswith("The promise to Ana Cole would break: ")
    assert "1 promise would break" in told.says


def test_a_draft_grows_is_seen_by_the_other_dispatcher_and_is_published(
    world: World, ana: Visit, ben: Visit
) -> None:
    to = other(world, ana)
    draft = put(world, ana, to)
    assert draft.state is ProposalState.PROPOSED
    assert world.who_comes(ana) != to, "nothing counts yet"
    again = put(world, ben, to)
    assert again.id == draft.id
    assert {line.technician_then for line in lines_of(again)} == {world.technicians[to].id}
    with world.look() as work:
        drawn = as_drawn(work, here(world, work), TUESDAY)
        by_name = {one.technician: one.stops for one in turns(work, drawn)}
    assert {id for id, _ in by_name[to]} == {ana.id, ben.id}
    with world.workshop.work(Actor("dispatcher", world.dispatchers[1].id), "office") as work:
        assert publish_proposal(work, here(world, work), TUESDAY, draft.id) is None
    assert (world.who_comes(ana), world.who_comes(ben)) == (to, to)
    with world.look() as work:
        assert run_audit(work, ALL) == []


def test_one_line_is_refused_and_the_rest_is_published(world: World, ana: Visit, ben: Visit) -> None:
    to, stays = other(world, ana), world.who_comes(ben)
    put(world, ana, to)
    draft = put(world, ben, other(world, ben))
    with world.as_office() as work:
        less = leave_as_is(work, here(world, work), TUESDAY, draft.id, [ben.id])
        assert [line.visit_id for line in lines_of(less)] == [ana.id]
    with world.as_office() as work:
        assert publish_proposal(work, here(world, work), TUESDAY, draft.id) is None
    assert (world.who_comes(ana), world.who_comes(ben)) == (to, stays)


def test_without_its_last_change_a_draft_is_gone(world: World, ana: Visit) -> None:
    draft = put(world, ana, other(world, ana))
    with world.as_office() as work:
        left = leave_as_is(work, here(world, work), TUESDAY, draft.id, [ana.id])
        assert (left.state, left.why) == (ProposalState.DISMISSED, "nothing left to change")
    assert waiting(world) is None
    with pytest.raises(StateConflict, match="changes nothing"):
        put(world, ana, world.who_comes(ana))


def test_a_rule_that_forbids_it_is_told_with_names(world: World) -> None:
    with world.as_office() as work:
        boiler = a_service(work, code="boiler", name="Boiler", skills={"gas": 2})
        a_technician(work, here(world, work), name="Gus", phone="+12025550119", skills={"gas": 2})
    visit = book(replace(world, service=boiler), "Ana Cole", TUESDAY, "08:00", near(km_north=1))
    told = held(world, visit, "Tom")
    assert (told.is_allowed, told.says) == (False, "The visit of Ana Cole needs gas 2, Tom has 0.")
    with pytest.raises(PlanRefused, match="Ana Cole needs gas 2"):
        put(world, visit, "Tom")
    assert waiting(world) is None


def test_while_a_search_is_under_way_nobody_moves_anything(world: World, ana: Visit) -> None:
    with world.as_office() as work:
        searching = ask(work, here(world, work), TUESDAY)
    with pytest.raises(StateConflict, match="Stop it, or wait"):
        put(world, ana, other(world, ana))
    with world.as_office() as work:
        dismiss(work, here(world, work), TUESDAY, searching.id)
    put(world, ana, other(world, ana))


def test_who_is_not_there_that_day_is_not_moved(world: World, ana: Visit) -> None:
    elsewhere = book(world, "Cleo Ray", TUESDAY + dt.timedelta(days=1), "08:00", near(km_north=1))
    for visit, technician, before in (
        (elsewhere.id, world.technicians["Tom"].id, None),
        (ana.id, "0" * 26, None),
        (ana.id, world.technicians["Tom"].id, elsewhere.id),
    ):
        with world.look() as work, pytest.raises(NotFound):
            hold_over(work, here(world, work), TUESDAY, visit, technician, before)
