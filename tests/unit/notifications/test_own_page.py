"""What a customer reads of our texts about their visit: what, when, whether it reached them, and who rings instead."""

from __future__ import annotations

import pytest

from dispatch.callbacks.actions import finish_callback
from dispatch.callbacks.queries import list_open
from dispatch.clock import SetClock
from dispatch.ledger import history
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from notifications.messages import TECHNICIAN_PROMPT, VISIT_MOVED
from notifications.outbox.queueing import queue, suppress, to_customer, to_technician
from notifications.outbox.reports import hear
from notifications.record.own_page import Told, told_about
from notifications.record.sentences import REASONS, TOLD
from tests.unit.notifications.post import ANA, BEN, TOM, Post
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock, post: Post) -> World:
    """Tom, and Ana and Ben who agreed to texts; it is nine o'clock."""
    world = a_quiet_town(workshop, clock, "Tom")
    post.agree(ANA, BEN)
    clock.at = world.at("09:00")
    return world


@pytest.fixture
def visit(world: World, post: Post) -> Visit:
    """Ana at noon; she was told."""
    visit = world.book("Ana Cole", "12:00")
    post.send()
    return visit


def reads(world: World, visit: Visit) -> list[Told]:
    with world.look() as work:
        return told_about(work, world.fresh(visit), history(work.session, visit.id))


def said(world: World, visit: Visit) -> list[str]:
    return [f"{one.says} {one.became}" for one in reads(world, visit)]


def report(world: World, post: Post, status: str, code: str = "") -> None:
    row = post.rows("booking_confirmed")[0]
    with world.as_office() as work:
        hear(work, row.id, row.provider_sid or "", status, code)


BOOKED = "that your visit is booked, and when we come."


def test_a_text_is_sent_and_then_delivered(world: World, visit: Visit, post: Post) -> None:
    assert said(world, visit) == [f"We told you {BOOKED} Sent."]
    world.clock.advance(minutes=2)
    report(world, post, "delivered")
    assert said(world, visit) == [f"We told you {BOOKED} Delivered at 09:02."]
    assert not reads(world, visit)[0].failed


def test_a_text_that_did_not_arrive_names_who_rings_by_when_and_then_that_they_did(
    world: World, visit: Visit, post: Post
) -> None:
    report(world, post, "undelivered", "30005")
    [one] = reads(world, visit)
    assert one.failed
    assert one.says == f"We tried to tell you {BOOKED}"
    assert one.became == "We could not reach this phone. Dana Reed rings you by 09:20."
    world.clock.advance(minutes=30)
    assert said(world, visit)[0].endswith("Dana Reed should have rung you by 09:20. We are sorry.")
    with world.as_office() as work:
        [call] = list_open(work.session, world.territory.id)
        finish_callback(work, call, "spoke")
    assert said(world, visit)[0].endswith(
        "We could not reach this phone. We spoke to you, or tried to, at 09:30."
    )


def test_a_text_that_was_lost_is_told_once_more_with_the_second_one(
    world: World, visit: Visit, post: Post
) -> None:
    report(world, post, "undelivered", "30003")
    first, second = reads(world, visit)
    assert (first.failed, first.became) == (True, "We could not reach this phone.")
    assert second.says == f"We are about to tell you once more {BOOKED}"
    assert second.became == "It goes out at 09:05."


def test_who_wants_no_texts_reads_what_we_would_have_told_them(
    world: World, visit: Visit, post: Post
) -> None:
    post.write(ANA, "STOP")
    with world.as_office() as work:
        again = world.fresh(visit)
        queue(work, VISIT_MOVED, to_customer(work, again), visit=again)
    assert said(world, visit)[-1] == (
        "We wanted to tell you the new time. You asked us for no more texts. Dana Reed rings you by 09:20."
    )


def test_a_text_that_a_newer_one_replaced_is_no_failure(world: World, visit: Visit, post: Post) -> None:
    with world.as_office() as work:
        again = world.fresh(visit)
        row = queue(work, VISIT_MOVED, to_customer(work, again), visit=again)
        suppress(work, row, "superseded:promise")
    newest = reads(world, visit)[-1]
    assert (newest.failed, newest.became) == (False, "Another time was agreed before it went out.")


def test_a_call_that_was_asked_for_stands_by_itself(world: World, visit: Visit, post: Post) -> None:
    post.write(ANA, "call me")
    assert "We promised you a call. Dana Reed rings you by 09:20." in said(world, visit)


def test_nobody_elses_text_call_or_number_is_there(world: World, visit: Visit, post: Post) -> None:
    other = world.book("Ben Ode", "14:00", phone=BEN)
    same_phone = world.book("Ana Cole", "14:00")
    with world.as_office() as work:
        tom = world.technicians["Tom"]
        row = queue(work, TECHNICIAN_PROMPT, to_technician(tom), visit=world.fresh(visit), round=tom.id)
        suppress(work, row, "too_late")  # and somebody rings Tom
    post.send()
    for mine in (visit, other, same_phone):
        assert len(reads(world, mine)) == 1
    shown = " ".join(said(world, visit))
    for hidden in (TOM, ANA, "memory-", "technician"):
        assert hidden not in shown


def test_no_sentence_to_a_customer_tells_a_number_of_the_providers() -> None:
    sentences = [said.customer for said in REASONS.values()] + list(TOLD.values())
    assert not [one for one in sentences if any(sign.isdigit() for sign in one)]
