"""From a row to a text: once, in time, or in a person's hands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from dispatch.bookings.changes import cancel, undo_cancel
from dispatch.callbacks.tables import Callback
from dispatch.clock import SetClock
from dispatch.ledger import history
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.work import SYSTEM, Actor, Workshop
from notifications.channels.memory import Memory, Text
from notifications.channels.port import Logged, Misconfigured, Never, Outbound, Sent, TryLater, Unclear
from notifications.channels.silent import NoChannel
from notifications.consent import OUT, consent_state, withdraw_consent
from notifications.messages import INBOX_ACK, VISIT_MOVED
from notifications.outbox.actions import send_due
from notifications.outbox.claiming import claim
from notifications.outbox.queries import count_waiting, list_attempts, next_due
from notifications.outbox.queueing import queue, to_customer
from notifications.outbox.reports import hear
from notifications.outbox.sending import Result, settle
from notifications.outbox.states import MessageState, Outcome
from notifications.outbox.tables import Message, StatusReport
from tests.unit.notifications.post import ANA, Post
from tests.worlds import World


@pytest.fixture
def visit(world: World) -> Visit:
    """Ana at noon; her confirmation waits in the outbox."""
    return world.book("Ana Cole", "12:00")


def callbacks(world: World) -> list[tuple[str, str]]:
    with world.workshop.read() as work:
        return [(call.about, call.phone) for call in work.session.exec(select(Callback))]


def attempts(world: World, message_id: str) -> list[Outcome | None]:
    with world.workshop.read() as work:
        return [one.outcome for one in list_attempts(work.session, message_id)]


# --- once -------------------------------------------------------------------------------------------


def test_the_same_thing_is_told_once(world: World, visit: Visit, post: Post) -> None:
    with world.workshop.work(SYSTEM, "test") as work:
        again = get_visit(work.session, visit.id)
        rows = [queue(work, VISIT_MOVED, to_customer(work, again), visit=again) for _ in range(2)]
        assert rows[0].id == rows[1].id
    assert [row.purpose for row in post.rows()] == ["booking_confirmed", "visit_moved"]


def test_a_sent_text_is_not_sent_again(world: World, visit: Visit, post: Post) -> None:
    assert (post.send(), post.send()) == (1, 0)
    [row] = post.rows()
    assert (row.state, row.provider_sid) == (MessageState.SENT, "memory-1")
    assert row.sent_at == world.clock.at


def test_of_two_who_claim_only_one_gets_it(world: World, visit: Visit, post: Post) -> None:
    with world.workshop.work(SYSTEM, "first") as work:
        assert len(claim(work, post.writer)) == 1
    with world.workshop.work(SYSTEM, "second") as work:
        assert claim(work, post.writer) == []


class Watchful(Memory):
    """Looks into the database at the moment of the call."""

    def __init__(self, workshop: Workshop) -> None:
        super().__init__()
        self.workshop = workshop
        self.seen: list[tuple[MessageState, Outcome | None]] = []

    def send(self, text: Outbound) -> Sent:
        with self.workshop.read() as work:
            [attempt] = list_attempts(work.session, text.message_id)
            self.seen.append((work.session.get_one(Message, text.message_id).state, attempt.outcome))
        return super().send(text)


def test_the_attempt_is_written_down_before_the_call(world: World, visit: Visit, post: Post) -> None:
    channel = Watchful(world.workshop)
    assert send_due(world.workshop, channel, post.writer) == 1
    assert channel.seen == [(MessageState.SENDING, None)]


class Slow(Memory):
    """Before the text goes out, its owner says stop."""

    def __init__(self, post: Post) -> None:
        super().__init__()
        self.post = post

    def send(self, text: Outbound) -> Sent:
        sent = super().send(text)
        self.post.write(ANA, "STOP")
        return sent


def test_a_stop_between_claiming_and_calling_is_heard(world: World, visit: Visit, post: Post) -> None:
    world.book("Ana Cole", "14:00")
    channel = Slow(post)
    send_due(world.workshop, channel, post.writer)
    world.clock.advance(seconds=1)
    send_due(world.workshop, channel, post.writer)
    assert [text.split(":")[1].split(".")[0] for text in channel.read(ANA)] == [
        " booked",
        " you get no more texts from us",
    ]
    assert {row.state for row in post.rows("booking_confirmed")} == {
        MessageState.SENT,
        MessageState.SUPPRESSED,
    }


def test_a_lost_lease_writes_nothing(world: World, visit: Visit, post: Post) -> None:
    with world.workshop.work(SYSTEM, "claim") as work:
        [claimed] = claim(work, post.writer)
    world.clock.advance(seconds=61)
    post.send()  # the sender counts as lost
    with world.workshop.work(SYSTEM, "late") as work:
        assert not settle(work, claimed, Result(Outcome.ACCEPTED, "late-sid"))
    assert attempts(world, claimed.message_id) == [Outcome.UNKNOWN]


def test_the_ledger_knows_what_was_queued_and_what_came_of_it(visit: Visit, world: World, post: Post) -> None:
    post.send()
    with world.workshop.read() as work:
        kinds = [entry.kind for entry in history(work.session, visit.id)]
    assert kinds[-2:] == ["message_queued", "message_settled"]


# --- when the provider says no, or nothing ----------------------------------------------------------


def test_later_means_again_a_little_later(world: World, visit: Visit, post: Post) -> None:
    post.channel.script = [TryLater("busy"), TryLater("busy", 30)]
    assert post.send() == 0
    assert post.rows()[0].send_after_at == world.clock.at + timedelta(seconds=1)
    world.clock.advance(seconds=1)
    assert post.send() == 0
    assert post.rows()[0].send_after_at == world.clock.at + timedelta(seconds=30)
    world.clock.advance(seconds=30)
    assert post.send() == 1
    assert attempts(world, post.rows()[0].id) == [
        Outcome.NOT_ACCEPTED,
        Outcome.NOT_ACCEPTED,
        Outcome.ACCEPTED,
    ]


def test_while_it_is_down_only_one_text_is_tried(world: World, visit: Visit, post: Post) -> None:
    world.book("Ben Ode", "14:00", phone=ANA)
    post.channel.down = True
    post.send()
    assert post.channel.calls == 1
    assert {row.state for row in post.rows()} == {MessageState.PENDING}


def test_never_goes_to_a_person(world: World, visit: Visit, post: Post) -> None:
    post.channel.script = [Never("21614")]
    post.send()
    [row] = post.rows()
    assert (row.state, row.reason) == (MessageState.HANDED_OVER, "rejected:21614")
    assert callbacks(world) == [("text_rejected:21614", ANA)]


def test_what_the_provider_knows_about_stop_is_believed(world: World, visit: Visit, post: Post) -> None:
    post.channel.script = [Never("21610")]
    post.send()
    with world.workshop.read() as work:
        assert consent_state(work, ANA) == OUT
    assert post.rows()[0].reason == "opted_out"


def test_a_lost_answer_is_looked_for_and_not_sent_again(world: World, visit: Visit, post: Post) -> None:
    post.channel.script, post.channel.accepts_unclear = [Unclear("timed out")], True
    post.send()
    assert post.rows()[0].state is MessageState.UNKNOWN
    world.clock.advance(seconds=59)
    post.send()
    assert post.rows()[0].state is MessageState.UNKNOWN
    world.clock.advance(seconds=1)
    post.send()
    assert (post.rows()[0].state, post.rows()[0].provider_sid) == (MessageState.SENT, "memory-1")
    assert len(post.channel.read(ANA)) == 1


def test_only_after_two_clean_looks_is_it_sent_again(world: World, visit: Visit, post: Post) -> None:
    post.channel.script = [Unclear("timed out")]
    post.send()
    world.clock.advance(seconds=60)
    post.send()
    assert post.channel.calls == 1
    world.clock.advance(seconds=60)
    post.send()
    world.clock.advance(seconds=1)
    assert post.send() == 1
    assert attempts(world, post.rows()[0].id) == [Outcome.NOT_ACCEPTED, Outcome.ACCEPTED]


def test_a_text_with_the_same_words_that_another_row_sent_is_not_taken_for_ours(
    world: World, visit: Visit, post: Post
) -> None:
    """START twice: two answers in the same words; the second one never arrived."""
    post.send()
    for script in ([], [Unclear("timed out")]):
        post.channel.script = list(script)
        post.write(ANA, "START")
        post.send()
        world.clock.advance(seconds=1)
    first, second = post.rows("start_confirm")
    assert (first.state, second.state) == (MessageState.SENT, MessageState.UNKNOWN)
    for _ in range(2):
        world.clock.advance(seconds=60)
        post.send()
    world.clock.advance(seconds=1)
    post.send()
    assert len({row.provider_sid for row in post.rows("start_confirm")}) == 2
    assert attempts(world, second.id) == [Outcome.NOT_ACCEPTED, Outcome.ACCEPTED]


def test_while_the_log_has_a_text_that_nobody_knows_nothing_is_sent_again(
    world: World, visit: Visit, post: Post
) -> None:
    """A provider that changes what it logs: it may well be ours. In the end a person has it."""
    post.channel.script = [Unclear("timed out")]
    post.send()
    post.channel.texts.append(Text(ANA, "Sent from a trial account - Alder Rep...", "", "somebody's"))
    for _ in range(9):
        world.clock.advance(minutes=1)
        post.send()
        assert post.rows()[0].state is MessageState.UNKNOWN
    world.clock.advance(minutes=1)
    post.send()
    assert post.rows()[0].reason == "unsure"
    assert post.channel.calls == 1


def test_settings_that_are_refused_stop_all_texts_and_lose_none(
    world: World, visit: Visit, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    world.book("Ben Ode", "14:00", phone=ANA)
    post.channel.script = [Misconfigured("20003: who are you?")] * 2
    for _ in range(60):
        assert post.send() == 0
        world.clock.advance(seconds=1)
    assert post.channel.calls == 1
    assert "no text goes out, memory refuses our settings: 20003" in caplog.text
    assert {row.state for row in post.rows()} == {MessageState.PENDING}
    assert post.send() == 0
    assert post.channel.calls == 2
    world.clock.advance(seconds=60)
    assert post.send() == 2


def test_who_waits_behind_a_slow_provider_is_not_sent_when_somebody_may_think_it_lost(
    world: World, visit: Visit, post: Post
) -> None:
    world.book("Ben Ode", "14:00", phone=ANA)
    channel = Dawdling(world.clock)
    assert send_due(world.workshop, channel, post.writer) == 1
    world.clock.advance(seconds=1)
    assert send_due(world.workshop, channel, post.writer) == 1
    assert sorted(len(attempts(world, row.id)) for row in post.rows()) == [1, 2]
    assert len(channel.read(ANA)) == 2


class Dawdling(Memory):
    """Needs 21 seconds for every text."""

    def __init__(self, clock: SetClock) -> None:
        super().__init__()
        self.clock = clock

    def send(self, text: Outbound) -> Sent:
        self.clock.advance(seconds=21)
        return super().send(text)


def test_no_text_may_be_delivered_when_it_is_of_no_more_use(
    world: World, clock: SetClock, visit: Visit, post: Post
) -> None:
    """Ten minutes for a confirmation; nine of fifteen for a change, as the evening ends before."""
    with world.workshop.work(SYSTEM, "claim") as work:
        [one] = claim(work, post.writer)
    assert one.validity_seconds == 600
    clock.at = world.at("20:50")
    with world.workshop.work(SYSTEM, "claim") as work:
        again = get_visit(work.session, visit.id)
        queue(work, VISIT_MOVED, to_customer(work, again), visit=again)
    clock.advance(minutes=1)
    with world.workshop.work(SYSTEM, "claim") as work:
        [other] = claim(work, post.writer)
    assert other.validity_seconds == 540


def test_a_log_that_says_nothing_is_not_asked_every_second(world: World, visit: Visit, post: Post) -> None:
    class Mute(Memory):
        looks = 0

        def log(self, to: str, since: datetime) -> Sequence[Logged]:
            self.looks += 1
            raise TryLater("not now")

    channel = Mute()
    channel.script = [Unclear("timed out")]
    for _ in range(120):
        send_due(world.workshop, channel, post.writer)
        world.clock.advance(seconds=1)
    assert channel.looks == 4  # at 60, 75, 90 and 105 s


def test_still_unknown_at_the_deadline_a_person_has_it_and_nothing_is_sent(
    world: World, visit: Visit, post: Post
) -> None:
    post.channel.script = [Unclear("timed out")]
    post.send()
    post.channel.down = True  # nobody can look
    world.clock.advance(minutes=10)
    post.send()
    assert (post.rows()[0].state, post.rows()[0].reason) == (MessageState.HANDED_OVER, "unsure")
    post.channel.down = False
    world.clock.advance(minutes=10)
    assert post.send() == 0
    assert callbacks(world) == [("text_unsure", ANA)]


def test_at_its_deadline_a_person_has_it(world: World, visit: Visit, post: Post) -> None:
    post.channel.down = True
    for _ in range(11):
        post.send()
        world.clock.advance(minutes=1)
    [row] = post.rows()
    assert (row.state, row.reason) == (MessageState.HANDED_OVER, "too_late")
    assert callbacks(world) == [("text_too_late", ANA)]
    assert post.rows("callback_promised") == []


def test_without_a_provider_the_rows_stay_and_nothing_is_sent(world: World, visit: Visit, post: Post) -> None:
    world.clock.advance(hours=1)
    assert send_due(world.workshop, NoChannel(), post.writer) == 0
    with world.workshop.read() as work:
        assert count_waiting(work.session) == 1
    assert post.rows()[0].state is MessageState.PENDING


# --- who may be texted, and when ----------------------------------------------------------------------


def test_without_consent_a_person_rings_instead(world: World, post: Post) -> None:
    world.book("Ben Ode", "14:00", phone="+12025550199")
    assert post.send() == 0
    [row] = post.rows()
    assert (row.state, row.reason) == (MessageState.SUPPRESSED, "no_consent")
    assert callbacks(world) == [("text_no_consent", "+12025550199")]


def test_a_stop_between_queueing_and_claiming_is_heard(world: World, visit: Visit, post: Post) -> None:
    with world.workshop.work(SYSTEM, "stop") as work:
        withdraw_consent(work, ANA, "desk")
    assert post.send() == 0
    assert post.rows()[0].reason == "opted_out"
    assert callbacks(world) == [("text_opted_out", ANA)]


def test_in_quiet_hours_a_row_waits_with_its_deadline(world: World, clock: SetClock, post: Post) -> None:
    clock.at = world.at("05:00")
    world.book("Ana Cole", "12:00", actor=SYSTEM)
    assert post.send() == 0
    [row] = post.rows()
    assert (row.send_after_at, row.deadline_at) == (world.at("08:00"), world.at("08:10"))
    clock.at = world.at("08:00")
    assert post.send() == 1


def test_what_the_office_does_for_a_caller_is_confirmed_at_once(
    world: World, clock: SetClock, post: Post
) -> None:
    clock.at = world.at("05:00")
    world.book("Ana Cole", "12:00")
    assert post.send() == 1


def test_what_a_customer_just_did_is_answered_at_any_hour(world: World, clock: SetClock, post: Post) -> None:
    visit = world.book("Ana Cole", "12:00")
    post.send()
    clock.at = world.at("06:00")
    with world.workshop.work(Actor("customer", "ana"), "cancel") as work:
        cancel(work, get_visit(work.session, visit.id))
    clock.advance(minutes=1)
    assert "is called off" in post.read(ANA)[-1]


def test_the_next_due_instant_is_the_next_send_or_deadline(world: World, visit: Visit, post: Post) -> None:
    with world.workshop.read() as work:
        assert next_due(work.session) == world.at("09:00")
        assert next_due(work.session, after=world.at("09:00")) == world.at("09:10")
    post.send()
    with world.workshop.read() as work:
        assert next_due(work.session) == world.at("09:15")  # if nobody has reported on it by then
    report(world, post.rows()[0], "delivered")
    with world.workshop.read() as work:
        assert next_due(work.session) is None


def test_one_text_that_cannot_be_written_keeps_no_other_from_going_out(
    world: World, visit: Visit, post: Post
) -> None:
    with world.workshop.work(SYSTEM, "test") as work:
        known = get_visit(work.session, visit.id)
        broken = queue(work, INBOX_ACK, to_customer(work, known), visit=known)  # by nobody, and for no time
        broken.deadline_at -= timedelta(minutes=5)  # it presses most
        work.session.add(broken)
    assert post.send() == 1
    assert {(row.purpose, row.state, row.reason) for row in post.rows()} == {
        ("booking_confirmed", MessageState.SENT, None),
        ("inbox_ack", MessageState.HANDED_OVER, "unwritable"),
    }


# --- nothing stale ---------------------------------------------------------------------------------------


def test_a_text_about_an_older_promise_is_not_sent(world: World, visit: Visit, post: Post) -> None:
    with world.workshop.work(SYSTEM, "test") as work:
        moved = get_visit(work.session, visit.id)
        moved.promise_version = 2
        work.session.add(moved)
    assert post.send() == 0
    assert (post.rows()[0].state, post.rows()[0].reason) == (MessageState.SUPPRESSED, "superseded:promise")
    assert callbacks(world) == []


def test_updates_of_one_minute_collapse_to_the_newest_truth(world: World, visit: Visit, post: Post) -> None:
    for act in (cancel, undo_cancel):
        with world.workshop.work(Actor("customer", "ana"), act.__name__) as work:
            act(work, get_visit(work.session, visit.id))
        assert post.send() == 0
        world.clock.advance(seconds=30)
    world.clock.advance(seconds=30)
    assert len(post.read(ANA)) == 1
    assert "stands again" in post.channel.read(ANA)[0]
    assert [row.state for row in post.rows()] == [
        MessageState.SUPPRESSED,
        MessageState.SUPPRESSED,
        MessageState.SENT,
    ]


def test_cancelling_a_second_time_is_told_a_second_time(world: World, visit: Visit, post: Post) -> None:
    for act in (cancel, undo_cancel, cancel):
        with world.workshop.work(Actor("customer", "ana"), act.__name__) as work:
            act(work, get_visit(work.session, visit.id))
        world.clock.advance(minutes=2)
        post.send()
    assert len([text for text in post.channel.read(ANA) if "called off" in text]) == 2


# --- what the provider reports later ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (["delivered"], MessageState.DELIVERED),
        (["delivered", "sent", "queued"], MessageState.DELIVERED),
        (["sent", "undelivered", "delivered"], MessageState.DELIVERED),
        (["undelivered", "sent"], MessageState.UNDELIVERED),
        (["delivered", "delivered"], MessageState.DELIVERED),
        (["flying"], MessageState.SENT),
    ],
)
def test_reports_come_in_any_order(
    world: World, visit: Visit, post: Post, told: list[str], state: MessageState
) -> None:
    post.send()
    [row] = post.rows()
    for status in told:
        with world.workshop.work(SYSTEM, "hook") as work:
            hear(work, row.id, "memory-1", status)
    assert post.rows()[0].state is state


def test_what_was_said_is_kept_though_it_changes_nothing(world: World, visit: Visit, post: Post) -> None:
    post.send()
    with world.workshop.work(SYSTEM, "hook") as work:
        for status in ("delivered", "sent", "delivered", "flying"):
            hear(work, post.rows()[0].id, "memory-1", status)
        hear(work, "", "a text of nobody", "failed", "30005")
    with world.look() as work:
        kept = work.session.exec(
            select(StatusReport).order_by(col(StatusReport.sid), col(StatusReport.status))
        )
        assert [(one.sid, one.status, one.code) for one in kept] == [
            ("a text of nobody", "failed", "30005"),
            ("memory-1", "delivered", ""),
            ("memory-1", "flying", ""),
            ("memory-1", "sent", ""),
        ]


def test_a_report_before_the_answer_brings_the_sid(world: World, visit: Visit, post: Post) -> None:
    post.channel.script, post.channel.accepts_unclear = [Unclear("timed out")], True
    post.send()
    [row] = post.rows()
    with world.workshop.work(SYSTEM, "hook") as work:
        assert hear(work, row.id, "memory-1", "delivered")
    assert (post.rows()[0].state, post.rows()[0].provider_sid) == (MessageState.DELIVERED, "memory-1")


def test_a_report_with_the_sid_of_another_text_is_refused(world: World, visit: Visit, post: Post) -> None:
    post.send()
    with world.workshop.work(SYSTEM, "hook") as work:
        assert not hear(work, post.rows()[0].id, "another", "delivered")
        assert not hear(work, "no-such-message", "memory-1", "delivered")
    assert callbacks(world) == [("text_misreported", ANA)]


def test_undelivered_means_that_a_person_rings(world: World, visit: Visit, post: Post) -> None:
    post.send()
    with world.workshop.work(SYSTEM, "hook") as work:
        hear(work, post.rows()[0].id, "memory-1", "undelivered", "30006")
    assert callbacks(world) == [("text_undelivered", ANA)]


def report(world: World, row: Message, status: str, code: str = "") -> None:
    with world.workshop.work(SYSTEM, "hook") as work:
        assert hear(work, row.id, row.provider_sid or "", status, code)


@pytest.mark.parametrize("code", ["30001", "30003", "30008", "30036"])
def test_what_was_lost_on_its_way_is_sent_once_more_and_then_a_person_rings(
    world: World, visit: Visit, post: Post, code: str
) -> None:
    post.send()
    for _ in range(3):
        report(world, post.rows()[0], "undelivered", code)
    assert callbacks(world) == []
    world.clock.advance(minutes=4, seconds=59)
    assert post.send() == 0
    world.clock.advance(seconds=1)
    assert post.send() == 1
    first, second = post.rows()
    assert len(post.channel.read(ANA)) == 2
    report(world, second, "undelivered", code)
    assert callbacks(world) == [("text_undelivered", ANA)]
    world.clock.advance(minutes=10)
    assert post.send() == 0
    assert {row.state for row in (first, *post.rows())} == {MessageState.UNDELIVERED}


def test_it_is_not_sent_once_more_when_that_would_be_too_late(world: World, visit: Visit, post: Post) -> None:
    post.send()
    world.clock.advance(minutes=5)
    report(world, post.rows()[0], "undelivered", "30003")
    assert callbacks(world) == [("text_undelivered", ANA)]
    assert len(post.rows()) == 1


def test_it_is_not_sent_once_more_when_it_arrived_after_all(world: World, visit: Visit, post: Post) -> None:
    post.send()
    report(world, post.rows()[0], "undelivered", "30008")
    report(world, post.rows()[0], "delivered")
    world.clock.advance(minutes=5)
    assert post.send() == 0
    assert post.rows()[1].reason == "superseded:delivered"
    assert callbacks(world) == []
