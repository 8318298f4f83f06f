"""What the customer says counts: nobody came, I was at home, another time, a person."""

from __future__ import annotations

from contextlib import suppress

import pytest

from dispatch.callbacks.actions import finish_callback
from dispatch.callbacks.queries import list_for_visit as callbacks_of
from dispatch.clock import SetClock
from dispatch.errors import SlotTaken, StateConflict
from dispatch.failures.actions import contest
from dispatch.failures.queries import list_for_visit
from dispatch.failures.reports import report_nobody_came
from dispatch.failures.tables import FailureKind, Fault
from dispatch.field.actions import arrive, leave, nobody_home
from dispatch.promises.queries import current_promise
from dispatch.promises.states import Agreed
from dispatch.recoveries.choices import choose
from dispatch.recoveries.decisions import give_up
from dispatch.recoveries.queries import get_recovery
from dispatch.recoveries.states import OfferState, RecoveryState
from dispatch.territories.actions import set_policies
from dispatch.territories.tables import Territory
from dispatch.visits.queries import get_visit
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from tests.builders import near
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom", "Uma")


@pytest.fixture
def broken(world: World) -> Visit:
    """Nobody came between ten and twelve, and the customer has been told at 11:55:34."""
    visit = world.book("Ana Cole", "10:00")
    world.until("11:56")
    assert world.fresh(visit).state is VisitState.FAILED
    return visit


