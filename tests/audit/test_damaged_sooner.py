"""Earlier times, broken on purpose around the application: that invariant fires, and no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dispatch.bookings.changes import cancel
from dispatch.clock import SetClock
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.wishes.actions import answer_sooner, wish_sooner
from dispatch.wishes.queries import find_open
from dispatch.work import Workshop
from tests.audit.damage import Damaged
from tests.audit.town import Town
from tests.builders import near
from tests.worlds import one_slow_van


@pytest.fixture
def town(workshop: Workshop, clock: SetClock) -> Town:
    """Ana and Ben called off; Cyn came up sooner for it, and Dee is being asked."""
    world = one_slow_van(workshop, clock)

    def book(name: str, window: str, number: int, days: int = 0) -> Visit:
        return world.book(name, window, days=days, place=near(km_north=1), phone=f"+120255501{number}")

    names = (("Ana", "08:00", 0), ("Ben", "12:00", 0), ("Cyn", "14:00", 0), ("Dee", "08:00", 1))
    visits = {name: book(name, at, 61 + number, days) for number, (name, at, days) in enumerate(names)}
    for name in ("Cyn", "Dee"):
        with world.as_customer(visits[name]) as work:
            wish_sooner(work, get_visit(work.session, visits[name].id))
    world.settle(clock.at)
    for name, after in (("Ana", "07:15"), ("Ben", "07:27")):
        with world.as_customer(visits[name]) as work:
            cancel(work, get_visit(work.session, visits[name].id))
        world.until(after)
        with world.as_customer(visits["Cyn"]) as work:
            offer = find_open(work.session, visits["Cyn"].id)
            if offer:
                answer_sooner(work, offer.id, take=True, how="web")
    return Town(world, visits={name: visit.id for name, visit in visits.items()})


@pytest.fixture
def copy(town: Town) -> Iterator[Damaged]:
    with town.workshop.engine.connect() as connection:
        transaction = connection.begin()
        yield Damaged(connection, town)
        transaction.rollback()


def offer_in(copy: Damaged, state: str) -> str:
    id: str = copy.ask("SELECT id FROM sooner_offers WHERE state = :state", state=state)
    return id


def test_all_is_well(copy: Damaged) -> None:
    assert [offer_in(copy, state) for state in ("taken", "open")]
    assert copy.audit() == []


def test_one_that_can_be_taken_for_ever(copy: Damaged) -> None:
    copy.run(
        "UPDATE sooner_offers SET expires_at = offered_at, offered_at = :long_ago WHERE id = :id",
        id=offer_in(copy, "open"),
        long_ago=copy.at(copy.town.world.at("07:00")),
    )
    copy.only("I-54", offer_in(copy, "open"))


def test_one_that_is_kept_for_a_shorter_time_than_was_said(copy: Damaged) -> None:
    copy.run(
        "UPDATE sooner_offers SET expires_at = :later WHERE id = :id",
        id=offer_in(copy, "open"),
        later=copy.at(copy.town.world.at("12:00")),
    )
    copy.only("I-54", offer_in(copy, "open"))


def test_one_that_became_another_window(copy: Damaged) -> None:
    taken = offer_in(copy, "taken")
    copy.run(
        "UPDATE sooner_offers SET end_at = :later WHERE id = :id",
        id=taken,
        later=copy.at(copy.town.world.at("15:00")),
    )
    copy.only("I-54", taken)


def test_one_that_was_taken_and_its_customer_waits_on(copy: Damaged) -> None:
    copy.run("UPDATE wishes SET ended_at = NULL WHERE ended_how = 'granted'")
    copy.only("I-54", offer_in(copy, "taken"))


def test_one_that_was_taken_and_promised_nothing(copy: Damaged) -> None:
    taken = offer_in(copy, "taken")
    copy.run("UPDATE sooner_offers SET promise_version = 7 WHERE id = :id", id=taken)
    copy.only("I-54", taken)
