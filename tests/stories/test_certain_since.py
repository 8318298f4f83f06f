"""Since when it was certain that a promise breaks: not before whatever made it so."""

from __future__ import annotations

import pytest

from dispatch.clock import SetClock
from dispatch.failures.queries import list_for_visit
from dispatch.failures.tables import Failure, FailureKind
from dispatch.field.actions import answer_prompt, be_at, call_out, leave
from dispatch.field.crew_changes import rewrite_week
from dispatch.technicians.hours import Hours
from dispatch.technicians.queries import get_technician
from dispatch.technicians.tables import AbsenceKind
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from notifications.audit import ALL, run_audit
from tests.builders import near
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom")


def failure_of(world: World, visit: Visit) -> Failure:
    with world.look() as work:
        [failure] = list_for_visit(work.session, visit.id)
        broken = [one.sentence for one in run_audit(work, ALL) if one.invariant == "I-32"]
    assert broken == []
    return failure


def test_who_sets_out_for_the_last_customer_first_breaks_the_others_promises_then(world: World) -> None:
    """At nine Tom leaves for Ben, promised from 14:00. He is there until 14:45, and Ana's window ends at 12:00."""
    ana = world.book("Ana Cole", "10:00")
    ben = world.book("Ben Ode", "14:00", phone="+12025550144")
    world.until("09:00")
    with world.as_technician("Tom") as (work, tom):
        leave(work, tom, ben.id)
    world.settle(world.at("09:00"))
    failure = failure_of(world, ana)
    assert failure.kind is FailureKind.PLAN
    assert failure.certain_at == failure.noticed_at == world.at("09:00")


def test_somebody_elses_sick_call_does_not_date_it_back(workshop: Workshop, clock: SetClock) -> None:
    """The same, noticed in the breath in which a colleague calls out before the watch had looked."""
    world = a_quiet_town(workshop, clock, "Tom", "Uma")
    ana = world.book("Ana Cole", "08:00")
    ben = world.book("Ben Ode", "14:00", phone="+12025550144")
    name = world.who_comes(ana)
    assert world.who_comes(ben) == name
    with world.as_technician(name) as (work, technician):
        leave(work, technician, ben.id)
    with world.as_technician("Uma" if name == "Tom" else "Tom") as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    assert failure_of(world, ana).certain_at == world.at("07:00")


def test_who_is_suddenly_far_away_is_late_since_then(world: World) -> None:
    """Twenty kilometres take 120 + 2925 s: at 11:30 nobody can be there by 12:00 any more."""
    visit = world.book("Ana Cole", "10:00")
    world.until("11:30")
    with world.as_technician("Tom") as (work, tom):
        assert be_at(work, tom, near(km_east=20), at=work.now)
    world.settle(world.at("11:30"))
    assert failure_of(world, visit).certain_at == world.at("11:30")


def test_other_hours_break_a_promise_when_the_office_enters_them(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    world.until("09:00")
    with world.as_office() as work:
        tom = get_technician(work.session, world.technicians["Tom"].id)
        rewrite_week(work, tom, {day: Hours("13:00", "17:00", "18:00") for day in range(7)})
    assert failure_of(world, visit).certain_at == world.at("09:00")


def test_what_runs_out_by_itself_is_dated_when_it_did_however_late_somebody_looks(world: World) -> None:
    """Tom said yes and stayed; nobody looked until 11:58. A kilometre takes 267 s: certain since 11:55:33."""
    visit = world.book("Ana Cole", "10:00")
    world.until("11:46")
    with world.as_technician("Tom") as (work, tom):
        answer_prompt(work, tom)
    world.settle(world.at("11:58"))
    failure = failure_of(world, visit)
    assert failure.certain_at == world.at("11:55").replace(second=33)
