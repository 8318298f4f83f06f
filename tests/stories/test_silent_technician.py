"""A technician falls silent, and the same day makes it good."""

from __future__ import annotations

import pytest

from dispatch.clock import SetClock
from dispatch.due import next_due_at, run_due
from dispatch.field.actions import arrive, finish, leave
from dispatch.ledger import broken_links
from dispatch.plans.queries import find_assignment
from dispatch.promises.queries import list_promises
from dispatch.promises.states import PromiseState
from dispatch.recoveries.choices import choose
from dispatch.recoveries.queries import find_open, get_recovery, list_offers
from dispatch.technicians.tables import Technician
from dispatch.visits.queries import get_visit
from dispatch.visits.states import VisitState
from dispatch.work import Workshop
from tests.worlds import OFFICE, World, a_quiet_town


def run_until(world: World, text: str) -> None:
    """Let the clock go on to that time, through everything that falls due on the way."""
    target = world.at(text)
    while True:
        while run_due(world.workshop):
            pass
        due = next_due_at(world.workshop)
        if due is None or due > target:
            world.clock.at = target
            while run_due(world.workshop):
                pass
            return
        world.clock.at = due


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom", "Uma")


def test_silent_technician_is_noticed_and_made_good(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    with world.workshop.read() as work:
        tom_or_uma = find_assignment(work.session, visit.id)
        assert tom_or_uma
        silent = tom_or_uma.technician_id
    # Travel takes 120 + 146 s, the spread is 600 s: the latest leave is 12:00 - 266 s - 600 s = 11:45:34.
    run_until(world, "11:46")
    with world.workshop.read() as work:
        assert get_visit(work.session, visit.id).at_risk_at is not None
        assert get_visit(work.session, visit.id).state is VisitState.BOOKED
    # Ten minutes without an answer, 11:55:35: Uma, four and a half minutes away, could leave by 11:55:34.
    run_until(world, "11:57")
    with world.workshop.read() as work:
        failed = get_visit(work.session, visit.id)
        assert failed.state is VisitState.FAILED
        recovery = find_open(work.session, visit.id)
        assert recovery
        offers = list_offers(work.session, recovery.id)
        assert offers[0].technician_id != silent
        assert work.session.get_one(Technician, silent).silent_since_at is not None
    with world.workshop.work(OFFICE, "choose") as work:
        choose(work, recovery.id, "1", how="sms")
    with world.workshop.read() as work:
        again = get_visit(work.session, visit.id)
        assert again.state is VisitState.BOOKED
        assert again.promise_version == 2
        assert [p.state for p in list_promises(work.session, visit.id)] == [
            PromiseState.BROKEN,
            PromiseState.OPEN,
        ]
    other = next(t for t in world.technicians.values() if t.id != silent)
    for step in (leave, arrive, finish):
        world.clock.advance(minutes=10)
        with world.workshop.work(OFFICE, step.__name__) as work:
            step(work, work.session.get_one(Technician, other.id), visit.id)
    with world.workshop.read() as work:
        assert get_recovery(work.session, recovery.id).outcome == "done_same_day"
        assert list(broken_links(work.session)) == []
