"""A technician is switched off: the doors shut at once, the visits go to somebody else, and coming back is possible."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatch.access.links import LinkKey, issue, open_link
from dispatch.access.sessions import LASTS, begin_session, find_session
from dispatch.access.tables import Scope
from dispatch.bookings.actions import book_for, hold_window
from dispatch.bookings.slots import Request
from dispatch.clock import SetClock
from dispatch.errors import NotFound, StateConflict
from dispatch.field.actions import leave
from dispatch.field.crew_changes import let_go, take_on_again
from dispatch.plans.planning import plan_due
from dispatch.promises.states import Agreed
from dispatch.technicians.queries import list_absences, list_technicians
from dispatch.technicians.tables import Technician
from dispatch.territories.tables import Territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work, Workshop
from optimizer import repair
from tests.builders import a_customer, a_technician, an_address, near
from tests.worlds import World, a_quiet_town

KEY = LinkKey(b"a secret for tests, of forty bytes and more")


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    """Tom and Uma, at seven on a Monday."""
    return a_quiet_town(workshop, clock, "Tom", "Uma")


def known(world: World, work: Work, name: str) -> Technician:
    return work.session.get_one(Technician, world.technicians[name].id)


def let_one_go(world: World, name: str) -> None:
    with world.as_office() as work:
        let_go(work, known(world, work, name))


def book_tomorrow(world: World) -> Visit:
    with world.as_office() as work:
        territory = work.session.get_one(Territory, world.territory.id)
        request = Request(territory=territory, service=world.service, place=near(km_north=1))
        hold = hold_window(work, request, world.at("10:00") + dt.timedelta(days=1))
        customer = a_customer(work, name="Ben Ode", phone="+12025550144")
        address = an_address(work, customer, territory, line="Ben's house")
        return book_for(work, hold, customer, address, agreed_by=Agreed.CUSTOMER, agreed_how="web")


def test_sessions_and_links_end_in_the_same_moment(world: World) -> None:
    with world.as_office() as work:
        tom = known(world, work, "Tom")
        secret = begin_session(work, "technician", tom.id, lasts=LASTS["technician"])
        token = issue(work, KEY, Scope.ENROL, tom.id, expires_at=work.now + dt.timedelta(hours=1))
        work.session.flush()
        assert find_session(work.session, secret, work.now)
    let_one_go(world, "Tom")
    with world.look() as work:
        assert find_session(work.session, secret, work.now) is None
        with pytest.raises(NotFound):
            open_link(work.session, token, Scope.ENROL, work.now)
        assert [one.name for one in list_technicians(work.session, world.territory.id)] == ["Uma"]


def test_todays_visit_goes_to_somebody_else_at_once(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    away = world.who_comes(visit)
    let_one_go(world, away)
    assert world.who_comes(visit) != away
    assert world.fresh(visit).state is VisitState.BOOKED


def test_tomorrows_visit_goes_to_somebody_else_with_the_next_plan(world: World) -> None:
    visit = book_tomorrow(world)
    away = world.who_comes(visit)
    let_one_go(world, away)
    world.clock.advance(minutes=10)
    while plan_due(world.workshop, lambda day, seconds, start: repair(day)):
        world.clock.advance(minutes=1)
    assert world.who_comes(visit) != away


def test_who_was_on_the_way_turns_round(world: World) -> None:
    visit = world.book("Ana Cole", "08:00")
    away = world.who_comes(visit)
    world.settle(world.at("07:50"))
    with world.as_technician(away) as (work, technician):
        leave(work, technician, visit.id)
    let_one_go(world, away)
    assert world.fresh(visit).state is VisitState.BOOKED
    assert world.who_comes(visit) != away


def test_twice_is_once_and_coming_back_ends_the_absence(world: World) -> None:
    for _ in range(2):
        let_one_go(world, "Tom")
    with world.as_office() as work:
        tom = known(world, work, "Tom")
        assert len(list_absences(work.session, tom.id, after=work.now)) == 1
        take_on_again(work, tom)
    world.clock.advance(minutes=1)
    with world.look() as work:
        assert list_absences(work.session, tom.id, after=work.now) == []
        assert [one.name for one in list_technicians(work.session, world.territory.id)] == ["Tom", "Uma"]


def test_nobody_comes_back_with_a_phone_that_is_somebody_elses_now(world: World) -> None:
    phone = world.technicians["Tom"].phone
    let_one_go(world, "Tom")
    with world.as_office() as work:
        territory = work.session.get_one(Territory, world.territory.id)
        a_technician(work, territory, name="Vic", phone=phone)
    with pytest.raises(StateConflict, match="Vic has this phone now"), world.as_office() as work:
        take_on_again(work, known(world, work, "Tom"))
