"""Two dispatchers at one proposal, a booking in the same moment: one of them is first, nobody is lost."""

from __future__ import annotations

import pytest

from dispatch.clock import SetClock
from dispatch.errors import DispatchError, StalePlan
from dispatch.plans.deciding import publish_proposal
from dispatch.plans.planning import plan_due
from dispatch.plans.proposals import ask
from dispatch.plans.queries import current_plan, list_versions
from dispatch.plans.states import ProposalState
from dispatch.plans.tables import Proposal
from dispatch.plans.undo import undo_last
from dispatch.territories.tables import Territory
from dispatch.work import Workshop
from notifications.audit import ALL, run_audit
from tests.builders import near
from tests.races.doors import STORM, at_once
from tests.stories.detour import TUESDAY, a_day_with_a_detour, book, one_van
from tests.worlds import World, a_quiet_town

ROUNDS = 20 if STORM else 2


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    """Three customers whom one van could serve and two do."""
    world = a_quiet_town(workshop, clock, "Tom", "Uma")
    a_day_with_a_detour(world)
    world.clock.at = world.at("07:11")
    return world


def asked(world: World) -> str:
    with world.as_office() as work:
        return ask(work, work.session.get_one(Territory, world.territory.id), TUESDAY).id


def published(world: World, proposal_id: str) -> str:
    """What became of a press on the button."""
    try:
        with world.as_office() as work:
            territory = work.session.get_one(Territory, world.territory.id)
            refusal = publish_proposal(work, territory, TUESDAY, proposal_id)
    except DispatchError as error:
        return error.code
    return StalePlan.code if refusal else "published"


def undone(world: World) -> str:
    try:
        with world.as_office() as work:
            undo_last(work, work.session.get_one(Territory, world.territory.id), TUESDAY)
    except DispatchError as error:
        return error.code
    return "undone"


def assert_in_order(world: World) -> None:
    with world.look() as work:
        assert run_audit(work, ALL) == []
        versions = [one.version for one in list_versions(work.session, world.territory.id, TUESDAY)]
    assert versions == list(range(1, len(versions) + 1))


def test_everybody_who_asks_at_once_gets_the_same_search(world: World) -> None:
    assert len(set(at_once(*[lambda: asked(world)] * 6))) == 1


def test_a_proposal_is_published_once_and_undone_once(world: World) -> None:
    for _ in range(ROUNDS):
        proposal_id = asked(world)
        plan_due(world.workshop, one_van)
        pressed = at_once(*[lambda id=proposal_id: published(world, id)] * 4)
        assert sorted(pressed) == ["published", *["state-conflict"] * 3]
        assert sorted(at_once(*[lambda: undone(world)] * 4)) == [*["state-conflict"] * 3, "undone"]
        assert_in_order(world)


def test_a_booking_in_the_same_moment_is_in_the_plan_or_overtakes_the_proposal(world: World) -> None:
    proposal_id = asked(world)
    plan_due(world.workshop, one_van)

    def somebody_books() -> str:
        return book(world, "Late Lee", TUESDAY, "14:00", near(km_east=0.1)).id

    pressed, visit_id = at_once(lambda: published(world, proposal_id), somebody_books)
    with world.look() as work:
        state = work.session.get_one(Proposal, proposal_id).state
        plan = current_plan(work.session, world.territory.id, TUESDAY)
    assert (pressed, state) in (
        ("published", ProposalState.PUBLISHED),
        (StalePlan.code, ProposalState.OVERTAKEN),
    )
    assert plan
    assert visit_id in str(plan.body)
    assert_in_order(world)
