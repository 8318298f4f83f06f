"""One reminder in the evening before."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatch.bookings.actions import book_for, hold_window
from dispatch.bookings.slots import Request
from dispatch.clock import SetClock
from dispatch.promises.states import Agreed
from dispatch.territories.tables import Territory
from dispatch.work import SYSTEM, Workshop
from notifications.reminders import due_reminders, has_due_reminders, next_reminder_at
from tests.builders import a_customer, an_address, near
from tests.unit.notifications.post import ANA, Post
from tests.worlds import OFFICE, World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock, post: Post) -> World:
    """Ana is promised Tuesday 10:00; it is Monday, nine o'clock, and she has her confirmation."""
    world = a_quiet_town(workshop, clock, "Tom")
    post.agree(ANA)
    clock.at = world.at("09:00")
    _book_tomorrow(world)
    post.send()
    return world


def _book_tomorrow(world: World) -> None:
    with world.workshop.work(OFFICE, "book") as work:
        territory = work.session.get_one(Territory, world.territory.id)
        request = Request(territory=territory, service=world.service, place=near(km_north=1))
        hold = hold_window(work, request, world.at("10:00") + dt.timedelta(days=1))
        address = an_address(work, customer := a_customer(work), territory)
        book_for(work, hold, customer, address, agreed_by=Agreed.CUSTOMER, agreed_how="web")


def remind(world: World) -> int:
    with world.workshop.work(SYSTEM, "reminders") as work:
        return len(due_reminders(work))


def next_at(world: World) -> dt.datetime | None:
    with world.workshop.read() as work:
        return next_reminder_at(work)


def test_a_reminder_comes_at_six_the_evening_before(world: World, post: Post) -> None:
    assert remind(world) == 0
    assert next_at(world) == world.at("18:00")
    world.clock.at = world.at("18:00")
    assert remind(world) == 1
    assert "we come 10:00-12:00 tomorrow" in post.read(ANA)[-1]


def test_it_comes_once(world: World, post: Post) -> None:
    world.clock.at = world.at("18:00")
    assert [remind(world), remind(world)] == [1, 0]
    assert next_at(world) is None


def test_what_the_night_missed_is_caught_up_in_the_morning(world: World, post: Post) -> None:
    world.clock.at = world.at("08:00") + dt.timedelta(days=1)
    assert remind(world) == 1
    assert "we come 10:00-12:00 today" in post.read(ANA)[-1]


def test_once_the_window_began_there_is_nothing_to_remind_of(world: World, post: Post) -> None:
    world.clock.at = world.at("10:00") + dt.timedelta(days=1)
    assert remind(world) == 0


def test_whoever_booked_in_the_evening_knows(workshop: Workshop, clock: SetClock, post: Post) -> None:
    world = a_quiet_town(workshop, clock, "Tom")
    post.agree(ANA)
    clock.at = world.at("18:30")
    _book_tomorrow(world)
    assert remind(world) == 0


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Asia/Kathmandu"])
def test_at_every_hour_there_is_something_due_exactly_when_the_next_one_is(
    world: World, post: Post, zone: str
) -> None:
    with world.workshop.work(SYSTEM, "moved") as work:
        work.session.get_one(Territory, world.territory.id).time_zone = zone
    began = world.clock.at
    due = []
    for hour in range(27):
        world.clock.at = began + dt.timedelta(hours=hour)
        with world.workshop.read() as work:
            at = next_reminder_at(work)
            due.append(has_due_reminders(work))
            assert due[-1] == (at is not None and at <= work.now)
    assert True in due
    assert False in due
