"""The record of one phone on one day, as its lines read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import select

from dispatch.clock import SetClock
from dispatch.customers.queries import get_customer
from dispatch.errors import Invalid, NotFound
from dispatch.visits.tables import Visit
from dispatch.work import Actor, Workshop
from notifications.channels.memory import Memory
from notifications.channels.port import Never, Outbound, Sent, Unclear
from notifications.inbox.handling import mark_handled
from notifications.inbox.tables import InboundText
from notifications.messages import HELP, START_CONFIRM
from notifications.outbox.queueing import queue, to_person, to_stranger
from notifications.outbox.reports import hear
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Message
from notifications.record.lines import Kind, Line, say_consent
from notifications.record.phones import find_phone, name_of, phone_of
from notifications.record.rows import Record, newest_day, record_of
from tests.builders import a_customer, a_territory
from tests.unit.notifications.post import ANA, BEN, TOM, Post
from tests.worlds import World, a_quiet_town

MONDAY = date(2026, 3, 2)
TUESDAY = date(2026, 3, 3)


@pytest.fixture
def world(workshop: Workshop, clock: SetClock, post: Post) -> World:
    """Tom, and Ana who agreed to texts yesterday; it is nine o'clock."""
    world = a_quiet_town(workshop, clock, "Tom")
    clock.at = world.at("09:00") - timedelta(days=1)
    post.agree(ANA)
    clock.at = world.at("09:00")
    return world


@pytest.fixture
def visit(world: World) -> Visit:
    """Ana at noon; her confirmation waits in the outbox."""
    return world.book("Ana Cole", "12:00")


def read(world: World, post: Post, phone: str = ANA, on: date = MONDAY) -> Record:
    with world.look() as work:
        return record_of(work, post.writer, world.territory, phone, on)


def lines(world: World, post: Post, kind: Kind, phone: str = ANA, on: date = MONDAY) -> list[Line]:
    return [line for line in read(world, post, phone, on).lines if line.kind is kind]


def steps(line: Line) -> list[str]:
    return [f"{step.at:%H:%M} {step.says}" for step in line.steps]


def test_a_text_says_why_it_went_what_it_said_and_what_became_of_it(
    world: World, visit: Visit, post: Post
) -> None:
    world.clock.advance(minutes=1)
    post.send()
    [row] = post.rows()
    world.clock.advance(minutes=2)
    with world.as_office() as work:
        hear(work, row.id, "memory-1", "delivered")
    [line] = read(world, post).lines
    assert line.at == row.queued_at
    assert (line.kind, line.code, line.reference) == (Kind.TEXT, "booking_confirmed", visit.reference)
    assert (line.says, line.why) == ("Delivered", "Due when a visit was booked.")
    assert line.sid == "memory-1"
    assert line.words is not None
    assert line.words.are_the_very
    assert steps(line) == [
        "09:00 Written down.",
        "09:01 Attempt 1: The provider took it.",
        "09:03 It arrived on the phone.",
    ]


class Deaf(Memory):
    """Refuses every text for good."""

    def send(self, text: Outbound) -> Sent:
        raise Never("30006")


def test_a_text_that_was_refused_names_the_cause_and_the_call_instead(
    world: World, visit: Visit, post: Post
) -> None:
    post.channel = Deaf()
    post.send()
    record = read(world, post)
    text, call = record.lines
    assert text.says == "Given to a person"
    assert text.why == (
        "Due when a visit was booked. The provider refused it for good: it is a landline, or cannot be reached (30006)."
    )
    assert steps(text) == [
        "09:00 Written down.",
        "09:00 Attempt 1: The provider refused it for good (30006).",
        "09:00 It was given to a person.",
    ]
    assert (call.kind, call.code) == (Kind.CALL, "text_rejected:30006")
    assert call.says == "Dana Reed rings by 09:20."
    assert steps(call) == ["09:00 Promised: Dana Reed rings by 09:20."]


class Mute(Memory):
    """Takes the text, perhaps, and never answers."""

    def send(self, text: Outbound) -> Sent:
        raise Unclear("no answer (ReadTimeout)")


def test_a_lost_answer_is_told_as_long_as_it_is_unclear_and_also_after_it_was_heard(
    world: World, visit: Visit, post: Post
) -> None:
    post.channel = Mute()
    post.send()
    [line] = lines(world, post, Kind.TEXT)
    unclear = "09:00 Attempt 1: Nobody knows whether the provider took it (no answer (ReadTimeout))."
    assert (line.says, steps(line)) == ("Perhaps sent, perhaps not", ["09:00 Written down.", unclear])
    world.clock.advance(minutes=1)
    with world.as_office() as work:
        hear(work, line.id, "SM1", "delivered")
    [line] = lines(world, post, Kind.TEXT)
    assert steps(line) == [
        "09:00 Written down.",
        "09:00 Nobody knew whether the provider had taken it.",
        "09:01 Attempt 1: The provider took it (heard from the provider).",
        "09:01 It arrived on the phone.",
    ]


