"""All senders share one switch and one pace; nobody gets more texts than anybody would bear."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dispatch.clock import SetClock
from dispatch.errors import Invalid, StateConflict
from dispatch.ledger import since
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.work import SYSTEM, Workshop
from notifications.channels.memory import Memory
from notifications.channels.port import Outbound, Pace, Sent
from notifications.messages import RATE
from notifications.outbox.actions import send_due
from notifications.outbox.lane import free_again, get_lane, start_sending, stop_sending
from notifications.outbox.queueing import queue, to_customer
from notifications.outbox.states import MessageState
from tests.unit.notifications.post import ANA, BEN, Post
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock, post: Post) -> World:
    """Tom, and Ana and Ben who agreed to texts; it is nine o'clock."""
    world = a_quiet_town(workshop, clock, "Tom")
    post.agree(ANA, BEN)
    clock.at = world.at("09:00")
    return world


@pytest.fixture
def visit(world: World) -> Visit:
    """Ana at noon; her confirmation waits in the outbox."""
    return world.book("Ana Cole", "12:00")


def stop(world: World, why: str = "wrong texts go out") -> None:
    with world.as_office() as work:
        stop_sending(work, why)


def start(world: World) -> None:
    with world.as_office() as work:
        start_sending(work)


# --- the switch --------------------------------------------------------------------------------------------


def test_stopped_means_that_nothing_goes_out_until_somebody_starts_it(
    world: World, visit: Visit, post: Post
) -> None:
    stop(world)
    world.clock.advance(minutes=5)
    assert post.send() == 0
    assert post.rows()[0].state is MessageState.PENDING
    start(world)
    assert post.send() == 1
    with world.look() as work:
        assert [entry.kind for entry in since(work.session, 0, limit=100) if "sending" in entry.kind] == [
            "sending_stopped",
            "sending_started",
        ]


def test_what_stays_stopped_until_its_deadline_goes_to_a_person(
    world: World, visit: Visit, post: Post
) -> None:
    stop(world)
    world.clock.advance(minutes=10)
    assert post.send() == 0
    assert (post.rows()[0].state, post.rows()[0].reason) == (MessageState.HANDED_OVER, "too_late")


