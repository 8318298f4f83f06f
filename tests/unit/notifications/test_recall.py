"""What a text said, when its words are not kept: written again, and proved where nothing stands otherwise now."""

from __future__ import annotations

import re

import pytest

from dispatch.callbacks.queries import list_open
from dispatch.clock import SetClock
from dispatch.field.actions import arrive, call_out, finish, leave
from dispatch.plans.queries import find_assignment
from dispatch.technicians.tables import AbsenceKind
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from notifications.outbox.queries import get_message, list_attempts
from notifications.outbox.tables import Message
from notifications.record.recall import Words, recall
from notifications.render import Writer
from notifications.wordings.actions import reword
from tests.unit.notifications.conftest import KEY
from tests.unit.notifications.post import ANA, BASE_URL, COMPANY, Post
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock, post: Post) -> World:
    """Tom and Una at work, Ana who agreed to texts; it is eight o'clock."""
    world = a_quiet_town(workshop, clock, "Tom", "Una")
    post.agree(ANA)
    clock.at = world.at("08:00")
    return world


@pytest.fixture
def visit(world: World, post: Post) -> Visit:
    visit = world.book("Ana Cole", "14:00")
    post.send()
    return visit


def words_of(world: World, post: Post, purpose: str) -> Words | None:
    row = post.rows(purpose)[-1]
    with world.look() as work:
        message = get_message(work.session, row.id)
        return recall(work, post.writer, message, list_attempts(work.session, row.id))


def without_secret(body: str) -> str:
    """As it is shown: the 22 signs after `/v/` are the customer's."""
    return re.sub(r"(/v/)\S{22}", r"\1…", body)


def reassign(world: World, visit: Visit) -> str:
    """Whoever was to come calls out sick; the name of whoever comes instead."""
    with world.look() as work:
        row = find_assignment(work.session, visit.id)
    who = next(name for name, one in world.technicians.items() if row and one.id == row.technician_id)
    with world.as_technician(who) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    return world.who_comes(visit)


def test_the_first_text_is_known_again_to_the_letter_but_for_the_secret_in_its_link(
    world: World, visit: Visit, post: Post
) -> None:
    [sent] = post.channel.read(ANA)
    world.clock.advance(days=9)  # "today" would read otherwise by now
    words = words_of(world, post, "booking_confirmed")
    assert words == Words(without_secret(sent), are_the_very=True)
    assert words.text.endswith("Reply STOP for no more texts, HELP for help.")
    token = sent.split("/v/")[1].split()[0]
    assert token not in words.text
    assert f"{BASE_URL}/v/… " in words.text


def test_it_still_names_who_was_to_come_when_somebody_else_comes_now(
    world: World, visit: Visit, post: Post
) -> None:
    [sent] = post.channel.read(ANA)
    world.clock.advance(minutes=5)
    comes = reassign(world, visit)
    assert f"{comes} comes" not in sent
    assert words_of(world, post, "booking_confirmed") == Words(without_secret(sent), are_the_very=True)


def test_it_reads_in_the_wording_of_its_day(world: World, visit: Visit, post: Post) -> None:
    [sent] = post.channel.read(ANA)
    world.clock.advance(minutes=5)
    with world.as_office() as work:
        name, ours = "booking_confirmed.txt", "{{ company }}: see you {{ full_window }}. {{ link }}"
        assert reword(work, "en", name, ours, company=COMPANY, base_url=BASE_URL)
    assert words_of(world, post, "booking_confirmed") == Words(without_secret(sent), are_the_very=True)


def test_what_happened_is_still_told_in_the_text_that_told_it_first(
    world: World, visit: Visit, post: Post
) -> None:
    """By now the customer has been told, and a new text would not say it again."""
    world.clock.at = world.at("15:56")
    reassign(world, visit)
    post.send()
    sent = post.channel.read(ANA)[-1]
    assert "We are sorry." in sent
    purpose = post.rows()[-1].purpose
    world.clock.advance(minutes=1)
    assert words_of(world, post, purpose) == Words(without_secret(sent), are_the_very=True)


def test_who_was_to_ring_by_when_is_still_told_when_somebody_else_rings_now(
    world: World, visit: Visit, post: Post
) -> None:
    post.write(ANA, "call me")
    sent = post.read(ANA)[-1]
    assert "Dana Reed will ring you by" in sent
    world.until("10:00")  # overdue, and with Vera Top since
    with world.look() as work:
        assert list_open(work.session, world.territory.id)[0].dispatcher_id == world.dispatchers[1].id
    assert words_of(world, post, "callback_promised") == Words(sent, are_the_very=True)


def test_words_that_stand_otherwise_now_are_never_called_the_very_words(
    world: World, visit: Visit, post: Post
) -> None:
    """Another company name: nothing that we can write today fits what the attempt committed to."""
    other = Post(world.workshop, Writer(KEY, BASE_URL, "Alder & Sons"))
    words = words_of(world, other, "booking_confirmed")
    assert words is not None
    assert not words.are_the_very
    assert words.text.startswith("Alder & Sons: booked.")


def test_a_text_that_never_went_out_reads_as_it_would_now(world: World, post: Post) -> None:
    world.book("Ben Ode", "12:00", phone="+12025550144")  # who never agreed
    words = words_of(world, post, "booking_confirmed")
    assert words is not None
    assert not words.are_the_very
    assert words.text.startswith("Alder Repairs: booked.")


@pytest.mark.parametrize("gone", [{"purpose": "postcard"}, {"visit_id": "0" * 26}])
def test_what_cannot_be_written_any_more_has_no_words(
    world: World, visit: Visit, post: Post, gone: dict[str, str]
) -> None:
    [row] = post.rows()
    message = Message(**(row.model_dump() | gone))
    with world.look() as work:
        assert recall(work, post.writer, message, list_attempts(work.session, row.id)) is None


def test_a_whole_visit_is_told_again_to_the_letter(world: World, visit: Visit, post: Post) -> None:
    """Booked, on the way with the time that was expected then, done: days after it is over."""
    who = world.who_comes(visit)
    for at, act in (("13:50", leave), ("14:02", arrive), ("14:40", finish)):
        world.clock.at = world.at(at)
        with world.as_technician(who) as (work, technician):
            act(work, technician, visit.id)
        post.send()
    world.clock.advance(days=3)
    told = [words_of(world, post, purpose) for purpose in ("booking_confirmed", "en_route", "rate")]
    assert told == [Words(without_secret(body), are_the_very=True) for body in post.channel.read(ANA)]
