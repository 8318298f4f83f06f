"""Whoever wants no more texts keeps every visit, and is rung about each of them."""

from __future__ import annotations

import pytest

from dispatch.callbacks.queries import list_open
from dispatch.clock import SetClock
from dispatch.territories.actions import set_policies
from dispatch.territories.tables import Territory
from dispatch.work import SYSTEM, Workshop
from notifications.consent import withdraw_consent
from tests.unit.notifications.post import ANA, BEN, Post
from tests.worlds import OFFICE, World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock, post: Post) -> World:
    """Tom and Una; Ana and Ben agreed to texts; it is nine o'clock."""
    world = a_quiet_town(workshop, clock, "Tom", "Una")
    post.agree(ANA, BEN)
    clock.at = world.at("09:00")
    return world


def calls(world: World) -> list[tuple[str | None, str, str]]:
    """Which visits somebody rings about, why, and by when on the wall."""
    with world.workshop.read() as work:
        return [
            (call.visit_id, call.about, f"{call.due_at.astimezone(world.territory.zone):%H:%M}")
            for call in list_open(work.session, world.territory.id)
        ]


def withdraw(world: World, phone: str, source: str) -> None:
    with world.workshop.work(SYSTEM, "test") as work:
        withdraw_consent(work, phone, source)


@pytest.mark.parametrize("source", ["sms", "provider", "page", "office"])
def test_each_visit_ahead_is_rung_about_however_it_was_said(world: World, source: str) -> None:
    first, second = world.book("Ana Cole", "12:00"), world.book("Ana Cole", "14:00")
    world.book("Ben Diaz", "12:00", phone=BEN)
    withdraw(world, ANA, source)
    assert sorted(calls(world)) == sorted(
        [(first.id, "text_opted_out", "09:20"), (second.id, "text_opted_out", "09:20")]
    )


def test_cancel_alone_is_one_call_about_both_questions(world: World, post: Post) -> None:
    visit, other = world.book("Ana Cole", "12:00"), world.book("Ana Cole", "14:00")
    post.write(ANA, "CANCEL")
    about = {visit_id: about for visit_id, about, _ in calls(world)}
    assert about == {visit.id: "text_may_cancel", other.id: "text_opted_out"}


def test_nobody_is_rung_at_night(world: World) -> None:
    world.clock.at = world.at("05:00")
    visit = world.book("Ana Cole", "12:00")
    withdraw(world, ANA, "sms")
    assert calls(world) == [(visit.id, "text_opted_out", "07:20")]


def test_two_hours_before_the_next_text_is_early_enough_and_later_is_not(world: World) -> None:
    """The next text would be the one at noon, when the window begins; the office usually takes half a day."""
    with world.workshop.work(OFFICE, "set up") as work:
        set_policies(
            work, work.session.get_one(Territory, world.territory.id), {"callback_seconds": 6 * 3600}
        )
    visit = world.book("Ana Cole", "12:00")
    withdraw(world, ANA, "sms")
    assert calls(world) == [(visit.id, "text_opted_out", "10:00")]


def test_start_spares_the_call_and_what_is_cancelled_needs_none(world: World, post: Post) -> None:
    world.book("Ana Cole", "12:00")
    post.write(ANA, "STOP")
    assert len(calls(world)) == 1
    world.clock.advance(minutes=2)
    post.write(ANA, "START")
    assert calls(world) == []


def test_a_call_that_was_made_is_not_asked_for_again_by_the_same_stop(world: World, post: Post) -> None:
    world.book("Ana Cole", "12:00")
    post.write(ANA, "STOP")
    world.clock.advance(minutes=1)
    post.write(ANA, "stop")
    assert len(calls(world)) == 1
