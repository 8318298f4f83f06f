"""Texts that come in: one effect each, and an answer with a name and a time."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from dispatch.callbacks.queries import list_open
from dispatch.callbacks.tables import Callback
from dispatch.clock import SetClock
from dispatch.errors import StateConflict
from dispatch.failures.watch import watch
from dispatch.field.actions import leave
from dispatch.ledger import since
from dispatch.plans.queries import find_assignment
from dispatch.recoveries.queries import find_open
from dispatch.technicians.queries import find_prompt
from dispatch.technicians.signs_of_life import prompt
from dispatch.technicians.tables import Technician
from dispatch.territories.tables import Territory
from dispatch.visits.queries import get_visit
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Actor, Workshop
from notifications.consent import IN, OUT, consent_state
from notifications.inbox.handling import mark_handled
from notifications.inbox.queries import list_inbox
from notifications.inbox.tables import InboundText
from tests.builders import near
from tests.unit.notifications.post import ANA, BEN, TOM, Post
from tests.worlds import OFFICE, World, a_quiet_town

STRANGER = "+12025550177"


@pytest.fixture
def world(workshop: Workshop, clock: SetClock, post: Post) -> World:
    """Tom and Una; Ana and Ben agreed to texts; it is nine o'clock."""
    world = a_quiet_town(workshop, clock, "Tom", "Una")
    post.agree(ANA, BEN)
    clock.at = world.at("09:00")
    return world


@pytest.fixture
def visit(world: World, post: Post) -> Visit:
    visit = world.book("Ana Cole", "12:00")
    post.send()
    return visit


def technician_of(world: World, visit: Visit) -> Technician:
    with world.workshop.read() as work:
        row = find_assignment(work.session, visit.id)
        assert row is not None
        return work.session.get_one(Technician, row.technician_id)


def break_promises(world: World) -> None:
    """The windows are over and nobody came."""
    world.clock.at = world.at("14:01")
    with world.workshop.work(OFFICE, "watch") as work:
        watch(work, work.session.get_one(Territory, world.territory.id))


def open_calls(world: World) -> list[Callback]:
    with world.workshop.read() as work:
        calls = list(list_open(work.session, world.territory.id))
        work.session.expunge_all()
    return calls


# --- one effect for ever --------------------------------------------------------------------------------


def test_the_same_sid_has_one_effect_for_ever(visit: Visit, world: World, post: Post) -> None:
    first = post.write(ANA, "the gate code is 4411", sid="SM1")
    world.clock.advance(days=90)
    again = post.write(ANA, "something else", sid="SM1")
    assert again.id == first.id
    assert again.body == "the gate code is 4411"
    with world.workshop.read() as work:
        assert len(work.session.exec(select(InboundText)).all()) == 1


