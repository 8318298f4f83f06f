"""A technician is at the door and never says how it went: the day does not end with nobody knowing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.pages.headline import headline
from dispatch.board.card import card_of
from dispatch.board.day_sheet import day_sheet
from dispatch.callbacks.queries import list_for_visit as callbacks_of
from dispatch.clock import SetClock
from dispatch.due import next_due_at
from dispatch.errors import StateConflict
from dispatch.failures.queries import list_for_visit
from dispatch.failures.tables import FailureKind, Fault
from dispatch.field.actions import Hindrance, arrive, call_out, cannot_finish, finish, leave
from dispatch.recoveries.states import RecoveryState
from dispatch.technicians.tables import AbsenceKind
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from notifications.audit import ALL, run_audit
from tests.builders import near
from tests.worlds import World, a_quiet_town

MIDNIGHT = datetime(2026, 3, 3, tzinfo=UTC)


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom")


@pytest.fixture
def unsaid(world: World) -> Visit:
    """Tom was at Ana's at 10:00 and has said nothing since; it is the next day, five past midnight."""
    visit = world.book("Ana Cole", "10:00")
    be_at_the_door(world, visit, "10:00")
    let_the_day_end(world)
    return visit


def be_at_the_door(world: World, visit: Visit, at: str) -> None:
    world.until(at)
    with world.as_technician("Tom") as (work, tom):
        arrive(work, tom, visit.id, place=near(km_north=1))


def let_the_day_end(world: World) -> None:
    """Until five past midnight, through everything that falls due on the way."""
    end = MIDNIGHT + timedelta(minutes=5)
    while (due := next_due_at(world.workshop)) is not None and due <= end:
        world.settle(due)
    world.settle(end)


def audit(world: World) -> list[str]:
    with world.look() as work:
        return [f"{one.invariant} {one.sentence}" for one in run_audit(work, ALL)]


def test_the_end_of_the_day_notices_and_a_person_rings_in_the_morning(world: World, unsaid: Visit) -> None:
    assert world.fresh(unsaid).state is VisitState.FAILED
    with world.look() as work:
        [failure] = list_for_visit(work.session, unsaid.id)
        [call] = callbacks_of(work.session, unsaid.id)
    assert (failure.kind, failure.fault) == (FailureKind.NO_WORD, Fault.UNKNOWN)
    assert failure.certain_at == failure.noticed_at == MIDNIGHT
    assert failure.technician_id == world.technicians["Tom"].id

    # Nothing is offered for what may be done: a person asks, twenty minutes after the first window begins.
    recovery = world.recovery(unsaid)
    assert recovery.state is RecoveryState.TALKING
    assert recovery.owner_id == world.dispatchers[0].id
    assert world.offers(unsaid) == []
    assert call.due_at == recovery.owner_due_at == MIDNIGHT + timedelta(hours=8, minutes=20)
    world.settle(MIDNIGHT + timedelta(hours=1))
    assert audit(world) == []


def test_the_customer_reads_that_nobody_knows(world: World, unsaid: Visit) -> None:
    with world.look() as work:
        told = headline(card_of(work, unsaid.id), work.now, None)
    assert told.sentence == "Nobody has told us yet whether the work was finished."
    assert told.more == ("We are sorry.", "Dana Reed is looking after it with you.")


def test_the_technician_can_still_say_that_it_was_done(world: World, unsaid: Visit) -> None:
    world.clock.at = MIDNIGHT + timedelta(hours=7, minutes=50)
    with world.as_technician("Tom") as (work, tom):
        [asked] = day_sheet(work, tom).stops
        assert asked.card is not None
        assert (asked.card.visit_id, asked.steps) == (unsaid.id, ("finish",))
        finish(work, tom, unsaid.id)
    done = world.fresh(unsaid)
    assert done.state is VisitState.DONE
    assert done.arrived_at == world.at("10:00")
    assert done.technician_id == world.technicians["Tom"].id
    assert world.recovery(unsaid).state is RecoveryState.CLOSED
    assert audit(world) == []


