"""A technician falls silent, and the same day makes it good."""

from __future__ import annotations

import pytest

from dispatch.clock import SetClock
from dispatch.field.actions import arrive, finish, leave
from dispatch.ledger import broken_links
from dispatch.promises.queries import list_promises
from dispatch.promises.states import PromiseState
from dispatch.recoveries.choices import choose
from dispatch.technicians.queries import get_technician
from dispatch.visits.states import VisitState
from dispatch.work import Workshop
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom", "Uma")


def test_noticed_before_the_customer_does_and_made_good_the_same_day(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    silent = world.who_comes(visit)
    other = next(name for name in world.technicians if name != silent)

    # A kilometre takes 120 + 146 s, the spread is 600 s: the latest leave is 12:00 - 266 s - 600 s = 11:45:34.
    world.until("11:46")
    assert world.fresh(visit).at_risk_at == world.at("11:45").replace(second=34)
    assert world.fresh(visit).state is VisitState.BOOKED

    # Without the spread it is 11:55:34. Nobody answered by then, and the other one could not leave any earlier.
    world.until("11:57")
    assert world.fresh(visit).state is VisitState.FAILED
    with world.look() as work:
        assert get_technician(work.session, world.technicians[silent].id).silent_since_at is not None
    held, later = world.offers(visit)
    assert held.technician_id == world.technicians[other].id
    assert held.hold_id is not None
    assert later.start_at >= held.end_at

    with world.as_customer(visit) as work:
        choose(work, world.recovery(visit).id, "1", how="sms")
    with world.look() as work:
        states = [promise.state for promise in list_promises(work.session, visit.id)]
    assert states == [PromiseState.BROKEN, PromiseState.OPEN]

    for minute, step in enumerate((leave, arrive, finish)):
        world.until(f"12:{30 + 10 * minute}")
        with world.as_technician(other) as (work, technician):
            step(work, technician, visit.id)
    assert world.fresh(visit).state is VisitState.DONE
    assert world.recovery(visit).outcome == "done_same_day"
    with world.look() as work:
        assert list(broken_links(work.session)) == []


def test_a_sign_of_life_keeps_the_promise(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    name = world.who_comes(visit)
    world.until("11:46")
    with world.as_technician(name) as (work, technician):
        leave(work, technician, visit.id)
    world.until("11:51")
    with world.as_technician(name) as (work, technician):
        arrive(work, technician, visit.id)
    world.until("13:00")
    assert "failure_noticed" not in world.facts(visit)
    with world.look() as work:
        assert list_promises(work.session, visit.id)[-1].state is PromiseState.KEPT