def test_nobody_came_is_refused_before_the_window_and_heard_while_it_runs(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    world.until("09:59")
    with pytest.raises(StateConflict, match="10:00–12:00"), world.as_customer(visit) as work:
        report_nobody_came(work, visit.id, how="web")
    world.until("10:30")
    with world.as_customer(visit) as work:
        report_nobody_came(work, visit.id, how="web")
    assert world.fresh(visit).state is VisitState.BOOKED
    assert "technician_prompted" in world.facts(visit)


def test_nobody_came_against_a_technician_who_says_they_are_there(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    name = world.who_comes(visit)
    world.until("10:00")
    with world.as_technician(name) as (work, technician):
        arrive(work, technician, visit.id)
    world.until("10:30")
    with world.as_customer(visit) as work:
        report_nobody_came(work, visit.id, how="sms")
    with world.look() as work:
        failure = list_for_visit(work.session, visit.id)[0]
    assert (failure.kind, failure.fault) == (FailureKind.TECHNICIAN_ABSENT, Fault.UNKNOWN)
    assert world.offers(visit)


def test_absent_customers_need_evidence_and_may_contest(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    name = world.who_comes(visit)
    world.until("10:00")
    with world.as_technician(name) as (work, technician):
        leave(work, technician, visit.id)
    world.until("10:05")
    with world.as_technician(name) as (work, technician):
        arrive(work, technician, visit.id, place=near(km_north=1))
    with (
        pytest.raises(StateConflict, match="10 more minutes at the door, an attempt to reach the customer"),
        world.as_technician(name) as (work, technician),
    ):
        nobody_home(work, technician, visit.id, contacted=False, place=near(km_north=1))
    world.until("10:15")
    with world.as_technician(name) as (work, technician):
        failure = nobody_home(work, technician, visit.id, contacted=True, place=near(km_north=1))
    assert failure.fault is Fault.CUSTOMER
    assert world.offers(visit), "a second attempt the same day is looked for first"
    with world.as_customer(visit) as work:
        contest(work, work.session.merge(failure))
    with world.look() as work:
        assert list_for_visit(work.session, visit.id)[0].fault is Fault.UNKNOWN


def test_silence_keeps_the_held_option_as_the_policys_act(world: World, broken: Visit) -> None:
    held = world.offers(broken)[0]
    world.until("12:15")
    with world.look() as work:
        promise = current_promise(work.session, world.fresh(broken))
    assert (promise.version, promise.agreed_by) == (2, Agreed.POLICY)
    assert (promise.start_at, promise.end_at) == (held.start_at, held.end_at)
    assert world.recovery(broken).arranged_by == "policy"
    with world.as_customer(broken) as work:
        choose(work, world.recovery(broken).id, "2", how="web")
    with world.look() as work:
        promise = current_promise(work.session, world.fresh(broken))
    assert (promise.version, promise.agreed_by) == (3, Agreed.CUSTOMER)


def test_not_at_home_for_what_the_policy_booked_is_not_the_customers_fault(
    world: World, broken: Visit
) -> None:
    world.until("12:15")
    name = world.who_comes(broken)
    world.until("12:40")
    with world.as_technician(name) as (work, technician):
        arrive(work, technician, broken.id, place=near(km_north=1))
    world.until("12:55")
    with world.as_technician(name) as (work, technician):
        failure = nobody_home(work, technician, broken.id, contacted=True, place=near(km_north=1))
    assert (failure.kind, failure.fault) == (FailureKind.CUSTOMER_ABSENT, Fault.COMPANY)


def test_where_the_policy_does_not_keep_somebody_rings(world: World) -> None:
    with world.as_office() as work:
        set_policies(work, work.session.get_one(Territory, world.territory.id), {"silence_keeps": False})
    visit = world.book("Ana Cole", "10:00")
    world.until("12:30")
    assert world.fresh(visit).state is VisitState.FAILED
    assert world.recovery(visit).state is RecoveryState.TALKING
    with world.look() as work:
        callback = callbacks_of(work.session, visit.id)[0]
    assert callback.about == "no_answer"
    assert all(offer.state is OfferState.LAPSED for offer in world.offers(visit))


def test_a_promised_call_belongs_to_somebody_until_it_is_made(world: World, broken: Visit) -> None:
    with world.as_customer(broken) as work:
        choose(work, world.recovery(broken).id, "person", how="sms")
    with world.look() as work:
        first = callbacks_of(work.session, broken.id)[0]
    assert first.dispatcher_id == world.dispatchers[0].id
    world.until("12:20")  # promised at 11:56 for 12:16
    with world.as_office() as work:
        overdue = callbacks_of(work.session, broken.id)[0]
        assert overdue.dispatcher_id == world.dispatchers[1].id
        finish_callback(work, overdue, "reached")
    with pytest.raises(StateConflict), world.as_office() as work:
        finish_callback(work, callbacks_of(work.session, broken.id)[0], "again")


def test_another_day_is_offered_and_taken(world: World, broken: Visit) -> None:
    with world.as_customer(broken) as work:
        choose(work, world.recovery(broken).id, "another_day", how="web")
    tomorrow = world.offers(broken)
    assert {offer.day.day for offer in tomorrow} == {3}
    with world.as_customer(broken) as work:
        choose(work, world.recovery(broken).id, "2", how="web")
    with world.look() as work:
        assert current_promise(work.session, world.fresh(broken)).start_at == tomorrow[1].start_at
    assert world.who_comes(broken)


def test_an_option_that_is_gone_is_said_so_and_replaced(world: World, broken: Visit) -> None:
    """Both afternoons fill up while the customer thinks about the second option."""
    second = world.offers(broken)[1]
    for hour in ("14:00", "16:00"):
        with suppress(SlotTaken):
            for index in range(30):
                world.book(f"Busy {index}", hour)
    with world.as_customer(broken) as work:
        choose(work, world.recovery(broken).id, "2", how="sms")
    facts = world.facts(broken)
    assert "offer_gone" in facts
    assert facts.index("offer_gone") < len(facts) - 1 - facts[::-1].index("offers_made")
    assert world.offers(broken)[0].start_at != second.start_at


def test_the_customer_may_end_it(world: World, broken: Visit) -> None:
    with world.as_customer(broken) as work:
        recovery = get_recovery(work.session, world.recovery(broken).id)
        give_up(work, recovery, get_visit(work.session, broken.id))
    assert world.fresh(broken).state is VisitState.CANCELLED
    assert world.recovery(broken).outcome == "customer_cancelled"
    assert world.offers(broken)[0].state is OfferState.LAPSED
