"""'Not today' only with a proof, decided by a named dispatcher; what failed once is not moved again."""

from __future__ import annotations

import pytest

from dispatch.callbacks.queries import list_for_visit as callbacks_of
from dispatch.clock import SetClock
from dispatch.errors import StateConflict
from dispatch.field.actions import Hindrance, arrive, call_out, cannot_finish, finish
from dispatch.plans.problem import load_problem
from dispatch.promises.queries import current_promise
from dispatch.recoveries.choices import choose
from dispatch.recoveries.decisions import bend_a_rule, close_visit, not_today
from dispatch.recoveries.queries import list_for_visit
from dispatch.recoveries.states import RecoveryState
from dispatch.technicians.tables import AbsenceKind
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from tests.builders import a_service, near
from tests.worlds import World, a_quiet_town


@pytest.fixture
def late_world(workshop: Workshop, clock: SetClock) -> World:
    """Tom works until five and may stay until half past; Ana waits for him from four to six."""
    return a_quiet_town(workshop, clock, "Tom", overtime_until_at="17:30")


@pytest.fixture
def unserved(late_world: World) -> Visit:
    """At 16:57 the work of 45 minutes no longer fits before half past five; Tom never said why he did not go."""
    visit = late_world.book("Ana Cole", "14:00")
    late_world.until("15:50")
    with late_world.as_technician("Tom") as (work, technician):
        arrive(work, technician, visit.id, place=near(km_north=1))
    late_world.until("16:40")
    with late_world.as_technician("Tom") as (work, technician):
        cannot_finish(work, technician, visit.id, hindrance=Hindrance.NEEDS_MORE_TIME)
    return visit


def test_not_today_has_a_proof_a_person_and_a_way_out(late_world: World, unserved: Visit) -> None:
    recovery = late_world.recovery(unserved)
    assert recovery.state is RecoveryState.DECIDING
    assert recovery.proof is not None
    block = recovery.proof["blocks"][0]
    assert block["technician_id"] == late_world.technicians["Tom"].id
    assert "Tom" in block["sentence"]
    assert recovery.proof["relaxations"][0]["kind"] == "overtime"
    with late_world.look() as work:
        assert callbacks_of(work.session, unserved.id)[0].about == "not_today"


def test_a_named_dispatcher_allows_overtime_and_it_is_today_after_all(
    late_world: World, unserved: Visit
) -> None:
    with late_world.as_office() as work:
        bend_a_rule(work, late_world.recovery(unserved).id, 0, reason="Tom offered to stay")
    recovery = late_world.recovery(unserved)
    assert recovery.state is RecoveryState.OFFERED
    assert recovery.decided_by == f"dispatcher:{late_world.dispatchers[0].id}"
    with late_world.as_customer(unserved) as work:
        choose(work, recovery.id, "1", how="phone")
    assert late_world.fresh(unserved).state is VisitState.BOOKED
    assert late_world.who_comes(unserved) == "Tom"


def test_a_named_dispatcher_gives_today_up_and_offers_other_days(late_world: World, unserved: Visit) -> None:
    with late_world.as_office() as work:
        not_today(work, late_world.recovery(unserved).id, reason="nobody may stay")
    assert {offer.day.day for offer in late_world.offers(unserved)} == {3}
    with late_world.as_office() as work:
        close_visit(work, late_world.recovery(unserved).id, reason="customer found somebody else")
    assert late_world.fresh(unserved).state is VisitState.CLOSED
    with pytest.raises(StateConflict), late_world.as_office() as work:
        not_today(work, late_world.recovery(unserved).id, reason="again")


def test_wrong_parts_bring_somebody_who_has_them(workshop: Workshop, clock: SetClock) -> None:
    world = a_quiet_town(workshop, clock, "Tom", "Uma", stock={"valve": 1})
    with world.as_office() as work:
        service = a_service(work, code="valve", name="Valve", parts={"valve": 1})
    visit = world.book("Ana Cole", "10:00", service=service)
    name = world.who_comes(visit)
    world.until("10:00")
    with world.as_technician(name) as (work, technician):
        arrive(work, technician, visit.id)
        work.session.flush()
        cannot_finish(
            work, technician, visit.id, hindrance=Hindrance.WRONG_PARTS, note="The valve is cracked."
        )
    assert world.offers(visit)


def test_whoever_failed_at_a_door_is_at_that_door(workshop: Workshop, clock: SetClock) -> None:
    """The next drive begins there, however long ago that was, not at the last door where the work was done."""
    world = a_quiet_town(workshop, clock, "Tom")
    done = world.book("Ana Cole", "08:00", place=near(km_north=-4))
    failed = world.book("Ben Ode", "10:00", place=near(km_north=4), phone="+12025550144")
    for visit, at in ((done, "09:00"), (failed, "10:00")):
        world.until(at)
        with world.as_technician("Tom") as (work, technician):
            arrive(work, technician, visit.id)
            work.session.flush()
            if visit is done:
                finish(work, technician, visit.id)
            else:
                cannot_finish(work, technician, visit.id, hindrance=Hindrance.NO_ACCESS)
    world.until("11:30")
    with world.look() as work:
        crew = load_problem(work, world.territory, world.at("11:30").date(), lock=False).crew
    assert crew[world.technicians["Tom"].id].ready_place == near(km_north=4)


def test_a_second_failure_goes_up_and_outranks_the_rest(workshop: Workshop, clock: SetClock) -> None:
    world = a_quiet_town(workshop, clock, "Tom", "Uma", "Vic")
    visit = world.book("Ana Cole", "08:00")
    world.until("09:58")
    with world.as_customer(visit) as work:
        choose(work, world.recovery(visit).id, "1", how="sms")
    first = world.recovery(visit)
    assert world.fresh(visit).priority == 4
    world.until("13:00")
    second = world.recovery(visit)
    assert second.id != first.id
    assert second.owner_id == world.dispatchers[1].id
    assert world.fresh(visit).failures == 2
    with world.look() as work:
        assert list_for_visit(work.session, visit.id)[0].outcome == "failed_again"


def test_what_failed_once_keeps_its_new_window_when_others_fall_ill(
    workshop: Workshop, clock: SetClock
) -> None:
    world = a_quiet_town(workshop, clock, "Tom", "Uma", "Vic")
    visit = world.book("Ana Cole", "10:00")
    world.until("11:56")
    with world.as_customer(visit) as work:
        choose(work, world.recovery(visit).id, "2", how="sms")
    with world.look() as work:
        agreed = current_promise(work.session, world.fresh(visit))
    with world.as_technician(world.who_comes(visit)) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    with world.look() as work:
        again = current_promise(work.session, world.fresh(visit))
    assert (again.version, again.start_at, again.end_at) == (agreed.version, agreed.start_at, agreed.end_at)