def test_the_technician_is_free_again_and_may_go_back_to_finish(world: World, unsaid: Visit) -> None:
    world.clock.at = MIDNIGHT + timedelta(hours=7)
    with world.as_technician("Tom") as (work, tom), pytest.raises(StateConflict, match="arrived"):
        cannot_finish(work, tom, unsaid.id, hindrance=Hindrance.NO_ACCESS)
    with world.as_technician("Tom") as (work, tom):
        assert tom.silent_since_at is None
        arrive(work, tom, unsaid.id)  # back at the same door to finish it
        finish(work, tom, unsaid.id)
    assert world.fresh(unsaid).state is VisitState.DONE


def test_nobody_says_done_of_a_visit_that_broke_before_anybody_was_there(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    world.until("12:01")
    assert world.fresh(visit).state is VisitState.FAILED
    with world.as_technician("Tom") as (work, tom), pytest.raises(StateConflict, match="arrived"):
        finish(work, tom, visit.id)


def test_who_works_past_midnight_is_let_finish(world: World) -> None:
    """Tom came late at 23:30 for 45 minutes of work: until 00:15 nobody needs to say anything."""
    visit = world.book("Ana Cole", "16:00")
    be_at_the_door(world, visit, "23:30")
    let_the_day_end(world)
    assert world.fresh(visit).state is VisitState.ON_SITE
    assert next_due_at(world.workshop) == MIDNIGHT + timedelta(minutes=15)
    world.settle(MIDNIGHT + timedelta(minutes=15))
    assert world.fresh(visit).state is VisitState.FAILED


def test_a_late_technician_who_cannot_finish_is_one_more_failure_to_make_good(world: World) -> None:
    """The promise broke when nobody came; that somebody came after all is no reason to hear nothing more."""
    visit = world.book("Ana Cole", "10:00")
    be_at_the_door(world, visit, "12:30")
    assert world.recovery(visit).state is RecoveryState.ARRANGED
    world.until("12:45")
    with world.as_technician("Tom") as (work, tom):
        cannot_finish(work, tom, visit.id, hindrance=Hindrance.WRONG_PARTS)
    assert world.fresh(visit).state is VisitState.FAILED
    assert world.offers(visit)
    recovery = world.recovery(visit)
    assert recovery.state is RecoveryState.OFFERED
    assert recovery.owner_id == world.dispatchers[1].id  # the next person up
    with world.look() as work:
        [failure] = list_for_visit(work.session, visit.id)
    assert failure.kind is FailureKind.WRONG_PARTS
    assert world.facts(visit).count("failure_noticed") == 2
    assert audit(world) == []


def test_a_late_technician_who_never_says_how_it_went_is_noticed_too(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    be_at_the_door(world, visit, "12:30")
    let_the_day_end(world)
    assert world.fresh(visit).state is VisitState.FAILED
    assert world.recovery(visit).state is RecoveryState.TALKING
    world.settle(MIDNIGHT + timedelta(hours=1))
    assert audit(world) == []


def test_who_was_on_the_way_when_the_day_ended_is_noticed(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    world.until("11:50")
    with world.as_technician("Tom") as (work, tom):
        leave(work, tom, visit.id)
    world.settle(MIDNIGHT + timedelta(hours=1))  # the house was shut down in between
    assert world.fresh(visit).state is VisitState.FAILED
    with world.look() as work:
        [failure] = list_for_visit(work.session, visit.id)
    assert failure.kind is FailureKind.LATE


def test_who_calls_out_sick_at_a_door_they_came_to_late_leaves_nobody_behind(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    be_at_the_door(world, visit, "12:30")
    with world.as_technician("Tom") as (work, tom):
        call_out(work, tom, AbsenceKind.SICK)
    assert world.fresh(visit).state is VisitState.FAILED
    assert world.recovery(visit).state is RecoveryState.DECIDING
