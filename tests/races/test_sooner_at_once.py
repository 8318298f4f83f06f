"""One earlier time and many who want it in the same moment: it goes to one, and no promise is made twice."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from dispatch.bookings.changes import cancel
from dispatch.clock import SetClock
from dispatch.promises.queries import current_promise, list_promises
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.wishes.actions import answer_sooner, wish_sooner
from dispatch.wishes.queries import find_open
from dispatch.wishes.states import SoonerState
from dispatch.work import Actor, Work, Workshop
from notifications.audit import ALL, run_audit
from tests.races.doors import at_once
from tests.worlds import World, one_slow_van


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    """Tom's day is full: Ana, Ben and Cyn, two and a half hours each."""
    return one_slow_van(workshop, clock)


@pytest.fixture
def full(world: World) -> dict[str, Visit]:
    found = {
        name: world.book(name, window, phone=f"+120255501{number}")
        for name, window, number in (("Ana", "08:00", 61), ("Ben", "12:00", 62), ("Cyn", "14:00", 63))
    }
    for name in ("Ben", "Cyn"):
        with world.as_customer(found[name]) as work:
            wish_sooner(work, get_visit(work.session, found[name].id))
    world.settle(world.clock.at)
    with world.as_customer(found["Ana"]) as work:
        cancel(work, get_visit(work.session, found["Ana"].id))
    world.until("07:10")
    return found


def offer_of(world: World, visit: Visit) -> str:
    with world.look() as work:
        offer = find_open(work.session, visit.id)
        assert offer is not None
        return offer.id


def yes(world: World, offer_id: str, how: str) -> SoonerState:
    def act(work: Work) -> SoonerState:
        return answer_sooner(work, offer_id, take=True, how=how).state

    return world.workshop.whole(Actor("customer"), how, act)


def versions(world: World, visit: Visit) -> list[str]:
    with world.look() as work:
        return [f"{promise.start_at:%H:%M}" for promise in list_promises(work.session, visit.id)]


def test_a_tap_and_a_text_in_the_same_moment_are_one_yes(world: World, full: dict[str, Visit]) -> None:
    offer_id = offer_of(world, full["Cyn"])
    answers = at_once(*(partial(yes, world, offer_id, how) for how in ("web", "sms") * 4))
    assert set(answers) == {SoonerState.TAKEN}
    assert versions(world, full["Cyn"]) == ["14:00", "10:00"]
    assert world.facts(full["Cyn"]).count("sooner_settled") == 1


def test_of_two_who_want_the_same_place_one_gets_it(world: World, full: dict[str, Visit]) -> None:
    """Cyn's yes comes too late, in the moment in which Ben, who was asked next, says yes."""
    late = offer_of(world, full["Cyn"])
    world.until("07:41")
    next_one = offer_of(world, full["Ben"])
    answers = at_once(partial(yes, world, late, "sms"), partial(yes, world, next_one, "web"))
    assert Counter(answers) == {SoonerState.TAKEN: 1, SoonerState.GONE: 1}
    with world.look() as work:
        starts = [
            f"{current_promise(work.session, get_visit(work.session, full[name].id)).start_at:%H:%M}"
            for name in ("Ben", "Cyn")
        ]
        assert starts.count("10:00") == 1
        assert run_audit(work, ALL) == []