def test_consent_stands_as_it_was_at_the_start_of_the_day_and_each_change_is_a_line(
    world: World, visit: Visit, post: Post
) -> None:
    post.write(ANA, "Stop!")
    world.clock.advance(minutes=1)
    post.write(ANA, "start")
    record = read(world, post)
    assert say_consent(record.consent) == "Agreed to texts, by ticking the box on the booking page."
    changes = lines(world, post, Kind.CONSENT)
    assert [(line.says, line.why) for line in changes] == [
        ("No texts from now on, by text.", "They wrote: stop"),
        ("Agreed to texts, by text.", "They wrote: start"),
    ]
    before = read(world, post, on=date(2026, 3, 1))
    assert say_consent(before.consent) == "Nothing was ever agreed."
    assert before.lines[0].why.startswith("They were shown (en-2): Alder Repairs may send me text messages")


def test_a_reply_says_what_was_understood_and_who_dealt_with_it(
    world: World, visit: Visit, post: Post
) -> None:
    text = post.write(ANA, "Is the dog a problem?")
    world.clock.advance(minutes=4)
    with world.workshop.work(Actor("dispatcher", world.dispatchers[0].id), "inbox") as work:
        mark_handled(work, text.id)
    [reply] = lines(world, post, Kind.REPLY)
    assert (reply.says, reply.why) == (
        "Understood as something for a person to read.",
        "What came of it: to the inbox.",
    )
    assert reply.words is not None
    assert reply.words.text == "Is the dog a problem?"
    assert steps(reply) == ["09:00 An answer was promised by 09:20.", "09:04 Dealt with by Dana Reed."]
    [call] = lines(world, post, Kind.CALL)
    assert call.says == "The call was made at 09:04."
    assert steps(call)[-1] == "09:04 The call was made: answered."


def test_a_call_that_nobody_made_stands_with_whoever_has_it_now(
    world: World, visit: Visit, post: Post
) -> None:
    post.write(ANA, "call me")
    world.until("09:30")
    [call] = lines(world, post, Kind.CALL)
    assert call.says.startswith("Vera Top rings by 09:")
    assert steps(call)[1].startswith("09:20 Nobody had rung: handed over to Vera Top, to ring by 09:")


# --- whose, and which day --------------------------------------------------------------------------------


def write_late(world: World) -> None:
    """At half past eleven at night, about nothing urgent: it waits for the morning."""
    world.clock.at = world.at("23:30")
    with world.as_office() as work:
        queue(work, START_CONFIRM, to_person(a_customer(work), world.territory.id))


def test_a_text_stands_on_each_day_on_which_something_happened_to_it(world: World, post: Post) -> None:
    write_late(world)
    [waits] = lines(world, post, Kind.TEXT)
    assert steps(waits) == ["23:30 Written down, to go out at 08:00 on 3 Mar."]
    world.clock.at = world.at("08:00") + timedelta(days=1)
    assert post.send() == 1
    [monday], [tuesday] = (lines(world, post, Kind.TEXT, on=day) for day in (MONDAY, TUESDAY))
    assert monday.id == tuesday.id
    assert (f"{monday.at:%d %H:%M}", f"{tuesday.at:%d %H:%M}") == ("02 23:30", "03 08:00")
    assert steps(monday) == steps(tuesday)
    assert steps(monday) == ["23:30 Written down.", "08:00 Attempt 1: The provider took it."]


def test_an_empty_day_knows_the_nearest_days_with_a_text(world: World, visit: Visit, post: Post) -> None:
    write_late(world)
    world.clock.at = world.at("08:00") + timedelta(days=5)
    post.write(ANA, "thanks")
    quiet = read(world, post, on=date(2026, 3, 5))
    assert (quiet.lines, quiet.earlier_on, quiet.later_on) == ((), MONDAY, date(2026, 3, 7))
    with world.look() as work:
        assert newest_day(work.session, ANA, world.territory, TUESDAY) == date(2026, 3, 7)
        assert newest_day(work.session, BEN, world.territory, TUESDAY) == TUESDAY


