"""The provider's log beside our record: what each knows that the other does not, and what comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlmodel import select

from dispatch.bookings.changes import cancel, undo_cancel
from dispatch.callbacks.actions import finish_callback
from dispatch.callbacks.tables import Callback
from dispatch.clock import SetClock
from dispatch.field.actions import leave
from dispatch.ledger import since
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.work import SYSTEM, Workshop
from notifications import messages
from notifications.channels.memory import Memory
from notifications.channels.port import Outbound, Passed, Unclear
from notifications.consent import IN, OUT, consent_state
from notifications.messages import Kind
from notifications.outbox.states import MessageState
from notifications.witness.actions import Heard, hear_witness, hold_sending, is_witness_due
from notifications.witness.queries import get_state
from notifications.witness.rules import could_be, references_in
from notifications.witness.tables import LostPromise
from notifications.witness.texts import Outcome
from tests.conftest import MONDAY_AT_SEVEN
from tests.unit.notifications.post import ANA, BEN, TOM, Post
from tests.worlds import World, a_quiet_town


@pytest.fixture
def post(post: Post, clock: SetClock) -> Post:
    """A provider that knows what time it is; Ana agreed to texts."""
    post.channel = Memory(lambda: clock.at)
    post.agree(ANA)
    return post


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    world = a_quiet_town(workshop, clock, "Tom")
    clock.at = world.at("09:00")
    return world


@pytest.fixture
def visit(world: World) -> Visit:
    return world.book("Ana Cole", "12:00")


def hear(post: Post) -> Heard:
    heard = hear_witness(post.workshop, post.channel, post.writer)
    assert heard
    return heard


def hold(post: Post, world: World, since: str = "09:00") -> None:
    with post.workshop.work(SYSTEM, "restore") as work:
        hold_sending(work, world.at(since))


def say(post: Post, body: str, phone: str = ANA) -> str:
    """A text that went out and of which our record knows nothing."""
    return post.channel.send(Outbound(phone, body, "lost", 600)).sid


def lost(post: Post) -> list[LostPromise]:
    with post.workshop.read() as work:
        found = list(work.session.exec(select(LostPromise)))
        work.session.expunge_all()
    return found


def calls(post: Post) -> list[Callback]:
    with post.workshop.read() as work:
        found = list(work.session.exec(select(Callback).where(Callback.about == "lost_promise")))
        work.session.expunge_all()
    return found


def test_where_log_and_record_agree_there_is_nothing_to_do(post: Post, world: World, visit: Visit) -> None:
    assert post.send() == 1
    world.until("10:00")
    heard = hear(post)
    assert (heard.read, heard.counts, heard.missing) == (1, Counter(), ())


def test_a_text_about_a_visit_that_is_not_here_is_a_lost_promise(post: Post, world: World) -> None:
    body = "Alder Repairs: booked. Tom comes Tue 3 Mar, 10:00-12:00. Reference KYF7MJH."
    sid = say(post, body, BEN)
    assert hear(post).counts == {Outcome.LOST: 1}
    [found], [call] = lost(post), calls(post)
    assert (found.sid, found.phone, found.body, found.reference) == (sid, BEN, body, "KYF7MJH")
    assert (found.at, found.visit_id, found.callback_id) == (world.at("09:00"), None, call.id)
    assert (call.phone, call.dispatcher_id) == (BEN, world.dispatchers[0].id)


def test_two_runs_make_one_task(post: Post, world: World) -> None:
    say(post, "Alder Repairs: booked. Reference KYF7MJH.", BEN)
    assert hear(post).effects == 1
    assert hear(post).effects == 0
    assert (len(lost(post)), len(calls(post))) == (1, 1)


def test_two_runs_at_once_make_one_task(post: Post, world: World, visit: Visit) -> None:
    """A worker's and somebody's by hand: both have read the log before either writes."""
    post.channel.script, post.channel.accepts_unclear = [Unclear("timed out")], True
    post.send()
    say(post, "Alder Repairs: booked. Reference KYF7MJH.", BEN)
    both = Barrier(2, timeout=30)
    read = post.channel.log_all

    class Together(Memory):
        def log_all(self, since: datetime) -> Iterator[Passed]:
            both.wait()
            return read(since)

    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(hear_witness, post.workshop, Together(), post.writer) for _ in range(2)]
        heard = [run.result() for run in runs]
    assert all(heard)
    assert (len(lost(post)), len(calls(post))) == (1, 1)
    with post.workshop.read() as work:
        told = [entry.data["outcome"] for entry in since(work.session, 0) if entry.kind == "message_settled"]
    assert told == ["unknown", "accepted"]


def test_nobody_is_texted_about_the_call(post: Post, world: World) -> None:
    say(post, "Alder Repairs: booked. Reference KYF7MJH.", BEN)
    hear(post)
    post.send()
    assert len(post.channel.read(BEN)) == 1


def test_while_somebody_is_to_ring_the_record_tells_the_customer_nothing(
    post: Post, world: World, visit: Visit
) -> None:
    """Ana was moved to Tuesday, and that was lost: nobody reminds her of Monday or sets out unannounced."""
    post.send()
    say(post, f"Alder Repairs: your visit {visit.reference} is moved. We now come Tue 3 Mar, 10:00-12:00: x")
    assert hear(post).counts == {Outcome.LOST: 1}
    world.clock.at = world.at("11:45")
    with world.as_technician("Tom") as (work, tom):
        leave(work, tom, visit.id)
    assert post.send() == 0
    [row] = post.rows("en_route")
    assert (row.state, row.reason) == (MessageState.SUPPRESSED, "superseded:lost_promise")


def test_what_somebody_does_now_is_told_and_after_the_call_everything_is(
    post: Post, world: World, visit: Visit
) -> None:
    post.send()
    say(post, f"Alder Repairs: your visit {visit.reference} is moved. We now come Tue 3 Mar, 10:00-12:00: x")
    hear(post)
    with world.as_customer(visit) as work:
        cancel(work, get_visit(work.session, visit.id))
    world.clock.advance(minutes=1)
    assert post.send() == 1
    assert "called off" in post.channel.read(ANA)[-1]
    with world.as_office() as work:
        finish_callback(work, work.session.get_one(Callback, calls(post)[0].id), "spoke")
    with world.as_customer(visit) as work:
        undo_cancel(work, get_visit(work.session, visit.id))
    world.clock.advance(minutes=1)
    assert post.send() == 1


def test_a_lost_answer_is_found_by_its_very_words(post: Post, world: World, visit: Visit) -> None:
    post.channel.script, post.channel.accepts_unclear = [Unclear("timed out")], True
    assert post.send() == 0
    assert hear(post).counts == {Outcome.ADOPTED: 1}
    [row] = post.rows()
    assert (row.state, row.provider_sid) == (MessageState.SENT, "memory-1")


def test_what_the_provider_does_not_have_is_a_finding(post: Post, world: World, visit: Visit) -> None:
    post.send()
    world.until("10:00")
    post.channel.passed.clear()
    heard = hear(post)
    assert heard.missing == (post.rows()[0].id,)
    with post.workshop.read() as work:
        state = get_state(work.session)
        assert state.found["missing"] == [post.rows()[0].id]


# --- after a restore --------------------------------------------------------------------------------------


def test_nothing_goes_out_until_the_witness_was_heard(post: Post, world: World, visit: Visit) -> None:
    hold(post, world)
    assert post.send() == 0
    post.channel.down = True
    assert hear_witness(post.workshop, post.channel, post.writer) is None
    with post.workshop.read() as work:
        state = get_state(work.session)
        assert state.trouble == "the pretended provider is down"
        assert state.held_since_at
    post.channel.down = False
    assert post.send() == 0
    hear(post)
    assert post.send() == 1


def test_where_the_log_stays_silent_persons_have_what_is_overdue(
    post: Post, world: World, visit: Visit
) -> None:
    """A quarter of an hour is time enough for the witness; then nobody waits for it any longer."""
    hold(post, world)
    post.channel.down = True
    world.clock.advance(minutes=14)
    assert post.send() == 0
    assert [row.state for row in post.rows()] == [MessageState.PENDING]
    world.clock.advance(minutes=2)
    assert post.send() == 0
    assert [(row.state, row.reason) for row in post.rows()] == [(MessageState.HANDED_OVER, "too_late")]


def test_a_row_that_went_out_after_the_backup_is_not_sent_again(
    post: Post, world: World, visit: Visit
) -> None:
    """The backup has the row, waiting; the provider has the text, with another link and another technician."""
    [row] = post.rows()
    with post.workshop.read() as work:
        body = post.writer.write(work, row)
    sid = say(post, body.replace("Tom comes", "Uma comes"))
    hold(post, world)
    assert hear(post).counts == {Outcome.ADOPTED: 1}
    assert post.send() == 0
    [row] = post.rows()
    assert (row.state, row.provider_sid) == (MessageState.SENT, sid)
    assert lost(post) == []


def test_a_row_with_another_window_is_another_text(post: Post, world: World, visit: Visit) -> None:
    [row] = post.rows()
    with post.workshop.read() as work:
        body = post.writer.write(work, row)
    say(post, body.replace("12:00-14:00", "14:00-16:00"))
    hold(post, world)
    assert hear(post).counts == {Outcome.LOST: 1}
    assert lost(post)[0].visit_id == visit.id


def test_what_is_written_anew_in_the_same_words_is_known_before_it_is_sent(
    post: Post, world: World, visit: Visit
) -> None:
    """She called it off after the backup; a person rings, she says so again, and has that text already."""
    post.send()
    with world.as_customer(visit) as work:
        cancel(work, get_visit(work.session, visit.id))
    [row] = post.rows("visit_cancelled")
    with post.workshop.read() as work:
        body = post.writer.write(work, row)
    with post.workshop.work(SYSTEM, "as if it had never been") as work:
        work.session.merge(row).provider_sid = None
    sid = say(post, body)
    with post.workshop.work(SYSTEM, "known to the witness") as work:
        found = LostPromise(
            sid=sid, direction="out", phone=ANA, body=body, at=world.at("09:00"), found_at=world.at("09:00")
        )
        work.session.add(found)
    world.clock.advance(minutes=1)
    assert post.send() == 0
    [row] = post.rows("visit_cancelled")
    assert (row.state, row.provider_sid) == (MessageState.SENT, sid)
    assert lost(post)[0].message_id == row.id


@pytest.mark.parametrize(
    ("kind", "hours_older", "written_anew", "could"),
    [
        (messages.VISIT_MOVED, -1, False, True),  # sent after it was queued, as ever
        (messages.VISIT_MOVED, 1, False, False),  # an older text, and no restore in between
        (messages.VISIT_MOVED, 7, True, True),  # moved at nine, lost, entered again at four
        (messages.VISIT_MOVED, 25, True, False),
        (messages.EN_ROUTE, 1, True, True),
        (messages.EN_ROUTE, 3, True, False),  # another journey
        (messages.RUNNING_LATE_ANSWER, 1, True, False),  # they ask again, and are answered again
        (messages.RUNNING_LATE_ANSWER, 0, True, True),
    ],
)
def test_which_text_a_message_could_be(kind: Kind, hours_older: int, written_anew: bool, could: bool) -> None:
    at = MONDAY_AT_SEVEN - timedelta(hours=hours_older)
    assert could_be(kind, MONDAY_AT_SEVEN, at, written_anew=written_anew) is could


def test_a_question_asked_again_is_answered_again(
    post: Post, world: World, visit: Visit, clock: SetClock
) -> None:
    post.send()
    post.write(ANA, "where are you?")
    with post.workshop.read() as work:
        body = post.writer.write(work, post.rows()[-1])
    say(post, body)  # the same answer, to a question that was lost
    clock.advance(minutes=2)
    hold(post, world)
    hear(post)
    before = len(post.channel.read(ANA))
    post.write(ANA, "where are you??")
    assert len(post.read(ANA)) == before + 1


# --- texts that came in ------------------------------------------------------------------------------------


def test_a_stop_that_we_never_heard_of_counts_before_anything_is_sent(
    post: Post, world: World, visit: Visit
) -> None:
    post.channel.answer(ANA, "Stop")
    hold(post, world)
    assert hear(post).counts == {Outcome.TAKEN_IN: 1}
    with post.workshop.read() as work:
        assert consent_state(work.session, ANA) == OUT
    assert post.send() == 0
    assert post.channel.read(ANA) == []  # nor is it confirmed, hours later
    assert hear(post).counts == {}


def test_the_last_word_counts(post: Post, world: World, visit: Visit, clock: SetClock) -> None:
    post.channel.answer(ANA, "STOP")
    clock.advance(seconds=30)
    post.channel.answer(ANA, "START")
    clock.advance(seconds=30)
    assert hear(post).counts == {Outcome.TAKEN_IN: 2}
    with post.workshop.read() as work:
        assert consent_state(work.session, ANA) == IN


def test_an_old_stop_does_not_undo_a_newer_start(post: Post, world: World, clock: SetClock) -> None:
    post.channel.answer(ANA, "STOP")
    clock.advance(minutes=5)
    post.write(ANA, "START")
    clock.advance(minutes=5)
    hear(post)
    with post.workshop.read() as work:
        assert consent_state(work.session, ANA) == IN


def test_any_other_text_is_for_a_person_and_never_acted_upon(post: Post, world: World, visit: Visit) -> None:
    post.channel.answer(ANA, "1")
    assert hear(post).counts == {Outcome.LOST: 1}
    [found] = lost(post)
    assert (found.direction, found.body, found.visit_id) == ("in", "1", visit.id)
    assert len(calls(post)) == 1


def test_what_was_received_is_known(post: Post, world: World, visit: Visit) -> None:
    inbound = post.channel.answer(ANA, "I need a ladder")
    post.write(ANA, inbound.body, sid=inbound.provider_sid)
    post.send()
    assert hear(post).counts == {}


def test_a_technicians_text_is_no_promise_to_a_customer(post: Post, world: World) -> None:
    say(post, "Alder Repairs: Tom, leave by 11:55 for KYF7MJH.", TOM)
    hear(post)
    assert len(lost(post)) == 1
    assert calls(post) == []


# --- when ------------------------------------------------------------------------------------------------------


def test_it_is_heard_once_a_night_and_again_when_nobody_could_say(
    post: Post, world: World, clock: SetClock
) -> None:
    def is_due() -> bool:
        with post.workshop.read() as work:
            return is_witness_due(work)

    assert not is_due()  # there is nothing from before this night
    clock.at = world.at("02:59") + timedelta(days=1)
    assert not is_due()
    clock.advance(minutes=1)
    assert is_due()
    post.channel.down = True
    hear_witness(post.workshop, post.channel, post.writer)
    clock.advance(minutes=9)
    assert not is_due()
    clock.advance(minutes=1)
    assert is_due()
    post.channel.down = False
    hear(post)
    assert not is_due()
    clock.advance(days=1)
    assert is_due()


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("Alder: booked. Reference KYF7MJH. See: https://x.example/v/abc", ["KYF7MJH"]),
        ("Alder: settled. https://x.example/v/KYF7MJHabc (KYF7MJH)", ["KYF7MJH"]),
        ("Alder: KYF7MJ4 is mistyped, and so is REPAIRS", []),
        ("You get texts again.", []),
    ],
)
def test_a_text_names_its_visit(body: str, named: list[str]) -> None:
    assert references_in(body) == named
