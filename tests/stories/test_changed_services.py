"""A service takes longer from now on: what was promised, held or booked before keeps what it was made with."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatch.bookings.actions import book_for, hold_window, request_of, wanted_for
from dispatch.bookings.slots import Request
from dispatch.clock import SetClock
from dispatch.errors import Invalid
from dispatch.ledger import since
from dispatch.promises.states import Agreed
from dispatch.services.actions import change_service
from dispatch.services.tables import Service
from dispatch.work import Workshop
from tests.builders import a_customer, an_address, near
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom", "Uma")


def change(world: World, **values: object) -> bool:
    with world.as_office() as work:
        return change_service(work, work.session.get_one(Service, world.service.id), **values)


def test_a_booked_visit_keeps_its_length_and_skills(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    assert change(world, duration_seconds=5400, skills={"fiber": 1}, parts={"router": 1})
    kept = world.fresh(visit)
    assert (kept.duration_seconds, kept.skills, kept.parts) == (2700, {}, {})
    with world.look() as work:
        request, start_at = request_of(work, kept), world.at("12:00")
        end_at = start_at + dt.timedelta(hours=2)
        wanted = wanted_for(request, start_at.date(), start_at=start_at, end_at=end_at)
    assert (wanted.duration_seconds, wanted.skills, wanted.parts) == (2700, {}, {})


def test_a_held_time_is_booked_as_it_was_held(world: World) -> None:
    """The caller still spells the address while somebody else changes the service."""
    with world.as_office() as work:
        request = Request(territory=world.territory, service=world.service, place=near(km_north=1))
        hold = hold_window(work, request, world.at("10:00"))
    change(world, duration_seconds=5400, skills={"fiber": 1})
    with world.as_office() as work:
        customer = a_customer(work)
        address = an_address(work, customer, world.territory)
        hold = work.session.merge(hold)
        visit = book_for(work, hold, customer, address, agreed_by=Agreed.CUSTOMER, agreed_how="web")
    assert (visit.duration_seconds, visit.skills) == (2700, {})


def test_the_fact_names_what_changed_and_nothing_is_no_fact(world: World) -> None:
    assert change(world, name="Repair", duration_seconds=3000, spread_seconds=600)
    assert not change(world, name="Repair", duration_seconds=3000)
    with world.look() as work:
        told = [entry for entry in since(work.session, 0, limit=100) if entry.kind == "service_changed"]
    assert [entry.data["changed"] for entry in told] == [["duration_seconds"]]


@pytest.mark.parametrize("values", [{"duration_seconds": 59}, {"window_seconds": 1}, {"name": " "}])
def test_what_cannot_be_is_refused(world: World, values: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        change(world, **values)