class StoppedBetween(Memory):
    """While the first text goes out, the office stops everything."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def send(self, text: Outbound) -> Sent:
        sent = super().send(text)
        stop(self.world)
        return sent


def test_the_switch_is_heard_between_two_texts_of_one_batch(world: World, visit: Visit, post: Post) -> None:
    world.book("Ben Ode", "14:00", phone=BEN)
    post.channel = StoppedBetween(world)
    assert post.send() == 1
    assert [text.to for text in post.channel.texts] == [ANA]
    start(world)
    world.clock.advance(seconds=1)
    assert post.read(BEN)


def test_the_switch_says_who_and_why_and_is_turned_once(world: World) -> None:
    with pytest.raises(Invalid):
        stop(world, "  ")
    stop(world)
    with pytest.raises(StateConflict):
        stop(world)
    with world.look() as work:
        lane = get_lane(work.session)
        assert (lane.stopped_at, lane.why) == (world.clock.at, "wrong texts go out")
        assert lane.stopped_by == f"dispatcher:{world.dispatchers[0].id}"
    start(world)
    with pytest.raises(StateConflict):
        start(world)


# --- the pace --------------------------------------------------------------------------------------------------


def paced(segments_per_second: float, segments_per_day: int = 0) -> Memory:
    channel = Memory()
    channel.pace = Pace(segments_per_second, segments_per_day)
    return channel


def every_second(world: World, post: Post, seconds: int, channel: Memory, processes: int = 1) -> list[int]:
    """How many texts were accepted in each of so many seconds, by processes that all look once a second."""
    accepted = []
    for _ in range(seconds):
        accepted.append(sum(send_due(world.workshop, channel, post.writer) for _ in range(processes)))
        world.clock.advance(seconds=1)
    return accepted


def test_two_processes_share_one_sender_and_keep_its_pace(world: World, visit: Visit, post: Post) -> None:
    """Four confirmations; the first to each phone has two segments, the others one: a segment a second."""
    for hour in ("12:00", "14:00", "16:00"):
        world.book("Ben Ode", hour, phone=BEN)
    channel = paced(1)
    assert every_second(world, post, 8, channel, processes=2) == [1, 0, 1, 0, 1, 1, 0, 0]
    assert len(channel.read(ANA)) == 1
    assert len(channel.read(BEN)) == 3


def test_what_presses_most_goes_first_whenever_it_was_written(world: World, visit: Visit, post: Post) -> None:
    with world.workshop.work(SYSTEM, "test") as work:
        known = get_visit(work.session, visit.id)
        queue(work, RATE, to_customer(work, known), visit=known)  # an hour is soon enough
    world.clock.advance(minutes=5)
    world.book("Ben Ode", "14:00", phone=BEN)
    channel = paced(0.5)
    every_second(world, post, 12, channel)
    assert [text.to for text in channel.texts] == [ANA, BEN, ANA]


def test_a_sender_catches_up_a_little_and_never_a_lot() -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert free_again(None, now, 2, 1) == now + timedelta(seconds=2)
    assert free_again(now + timedelta(seconds=1), now, 2, 1) == now + timedelta(seconds=3)
    assert free_again(now - timedelta(seconds=1), now, 2, 1) == now + timedelta(seconds=1)
    assert free_again(now - timedelta(hours=1), now, 2, 1) == now


def test_with_the_last_segment_of_a_day_sending_stops_for_a_person_to_look(
    world: World, visit: Visit, post: Post
) -> None:
    world.book("Ben Ode", "14:00", phone=BEN)
    channel = paced(1, segments_per_day=3)
    every_second(world, post, 10, channel)
    with world.look() as work:
        lane = get_lane(work.session)
        assert (lane.day_segments, lane.why) == (4, "4 segments today, as many as a day may have")
    assert len(channel.texts) == 1  # the other was in hand, and was not sent either
    start(world)
    every_second(world, post, 5, channel)
    assert len(channel.texts) == 2
    with world.look() as work:
        assert get_lane(work.session).day_segments == 2


def test_every_day_begins_to_count_anew(world: World, visit: Visit, post: Post) -> None:
    channel = paced(1, segments_per_day=3)
    every_second(world, post, 1, channel)
    world.clock.advance(days=1)
    say(world, visit, 1)
    every_second(world, post, 1, channel)
    with world.look() as work:
        assert get_lane(work.session).day_segments == 1


# --- enough is enough ----------------------------------------------------------------------------------------


def say(world: World, visit: Visit, *rounds: int) -> None:
    """So many texts about a visit, none of which makes another idle."""
    with world.workshop.work(SYSTEM, "test") as work:
        known = get_visit(work.session, visit.id)
        for round in rounds:
            queue(work, RATE, to_customer(work, known), visit=known, round=round)


def test_after_three_texts_about_a_visit_in_an_hour_a_person_speaks(
    world: World, visit: Visit, post: Post
) -> None:
    say(world, visit, 1, 2, 3)
    assert post.send() == 3
    assert (post.rows()[-1].state, post.rows()[-1].reason) == (MessageState.SUPPRESSED, "enough_this_hour")
    world.clock.advance(hours=1)
    say(world, visit, 4)
    assert post.send() == 1


def test_after_eight_texts_in_a_day_a_person_speaks(world: World, visit: Visit, post: Post) -> None:
    post.send()
    for round in range(1, 9):
        world.clock.advance(minutes=30)
        say(world, visit, round)
        post.send()
    assert post.rows()[-1].reason == "enough_today"
    assert [row.state for row in post.rows()].count(MessageState.SENT) == 8
    world.clock.advance(days=1)
    say(world, visit, 9)
    assert post.send() == 1


def test_answers_to_what_somebody_writes_are_not_counted(world: World, visit: Visit, post: Post) -> None:
    for _ in range(4):
        post.write(ANA, "HELP")
        post.send()
        world.clock.advance(minutes=11)
    say(world, visit, 1, 2)
    post.send()
    assert {row.state for row in post.rows()} == {MessageState.SENT}
