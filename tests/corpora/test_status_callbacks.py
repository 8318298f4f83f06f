"""Whatever a provider reports, row by row: the furthest word stands, and nothing is believed of another text."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from dispatch.callbacks.tables import Callback
from dispatch.visits.tables import Visit
from dispatch.work import SYSTEM
from notifications.channels.port import Unclear
from notifications.outbox.reports import hear
from notifications.outbox.states import MessageState
from notifications.outbox.tables import StatusReport
from tests.corpora.conftest import erase_ana
from tests.unit.notifications.post import Post
from tests.worlds import World

SID = "memory-1"


def told(world: World, message_id: str, sid: str, status: str, code: str = "") -> bool:
    with world.workshop.work(SYSTEM, "hook") as work:
        return hear(work, message_id, sid, status, code)


def calls(world: World) -> list[str]:
    with world.look() as work:
        return [call.about for call in work.session.exec(select(Callback))]


@pytest.mark.parametrize(
    ("reports", "state"),
    [
        pytest.param(["delivered", "sent", "queued"], MessageState.DELIVERED, id="reordered"),
        pytest.param(["delivered", "delivered"], MessageState.DELIVERED, id="duplicate"),
        pytest.param(["delivered", "undelivered"], MessageState.DELIVERED, id="lower after higher"),
        pytest.param(["undelivered", "delivered"], MessageState.DELIVERED, id="arrived after all"),
        pytest.param(["failed", "sent"], MessageState.UNDELIVERED, id="failed, then an older word"),
        pytest.param(["Delivered "], MessageState.DELIVERED, id="in other letters"),
        pytest.param(["teleported"], MessageState.SENT, id="a word that we do not know"),
        pytest.param([""], MessageState.SENT, id="no word"),
    ],
)
def test_the_furthest_word_stands(
    world: World, visit: Visit, post: Post, reports: list[str], state: MessageState
) -> None:
    [row] = post.rows()
    for status in reports:
        told(world, row.id, SID, status)
    assert post.rows()[0].state is state


@pytest.mark.parametrize("named", [True, False])
def test_with_our_own_name_or_without(world: World, visit: Visit, post: Post, named: bool) -> None:
    assert told(world, post.rows()[0].id if named else "", SID, "delivered")
    assert post.rows()[0].state is MessageState.DELIVERED


@pytest.mark.parametrize("message_id", ["", "no-such-message"])
def test_a_text_that_nobody_here_knows_is_kept_and_changes_nothing(
    world: World, visit: Visit, post: Post, message_id: str
) -> None:
    assert not told(world, message_id, "unknown", "failed", "30003")
    with world.look() as work:
        assert [one.sid for one in work.session.exec(select(StatusReport))] == ["unknown"]
    assert post.rows()[0].state is MessageState.SENT
    assert calls(world) == []


def test_our_name_with_the_sid_of_another_text_is_refused_and_somebody_looks_into_it(
    world: World, visit: Visit, post: Post
) -> None:
    world.book("Ana Cole", "16:00")
    post.send()
    first, second = post.rows()
    assert not told(world, first.id, second.provider_sid or "", "undelivered", "30006")
    assert {row.state for row in post.rows()} == {MessageState.SENT}
    assert calls(world) == ["text_misreported"]


@pytest.mark.parametrize("code", ["", "30006"])
def test_a_text_that_failed_has_a_person(world: World, visit: Visit, post: Post, code: str) -> None:
    told(world, post.rows()[0].id, SID, "failed", code)
    assert calls(world) == ["text_undelivered"]


def test_a_report_before_the_answer_to_our_own_call(world: World, visit: Visit, post: Post) -> None:
    post.channel.script, post.channel.accepts_unclear = [Unclear("timed out")], True
    world.book("Ana Cole", "16:00")
    post.send()
    row = post.rows()[-1]
    assert told(world, row.id, "memory-2", "sent")
    assert (post.rows()[-1].state, post.rows()[-1].provider_sid) == (MessageState.SENT, "memory-2")


def test_of_an_erased_visit_it_still_counts_and_nobody_is_to_ring(
    world: World, visit: Visit, post: Post
) -> None:
    erase_ana(world, visit)
    row = post.rows()[0]
    for status, state in (("undelivered", MessageState.UNDELIVERED), ("delivered", MessageState.DELIVERED)):
        assert told(world, row.id, SID, status, "30008" if status == "undelivered" else "")
        assert (post.rows()[0].state, post.rows()[0].phone) == (state, "")
    assert not told(world, row.id, "another", "delivered")  # still no report of another text
    assert {row.phone for row in post.rows()} == {""}
    assert calls(world) == []


def test_three_days_late_it_still_counts(world: World, visit: Visit, post: Post) -> None:
    world.clock.at += timedelta(days=3)
    assert told(world, post.rows()[0].id, SID, "delivered")
    assert post.rows()[0].state is MessageState.DELIVERED
