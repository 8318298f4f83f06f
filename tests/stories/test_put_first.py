"""An emergency comes before others: who would pay is known before anybody does, and whoever pays is made good."""

from __future__ import annotations

import pytest

from dispatch.audit.check import run_audit
from dispatch.clock import SetClock
from dispatch.errors import StateConflict
from dispatch.failures.emergency import Rush, put_first, ways_to_rush
from dispatch.field.actions import arrive, finish
from dispatch.promises.queries import current_promise
from dispatch.recoveries.states import RecoveryState
from dispatch.services.queries import find_by_code
from dispatch.visits.queries import get_visit, list_notes
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from notifications.audit import ALL
from tests.builders import a_service, near
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    """Tom alone; the gas takes two hours and a half."""
    world = a_quiet_town(workshop, clock, "Tom")
    with world.as_office() as work:
        a_service(work, code="gas", name="Gas", duration_seconds=150 * 60)
    return world


def gas(world: World) -> Visit:
    """Cy asked for the afternoon; now he smells gas."""
    with world.look() as work:
        service = find_by_code(work.session, "gas")
    return world.book("Cy Dunn", "14:00", service=service, phone="+12025550145", place=near(km_east=1))


def ways(world: World, visit: Visit) -> list[Rush]:
    with world.look() as work:
        return ways_to_rush(work, get_visit(work.session, visit.id))


def test_who_would_pay_is_told_before_and_made_good_after(world: World) -> None:
    """At half past nine Tom could be there by 09:37 and be at it until 12:07: Ben, promised until noon, would pay.
    After Ben it costs nobody anything."""
    ben = world.book("Ben Ode", "10:00", phone="+12025550144", place=near(km_north=-1))
    cy = gas(world)
    world.until("09:30")
    first, second = ways(world, cy)
    assert first.start_at < world.at("09:45")
    assert [(one.customer, one.visit_id) for one in first.payers] == [("Ben Ode", ben.id)]
    assert first.payers[0].late_minutes
    assert (second.payers, second.start_at > world.at("10:45")) == ((), True)
    with world.as_office() as work:
        put_first(work, cy.id, first.technician_id, {ben.id}, reason="It smells of gas in the kitchen.")
    with world.look() as work:
        promise = current_promise(work.session, get_visit(work.session, cy.id))
        assert promise.start_at <= first.start_at <= promise.end_at
        assert [note.text for note in list_notes(work.session, cy.id)] == ["It smells of gas in the kitchen."]
        assert run_audit(work, ALL) == []
    assert world.fresh(ben).state is VisitState.FAILED
    assert world.recovery(ben).state is RecoveryState.OFFERED
    assert world.offers(ben)[0].start_at.day == 2
    assert world.fresh(cy).priority == 5


def test_nobody_pays_where_somebody_is_free(world: World) -> None:
    cy = gas(world)
    world.until("09:30")
    [only] = ways(world, cy)
    with world.as_office() as work:
        put_first(work, cy.id, only.technician_id, (), reason="It smells of gas.")
    world.until("09:40")
    with world.as_technician("Tom") as (work, technician):
        arrive(work, technician, cy.id)
    world.until("12:00")
    with world.as_technician("Tom") as (work, technician):
        finish(work, technician, cy.id)
    assert world.fresh(cy).state is VisitState.DONE


def test_nobody_pays_who_was_not_agreed_to(world: World) -> None:
    ben = world.book("Ben Ode", "10:00", phone="+12025550144", place=near(km_north=-1))
    cy = gas(world)
    world.until("09:30")
    [first, *_] = ways(world, cy)
    world.until("09:40")
    with world.as_office() as work:
        put_first(work, cy.id, first.technician_id, (), reason="It smells of gas.")
    assert world.fresh(ben).state is VisitState.BOOKED
    with world.as_technician("Tom") as (work, technician):
        arrive(work, technician, ben.id)
    with pytest.raises(StateConflict), world.as_office() as work:
        put_first(work, ben.id, first.technician_id, (), reason="once more")
