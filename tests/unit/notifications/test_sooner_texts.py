"""An earlier time by text: who is asked, what a digit does, and who is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import Engine

from dispatch.bookings.changes import cancel
from dispatch.callbacks.queries import list_for_visit as calls_about
from dispatch.chance import Chance
from dispatch.clock import SetClock
from dispatch.promises.queries import current_promise
from dispatch.travel.straight import StraightLine
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.wishes.actions import wish_sooner
from dispatch.wishes.queries import find_open, list_for_visit
from dispatch.work import Reaction, Workshop
from notifications.asking import when_to_ask
from notifications.outbox.states import MessageState
from tests.unit.notifications.post import ANA, BEN, Post
from tests.worlds import World, one_slow_van

A_DAY = timedelta(days=1)
CYN, LANDLINE = "+12025550163", "+493023125000"


@pytest.fixture
def workshop(engine: Engine, clock: SetClock, reactions: Sequence[Reaction]) -> Workshop:
    """One that asks nobody by night, too often, or against their will."""
    return Workshop(
        engine, clock, Chance(Random(7)), StraightLine(), reactions=reactions, when_to_ask=when_to_ask
    )


@pytest.fixture
def world(workshop: Workshop, clock: SetClock, post: Post) -> World:
    """Tom alone at eight, with work of two and a half hours; Ben and Cyn agreed to texts."""
    clock.at = clock.at.replace(hour=6)
    world = one_slow_van(workshop, clock)
    post.agree(BEN, CYN)
    return world


@pytest.fixture
def full(world: World, post: Post) -> dict[str, Visit]:
    """A full day: Ana at eight, Ben and Cyn after her."""
    visits = {
        name: world.book(name, window, phone=phone)
        for name, window, phone in (("Ana", "08:00", ANA), ("Ben", "12:00", BEN), ("Cyn", "14:00", CYN))
    }
    post.send()
    world.until("08:00")
    return visits


def wish(world: World, *visits: Visit) -> None:
    for visit in visits:
        with world.as_customer(visit) as work:
            wish_sooner(work, get_visit(work.session, visit.id))
    world.settle(world.clock.at)


def free_the_morning(world: World, visit: Visit) -> None:
    with world.as_customer(visit) as work:
        cancel(work, get_visit(work.session, visit.id))


def start_of(world: World, visit: Visit) -> str:
    with world.look() as work:
        return f"{current_promise(work.session, get_visit(work.session, visit.id)).start_at:%H:%M}"


def test_the_text_names_the_time_the_person_and_until_when(
    world: World, full: dict[str, Visit], post: Post
) -> None:
    wish(world, full["Cyn"])
    free_the_morning(world, full["Ana"])
    world.until("08:10")
    (text,) = [body for body in post.read(CYN) if "come free" in body]
    assert text.startswith(
        "Alder Repairs: a time has come free. Tom can come 10:00-12:00 today, instead of 14:00-16:00 today. "
        "Reply 1 to take it, 2 to keep your time, by 08:40: https://texts.example/v/"
    )


def test_a_one_moves_the_visit_and_says_so(world: World, full: dict[str, Visit], post: Post) -> None:
    wish(world, full["Cyn"])
    free_the_morning(world, full["Ana"])
    world.until("08:10")
    post.read(CYN)
    assert post.write(CYN, "1").effect == "earlier time: taken"
    assert start_of(world, full["Cyn"]) == "10:00"
    world.until("08:12")
    assert "We now come Mon 2 Mar, 10:00-12:00" in post.read(CYN)[-1]


def test_a_two_keeps_it_and_the_next_one_is_asked(world: World, full: dict[str, Visit], post: Post) -> None:
    wish(world, full["Ben"], full["Cyn"])
    free_the_morning(world, full["Ana"])
    world.until("08:10")
    post.read(CYN)
    assert post.write(CYN, "2").effect == "earlier time: declined"
    assert "We come Mon 2 Mar, 14:00-16:00, as promised" in post.read(CYN)[-1]
    world.until("08:11")
    assert "10:00-12:00 today, instead of 12:00-14:00 today" in post.read(BEN)[-1]


def test_a_one_that_comes_too_late_is_answered(world: World, full: dict[str, Visit], post: Post) -> None:
    wish(world, full["Ben"], full["Cyn"])
    free_the_morning(world, full["Ana"])
    world.until("08:10")
    post.read(CYN)
    world.until("08:41")
    assert post.write(CYN, "1").effect == "earlier time: gone"
    assert "that time has gone in the meantime. We come Mon 2 Mar, 14:00-16:00" in post.read(CYN)[-1]
    assert start_of(world, full["Cyn"]) == "14:00"


def test_whoever_said_stop_is_not_asked_and_keeps_nobody_waiting(
    world: World, full: dict[str, Visit], post: Post
) -> None:
    wish(world, full["Ben"], full["Cyn"])
    post.write(CYN, "STOP")
    free_the_morning(world, full["Ana"])
    world.until("08:10")
    with world.look() as work:
        assert find_open(work.session, full["Cyn"].id) is None
        assert find_open(work.session, full["Ben"].id) is not None


@pytest.mark.parametrize("phone", [LANDLINE, "+12025550165"])
def test_who_has_no_texts_is_not_asked(world: World, full: dict[str, Visit], post: Post, phone: str) -> None:
    """A landline, and a mobile phone whose owner never agreed."""
    if phone == LANDLINE:
        post.agree(LANDLINE)
    dee = world.book("Dee", "08:00", days=1, phone=phone)
    wish(world, dee)
    free_the_morning(world, full["Ana"])
    world.until("08:30")
    with world.look() as work:
        assert list_for_visit(work.session, dee.id) == []


def test_by_night_nobody_is_asked_and_nothing_is_kept(world: World, full: dict[str, Visit]) -> None:
    eve = world.book("Eve", "08:00", days=1)
    world.book("Fay", "12:00", days=1)
    gus = world.book("Gus", "14:00", days=1, phone=BEN)
    world.settle(world.at("21:30"))
    wish(world, gus)
    free_the_morning(world, eve)
    world.settle(world.at("23:00"))
    with world.look() as work:
        assert list_for_visit(work.session, gus.id) == []
    world.settle(world.at("08:00") + A_DAY)
    with world.look() as work:
        offer = find_open(work.session, gus.id)
        assert offer is not None
        assert f"{offer.start_at:%H:%M}" == "10:00"


def test_people_are_asked_by_day_alone(world: World, full: dict[str, Visit], post: Post) -> None:
    with world.look() as work:
        cyn = get_visit(work.session, full["Cyn"].id)
        assert when_to_ask(work, cyn) == work.now
    world.clock.at = world.at("20:59")
    with world.look() as work:
        assert when_to_ask(work, cyn) == work.now
    world.clock.at = world.at("21:00")
    with world.look() as work:
        assert when_to_ask(work, cyn) == world.at("08:00") + A_DAY


def test_a_question_that_cannot_go_out_in_time_is_nobodys_task(
    world: World, full: dict[str, Visit], post: Post
) -> None:
    wish(world, full["Cyn"])
    free_the_morning(world, full["Ana"])
    world.until("08:10")
    world.until("08:41")  # no text went out in all that time, and the offer is over
    post.send()
    (row,) = post.rows("sooner_offer")
    assert (row.state, row.reason) == (MessageState.SUPPRESSED, "too_late")
    with world.look() as work:
        assert calls_about(work.session, full["Cyn"].id) == []
