"""Somebody calls in sick, or a van breaks down: promises move to others, or are broken openly and made good."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatch.clock import SetClock
from dispatch.failures.queries import list_for_visit
from dispatch.failures.tables import FailureKind
from dispatch.field.actions import arrive, call_out, leave
from dispatch.promises.queries import current_promise
from dispatch.recoveries.tables import Offer
from dispatch.technicians.hours import report_absence
from dispatch.technicians.tables import AbsenceKind
from dispatch.visits.states import VisitState
from dispatch.work import Workshop
from tests.builders import near
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom", "Uma")


def test_a_sick_call_in_time_breaks_no_promise(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    sick = world.who_comes(visit)
    world.until("09:00")
    with world.as_technician(sick) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    assert world.who_comes(visit) != sick
    assert world.fresh(visit).state is VisitState.BOOKED
    assert "failure_noticed" not in world.facts(visit)
    assert world.fresh(visit).promise_version == 1


def test_a_sick_call_too_late_is_a_failure_in_the_same_breath(world: World) -> None:
    """At 11:56 nobody can be at a door four and a half minutes away with five minutes to set out."""
    visit = world.book("Ana Cole", "10:00")
    sick = world.who_comes(visit)
    world.until("11:40")
    with world.as_technician(sick) as (work, technician):
        leave(work, technician, visit.id)
    world.until("11:56")
    with world.as_technician(sick) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    with world.look() as work:
        failure = list_for_visit(work.session, visit.id)[0]
    assert failure.kind is FailureKind.TECHNICIAN_ABSENT
    assert failure.noticed_at == world.clock.at
    assert world.recovery(visit).repaired_at == world.clock.at
    assert world.offers(visit)[0].technician_id != world.technicians[sick].id


def test_a_van_that_breaks_down_on_the_way_is_replaced(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    stranded = world.who_comes(visit)
    world.until("10:30")
    with world.as_technician(stranded) as (work, technician):
        leave(work, technician, visit.id)
    with world.as_technician(stranded) as (work, technician):
        call_out(work, technician, AbsenceKind.VAN_DOWN)
    assert world.fresh(visit).state is VisitState.BOOKED
    assert world.who_comes(visit) != stranded


def test_a_sick_call_during_the_work_leaves_it_unfinished(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    sick = world.who_comes(visit)
    world.until("10:05")
    with world.as_technician(sick) as (work, technician):
        leave(work, technician, visit.id)
    world.until("10:10")
    with world.as_technician(sick) as (work, technician):
        arrive(work, technician, visit.id, place=near(km_north=1))
    world.until("10:20")
    with world.as_technician(sick) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    with world.look() as work:
        assert list_for_visit(work.session, visit.id)[0].kind is FailureKind.NOT_FINISHED
        assert current_promise(work.session, visit).state == "broken"
    assert world.offers(visit)[0].technician_id != world.technicians[sick].id


def test_two_victims_and_one_free_technician_do_not_starve_each_other(
    workshop: Workshop, clock: SetClock
) -> None:
    """Tom falls ill with two doors to go; Uma, back from leave at three, is held for both, one after the other."""
    world = a_quiet_town(workshop, clock, "Tom", "Uma")
    with world.as_technician("Uma") as (work, technician):
        back_at = world.at("15:00")
        report_absence(work, technician, AbsenceKind.LEAVE, start_at=work.now, end_at=back_at)
    ana = world.book("Ana Cole", "12:00")
    ben = world.book("Ben Ode", "12:00", place=near(km_north=-1), phone="+12025550144")
    world.until("11:00")
    with world.as_technician("Tom") as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    first, second = sorted((world.offers(visit)[0] for visit in (ana, ben)), key=_start)
    assert {first.technician_id, second.technician_id} == {world.technicians["Uma"].id}
    assert (_start(second) - _start(first)).total_seconds() >= 2700


def _start(offer: Offer) -> dt.datetime:
    assert offer.planned_start_at
    return offer.planned_start_at


def test_a_day_that_nobody_watched_is_noticed_the_next_morning(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    world.clock.advance(days=1)
    world.settle(world.clock.at)
    recovery = world.recovery(visit)
    assert recovery.certain_at == world.at("12:00")
    assert recovery.noticed_at == world.clock.at
    assert world.offers(visit)[0].day.day == 3


def test_a_held_option_does_not_outlive_its_technician(workshop: Workshop, clock: SetClock) -> None:
    world = a_quiet_town(workshop, clock, "Tom", "Uma", "Vic")
    visit = world.book("Ana Cole", "10:00")
    world.until("11:57")
    held = world.offers(visit)[0].technician_id
    name = next(name for name, one in world.technicians.items() if one.id == held)
    with world.as_technician(name) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    now_held = world.offers(visit)[0]
    assert now_held.technician_id != held
    assert now_held.hold_id is not None
