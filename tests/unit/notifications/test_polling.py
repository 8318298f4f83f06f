"""A text whose end nobody reports is asked after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from dispatch.callbacks.tables import Callback
from dispatch.visits.tables import Visit
from dispatch.work import SYSTEM
from notifications.channels.port import Report
from notifications.outbox.polling import next_look
from notifications.outbox.queries import share_filtered
from notifications.outbox.reports import hear
from notifications.outbox.states import MessageState
from tests.unit.notifications.post import Post
from tests.worlds import World


@pytest.fixture
def visit(world: World, post: Post) -> Visit:
    """Ana at noon; her confirmation is with the provider, memory-1."""
    visit = world.book("Ana Cole", "12:00")
    post.send()
    return visit


def test_after_a_quarter_of_an_hour_it_is_asked_what_became_of_it(
    world: World, visit: Visit, post: Post
) -> None:
    post.channel.reports["memory-1"] = Report("delivered")
    world.clock.advance(minutes=14, seconds=59)
    post.send()
    assert post.rows()[0].state is MessageState.SENT
    world.clock.advance(seconds=1)
    post.send()
    [row] = post.rows()
    assert (row.state, row.settled_at, row.look_up_at) == (MessageState.DELIVERED, world.clock.at, None)


def test_bad_news_that_nobody_brought_still_makes_a_person_ring(
    world: World, visit: Visit, post: Post
) -> None:
    post.channel.reports["memory-1"] = Report("undelivered", "30006")
    world.clock.advance(minutes=15)
    post.send()
    with world.look() as work:
        assert [call.about for call in work.session.exec(select(Callback))] == ["text_undelivered"]


def test_it_is_asked_ever_more_seldom_and_then_no_more(world: World, visit: Visit, post: Post) -> None:
    asked = []
    while (at := post.rows()[0].look_up_at) is not None:
        asked.append(at - world.at("09:00"))
        world.clock.at = at
        post.send()
    assert [when.total_seconds() / 60 for when in asked] == [15, 30, 60, 120, 240, 480, 960, 1920, 3840]
    assert post.rows()[0].state is MessageState.SENT


def test_a_provider_that_cannot_say_is_asked_again_in_a_minute(
    world: World, visit: Visit, post: Post
) -> None:
    world.clock.advance(minutes=15)
    post.channel.down = True
    post.send()
    assert post.rows()[0].look_up_at == world.clock.at + timedelta(minutes=1)


def test_what_was_reported_is_not_asked_after(world: World, visit: Visit, post: Post) -> None:
    with world.workshop.work(SYSTEM, "hook") as work:
        assert hear(work, post.rows()[0].id, "memory-1", "delivered")
    assert post.rows()[0].look_up_at is None


def test_the_wait_doubles() -> None:
    sent_at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert next_look(sent_at, sent_at + timedelta(minutes=20)) == sent_at + timedelta(minutes=40)
    assert next_look(sent_at, sent_at + timedelta(hours=36)) is None


@pytest.mark.parametrize(("code", "share"), [("30007", 0.5), ("30034", 0.5), ("30006", 0.0)])
def test_texts_that_carriers_hold_back_are_counted_for_ten_minutes(
    world: World, visit: Visit, post: Post, code: str, share: float
) -> None:
    world.book("Ana Cole", "14:00")
    post.send()
    first, second = post.rows()
    with world.workshop.work(SYSTEM, "hook") as work:
        hear(work, first.id, "memory-1", "undelivered", code)
        hear(work, second.id, "memory-2", "delivered")
    with world.look() as work:
        assert share_filtered(work.session, work.now) == share
        assert share_filtered(work.session, work.now + timedelta(minutes=10)) == 0