def test_a_technicians_phone_has_a_record_too_and_no_customers_line_in_it(
    world: World, visit: Visit, post: Post
) -> None:
    world.until("13:56")
    prompt = lines(world, post, Kind.TEXT, phone=TOM)[0]
    assert (prompt.code, prompt.audience) == ("technician_prompt", "technician")
    assert read(world, post, TOM).owners == ("Tom, technician",)
    assert {line.code for line in lines(world, post, Kind.TEXT)}.isdisjoint({"technician_prompt"})


def test_another_offices_texts_are_counted_and_not_shown(world: World, visit: Visit, post: Post) -> None:
    with world.as_office() as work:
        south = a_territory(work, name="South")
        queue(work, HELP, to_stranger(ANA, south.id))
        queue(work, HELP, to_stranger(BEN, south.id))
    record = read(world, post)
    assert [line.code for line in record.lines] == ["booking_confirmed"]
    assert record.elsewhere == 1
    with world.look() as work:
        assert phone_of(work.session, name_of(work.session, ANA) or "", south) == ANA
        with pytest.raises(NotFound):
            phone_of(work.session, name_of(work.session, BEN) or "", world.territory)
        with pytest.raises(NotFound):
            find_phone(work.session, BEN, world.territory)
        only_theirs = record_of(work, post.writer, south, ANA, MONDAY)
    assert ([line.code for line in only_theirs.lines], only_theirs.elsewhere) == (["help"], 1)


@pytest.mark.parametrize("typed", ["+1 202 555 0143", "(202) 555-0143", "2025550143", "202.555.0143"])
def test_a_phone_is_found_in_any_usual_spelling(world: World, visit: Visit, typed: str) -> None:
    with world.look() as work:
        assert (
            phone_of(work.session, find_phone(work.session, typed, world.territory), world.territory) == ANA
        )


def test_a_phone_is_found_by_a_visit_and_by_every_row_that_knows_it(
    world: World, visit: Visit, post: Post
) -> None:
    text = post.write(ANA, "hello")
    spoken = f"{visit.reference[:3]}-{visit.reference[3:]}".lower()
    with world.look() as work:
        name = find_phone(work.session, spoken, world.territory)
        assert name == post.rows()[0].id
        for known in (name, text.id, visit.customer_id, visit.id):
            assert phone_of(work.session, known, world.territory) == ANA
        for unfit in ("Ana", "12", "0" * 7, ""):
            with pytest.raises(Invalid):
                find_phone(work.session, unfit, world.territory)
        with pytest.raises(NotFound):
            find_phone(work.session, "+12025550199", world.territory)


def test_a_visit_leads_to_the_phone_that_was_texted_about_it_also_when_the_customer_has_another_now(
    world: World, visit: Visit
) -> None:
    with world.as_office() as work:
        customer = get_customer(work.session, visit.customer_id)
        customer.phone = BEN
        work.session.add(customer)
    with world.look() as work:
        assert phone_of(work.session, visit.id, world.territory) == ANA
        assert phone_of(work.session, visit.customer_id, world.territory) == BEN


def test_of_a_phone_that_was_erased_the_rows_stay_without_words(
    world: World, visit: Visit, post: Post
) -> None:
    """The number is a pseudonym by then, and the customer's row is gone or blank."""
    post.send()
    post.write(ANA, "hello")
    with world.as_office() as work:
        for row in (*work.session.exec(select(Message)), *work.session.exec(select(InboundText))):
            row.phone = "erased-7f3a"
            if isinstance(row, InboundText):
                row.body = ""
            work.session.add(row)
        customer = get_customer(work.session, visit.customer_id)
        customer.phone, customer.name = "", "erased"
        work.session.add(customer)
    with world.look() as work:
        name = name_of(work.session, "erased-7f3a")
        assert name
        phone = phone_of(work.session, name, world.territory)
        with pytest.raises(NotFound):
            phone_of(work.session, visit.customer_id, world.territory)
    record = read(world, post, phone)
    assert [line.words for line in record.lines if line.kind is not Kind.CALL] == [None] * 3
    assert record.owners == ()


# --- nothing is left out -----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", MessageState)
def test_every_row_of_the_day_is_there_once_whatever_its_state(
    world: World, visit: Visit, post: Post, state: MessageState
) -> None:
    with world.as_office() as work:
        [row] = work.session.exec(select(Message)).all()
        for number in range(3):
            values = row.model_dump(exclude={"row_version"}) | {
                "id": work.new_id(),
                "dedupe_key": f"{row.dedupe_key}|{number}",
                "state": state,
                "reason": "no longer_known:4" if number else None,
            }
            work.session.add(Message(**values))
    ids = [line.id for line in lines(world, post, Kind.TEXT)]
    assert sorted(ids) == sorted(row.id for row in post.rows())