def test_the_same_sid_at_the_same_time_has_one_effect(visit: Visit, world: World, post: Post) -> None:
    threads = [threading.Thread(target=post.write, args=(ANA, "STOP", "SM1")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.workshop.read() as work:
        kinds = [entry.kind for entry in since(work.session, 0, 500)]
    assert kinds.count("text_received") == 1
    assert len(post.rows("stop_confirm")) == 1


@pytest.mark.parametrize("body", ["", "\x00", "x" * 2000, "🙂" * 400, "\ud800", "\u202eabc"])
def test_whatever_comes_is_stored_safely(visit: Visit, post: Post, body: str) -> None:
    text = post.write(ANA, body)
    assert len(text.body) <= 1600
    assert "\x00" not in text.body


def test_before_there_is_an_office_texts_are_only_kept(post: Post) -> None:
    assert post.write(ANA, "hello").effect == "kept: there is no office yet"


# --- free text and people ---------------------------------------------------------------------------------


def test_free_text_is_acknowledged_with_a_name_and_a_time(visit: Visit, world: World, post: Post) -> None:
    text = post.write(ANA, "the gate code is 4411")
    assert "Dana Reed has your text and will answer by 09:20." in post.read(ANA)[-1]
    assert text.answer_by_at == world.at("09:20")
    with world.workshop.read() as work:
        assert [one.id for one in list_inbox(work.session, world.territory.id)] == [text.id]


def test_a_second_free_text_is_kept_and_not_acknowledged_again(
    visit: Visit, world: World, post: Post
) -> None:
    for body in ("the gate code is 4411", "and beware of the dog"):
        post.write(ANA, body)
    assert len(post.rows("inbox_ack")) == 1
    with world.workshop.read() as work:
        assert len(list_inbox(work.session, world.territory.id)) == 2


def test_reading_the_last_text_keeps_the_promised_answer(visit: Visit, world: World, post: Post) -> None:
    texts = [post.write(ANA, "the gate code is 4411"), post.write(ANA, "and beware of the dog")]
    for text, left in zip(texts, (1, 0), strict=True):
        with world.workshop.work(OFFICE, "inbox") as work:
            mark_handled(work, text.id)
        assert len(open_calls(world)) == left
    with pytest.raises(StateConflict), world.workshop.work(OFFICE, "inbox") as work:
        mark_handled(work, texts[0].id)


def test_asking_for_a_person_is_answered_with_a_name_and_a_time(
    visit: Visit, world: World, post: Post
) -> None:
    post.write(ANA, "please call me")
    assert "Dana Reed will ring you by 09:20 about visit" in post.read(ANA)[-1]
    post.write(ANA, "call me!!")
    assert "Dana Reed has your text and will answer by 09:20" in post.read(ANA)[-1]
    assert [call.about for call in open_calls(world)] == ["customer_asked"]


def test_what_is_written_at_night_is_read_in_the_morning_and_says_so(
    visit: Visit, world: World, post: Post
) -> None:
    world.clock.at = world.at("22:40")
    text = post.write(ANA, "the boiler makes a noise")
    assert post.read(ANA)[-1] == (
        "Alder Repairs: thank you, Dana Reed has your text and will answer by 07:20 tomorrow. "
        f"If it cannot wait, call +12025550100. ({visit.reference})"
    )
    assert text.answer_by_at == world.at("07:20") + timedelta(days=1)


def test_a_stranger_learns_nothing(visit: Visit, world: World, post: Post) -> None:
    post.write(STRANGER, "where is Ana Cole's technician?")
    [text] = post.read(STRANGER)
    assert text.startswith("Alder Repairs: thank you for your text. A person will read it.")
    assert "Ana" not in text
    assert visit.reference not in text
    assert [call.about for call in open_calls(world)] == ["inbox"]


def test_machines_that_answer_machines_are_answered_once(visit: Visit, post: Post) -> None:
    for _ in range(5):
        post.write(STRANGER, "I am out of office")
    assert len(post.read(STRANGER)) == 1


# --- stop, start, help ------------------------------------------------------------------------------------


def test_stop_ends_texts_and_keeps_the_visit(visit: Visit, world: World, post: Post) -> None:
    post.write(ANA, "STOP")
    assert "you get no more texts from us. Your visits stay as they are." in post.read(ANA)[-1]
    post.write(ANA, "stop")
    assert len(post.rows("stop_confirm")) == 1
    with world.workshop.read() as work:
        assert consent_state(work.session, ANA) == OUT
        assert get_visit(work.session, visit.id).state is VisitState.BOOKED
    assert [call.about for call in open_calls(world)] == ["text_opted_out"]


def test_the_word_cancel_stops_texts_and_has_a_person_ask(visit: Visit, world: World, post: Post) -> None:
    post.write(ANA, "cancel")
    with world.workshop.read() as work:
        assert get_visit(work.session, visit.id).state is VisitState.BOOKED
    assert [call.about for call in open_calls(world)] == ["text_may_cancel"]


def test_after_stop_only_help_is_answered(visit: Visit, post: Post) -> None:
    post.write(ANA, "STOP")
    before = len(post.read(ANA))
    post.write(ANA, "where are you?")
    assert len(post.read(ANA)) == before
    post.write(ANA, "help")
    assert "Call +12025550100. Reply STOP for no more texts." in post.read(ANA)[-1]


def test_start_and_yes_bring_texts_back(visit: Visit, world: World, post: Post) -> None:
    for word in ("START", "yes"):
        post.write(ANA, "STOP")
        world.clock.advance(minutes=11)
        post.write(ANA, word)
        assert "you get texts about your visits again" in post.read(ANA)[-1]
        with world.workshop.read() as work:
            assert consent_state(work.session, ANA) == IN


# --- where are you, nobody came ----------------------------------------------------------------------------


def test_where_are_you_is_answered_with_a_range(visit: Visit, world: World, post: Post) -> None:
    name = technician_of(world, visit).first_name
    post.write(ANA, "where are you?")
    # Planned for noon, ten minutes of spread.
    expected = f"we expect {name} 12:00-12:10 today. You were promised 12:00-14:00 today."
    assert expected in post.read(ANA)[-1]


def test_on_the_way_and_late_is_said_as_it_is(visit: Visit, world: World, post: Post) -> None:
    technician = technician_of(world, visit)
    world.clock.at = world.at("13:58")
    with world.workshop.work(Actor("technician", technician.id), "leave") as work:
        leave(work, work.session.get_one(Technician, technician.id), visit.id)
    post.write(ANA, "running late?")
    # 266 s of driving from 13:58, ten minutes of spread, in steps of five minutes.
    expected = f"{technician.first_name} is on the way and should be with you 14:00-14:15 today, later than"
    assert expected in post.read(ANA)[-1]


def test_nobody_came_too_early_is_answered_with_the_window(visit: Visit, world: World, post: Post) -> None:
    post.write(ANA, "nobody came!")
    assert "the time we promised you, 12:00-14:00 today, is not over yet." in post.read(ANA)[-1]
    with world.workshop.read() as work:
        assert get_visit(work.session, visit.id).state is VisitState.BOOKED


def test_nobody_came_inside_the_window_asks_the_technician(visit: Visit, world: World, post: Post) -> None:
    technician = technician_of(world, visit)
    world.clock.at = world.at("12:30")
    post.write(ANA, "nobody is here")
    assert "is not over yet. We expect" in post.read(ANA)[-1]
    assert f"{technician.first_name}, leave by" in post.read(technician.phone)[-1]
    with world.workshop.read() as work:
        assert find_prompt(work.session, technician.id, visit_id=visit.id, promise_version=1)


def test_nobody_came_after_the_window_is_a_failure_with_an_offer(
    visit: Visit, world: World, post: Post
) -> None:
    world.clock.at = world.at("14:05")
    assert post.write(ANA, "nobody came").effect == "nobody came"
    assert "Reply 1 to keep it" in post.read(ANA)[-1]
    assert post.rows("nobody_came_answer") == []


def test_nobody_came_once_more_names_who_looks_after_it(visit: Visit, world: World, post: Post) -> None:
    world.clock.at = world.at("14:05")
    for _ in range(2):
        post.write(ANA, "nobody came")
    assert "we have not kept our promise and are sorry. Dana Reed is looking after it" in post.read(ANA)[-1]


def test_another_time_is_answered_with_the_link(visit: Visit, post: Post) -> None:
    post.write(ANA, "can we reschedule?")
    assert "/v/" in post.read(ANA)[-1]


# --- answers to questions ------------------------------------------------------------------------------------


def test_a_digit_without_a_question_is_for_a_person(visit: Visit, post: Post) -> None:
    assert post.write(ANA, "1").effect == "to the inbox"


def test_two_open_questions_need_a_reference(visit: Visit, world: World, post: Post) -> None:
    other = world.book("Ana Cole", "12:00", place=near(km_east=1))
    break_promises(world)
    post.send()
    assert post.write(ANA, "1").effect == "asked which visit"
    clarify = post.read(ANA)[-1]
    assert visit.reference in clarify
    assert other.reference in clarify
    text = post.write(ANA, f"{other.reference.lower()} 1")
    assert (text.effect, text.visit_id) == ("chose 1", other.id)
    with world.workshop.read() as work:
        assert get_visit(work.session, other.id).state is VisitState.BOOKED
        assert get_visit(work.session, visit.id).state is VisitState.FAILED


def test_a_question_is_open_for_a_day(visit: Visit, world: World, post: Post) -> None:
    break_promises(world)
    post.send()
    world.clock.advance(hours=24)
    assert post.write(ANA, "4").effect == "to the inbox"


def test_yes_to_what_the_policy_kept_is_answered(visit: Visit, world: World, post: Post) -> None:
    break_promises(world)
    post.send()
    for _ in range(2):
        assert post.write(ANA, "1").effect == "chose 1"
        post.send()
    assert len(post.rows("recovery_arranged")) == 1


def test_whoever_had_stopped_and_answers_is_texted_again(visit: Visit, world: World, post: Post) -> None:
    break_promises(world)
    post.send()
    post.write(ANA, "STOP")
    post.write(ANA, "yes")
    assert "settled." in post.read(ANA)[-1]
    with world.workshop.read() as work:
        assert find_open(work.session, visit.id) is not None
        assert consent_state(work.session, ANA) == IN


# --- technicians ------------------------------------------------------------------------------------------------


def ask(world: World, visit: Visit) -> Technician:
    technician = technician_of(world, visit)
    with world.workshop.work(OFFICE, "prompt") as work:
        prompt(
            work,
            work.session.get_one(Technician, technician.id),
            visit_id=visit.id,
            promise_version=1,
            leave_by_at=world.at("11:47"),
        )
    return technician


@pytest.mark.parametrize(("body", "answer"), [("OK", "ok"), ("late", "late"), ("van is dead", "texted")])
def test_any_sign_of_life_answers_the_prompt(
    visit: Visit, world: World, post: Post, body: str, answer: str
) -> None:
    technician = ask(world, visit)
    [text] = post.read(technician.phone)
    assert f"{technician.first_name}, leave by 11:47 for {visit.reference}" in text
    assert "Reply OK, or 'late' if you cannot." in text
    post.write(technician.phone, body)
    with world.workshop.read() as work:
        asked = find_prompt(work.session, technician.id, visit_id=visit.id, promise_version=1)
        assert asked is not None
        assert asked.answer == answer
    assert [call.about for call in open_calls(world)] == (["inbox"] if answer == "texted" else [])


def test_a_technician_who_is_also_a_customer_answers_the_customers_question(world: World, post: Post) -> None:
    post.agree(TOM)
    world.book("Tom Hale", "12:00", phone=TOM)
    post.send()
    assert post.write(TOM, "ok").effect == "technician: ok"
    break_promises(world)
    post.send()
    assert post.write(TOM, "ok").effect == "chose 1"
