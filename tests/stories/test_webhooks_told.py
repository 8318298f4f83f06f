"""Another program hears of facts: each once the ledger has it, again until it arrives, and nothing of others."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from api.webhooks import actions
from api.webhooks.posting import Answer, KeptPosts
from api.webhooks.queries import list_deliveries
from api.webhooks.sending import claim, deliver_due, settle, write_deliveries
from api.webhooks.states import DeliveryState, SubscriptionState
from api.webhooks.tables import Delivery, Subscription
from dispatch import ledger
from dispatch.access.links import LinkKey
from dispatch.clock import SetClock
from dispatch.errors import Invalid, StateConflict
from dispatch.work import CLOCK, Workshop
from tests.builders import a_territory
from tests.worlds import World, a_quiet_town

KEY = LinkKey(b"a secret for tests, of forty bytes and more")
URL = "https://hooks.example.com/makegood"


@dataclass
class Endpoints(KeptPosts):
    """Answers by address, and may be down."""

    down: set[str] = field(default_factory=set)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        answer = super().post(url, headers, body)
        return Answer(None, "not reached: ConnectError") if url in self.down else answer


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom")


@pytest.fixture
def there() -> Endpoints:
    return Endpoints()


def subscribed(world: World, *kinds: str, url: str = URL) -> Subscription:
    with world.as_office() as work:
        return actions.subscribe(work, world.territory.id, url, list(kinds or ["visit_booked"]))


def deliveries(world: World, webhook: Subscription) -> list[Delivery]:
    with world.look() as work:
        return list(reversed(list_deliveries(work.session, webhook)))


def fresh(world: World, webhook: Subscription) -> Subscription:
    with world.look() as work:
        return work.session.get_one(Subscription, webhook.id)


def test_a_booking_is_told_once(world: World, there: Endpoints) -> None:
    webhook = subscribed(world)
    visit = world.book("Ana Cole", "08:00")
    assert deliver_due(world.workshop, there, KEY) == 1
    assert deliver_due(world.workshop, there, KEY) == 0
    [(url, _, body)] = there.posts
    assert url == URL
    assert visit.id in body.decode()
    assert "Ana" not in body.decode()
    [told] = deliveries(world, webhook)
    assert (told.state, told.status, told.tries, told.answer) == (DeliveryState.DELIVERED, 200, 1, "kept")


def test_what_happened_before_and_what_is_another_territorys_is_not_told(
    world: World, there: Endpoints, workshop: Workshop
) -> None:
    world.book("Ana Cole", "08:00")
    subscribed(world, "visit_booked", "territory_opened")
    with world.as_office() as work:
        a_territory(work, name="South")
    assert deliver_due(workshop, there, KEY) == 0
    assert there.posts == []


def test_one_that_is_down_hears_it_when_it_is_back(world: World, there: Endpoints, clock: SetClock) -> None:
    webhook = subscribed(world)
    world.book("Ana Cole", "08:00")
    there.down.add(URL)
    for minutes in (0, 1, 2, 4, 8):
        clock.at += timedelta(minutes=minutes)
        assert deliver_due(world.workshop, there, KEY) == 0
    assert len(there.posts) >= 3
    there.down.clear()
    clock.at += timedelta(hours=1)
    assert deliver_due(world.workshop, there, KEY) == 1
    ids = {headers["Makegood-Id"] for _, headers, _ in there.posts}
    assert ids == {deliveries(world, webhook)[0].id}  # a receiver knows a repetition by it


def test_after_a_day_we_give_up_and_say_so_until_somebody_sends_it_again(
    world: World, there: Endpoints, clock: SetClock
) -> None:
    webhook = subscribed(world)
    world.book("Ana Cole", "08:00")
    there.answers[URL] = 500
    for _ in range(60):
        deliver_due(world.workshop, there, KEY)
        clock.at += timedelta(minutes=30)
    [told] = deliveries(world, webhook)
    assert (told.state, told.status) == (DeliveryState.GAVE_UP, 500)
    assert 10 <= told.tries <= 20
    assert told.ended_at
    assert told.ended_at - told.queued_at <= timedelta(hours=24)
    with world.as_office() as work:
        actions.send_again(work, work.session.get_one(Subscription, webhook.id), told)
    there.answers[URL] = 200
    assert deliver_due(world.workshop, there, KEY) == 1


def test_one_that_is_gone_is_not_asked_again(world: World, there: Endpoints) -> None:
    webhook = subscribed(world)
    for hour in ("08:00", "10:00", "12:00", "14:00"):
        world.book(f"Ana {hour}", hour)
    there.answers[URL] = 410
    deliver_due(world.workshop, there, KEY)
    ended = fresh(world, webhook)
    assert (ended.state, ended.ended_because) == (SubscriptionState.ENDED, "gone")
    calls = len(there.posts)
    world.book("Ben Ode", "08:00")
    deliver_due(world.workshop, there, KEY)
    assert len(there.posts) == calls
    assert {one.state for one in deliveries(world, webhook)} == {DeliveryState.GAVE_UP}
    with world.as_office() as work, pytest.raises(StateConflict):
        actions.go_on(work, work.session.get_one(Subscription, webhook.id))


def test_paused_loses_nothing(world: World, there: Endpoints) -> None:
    webhook = subscribed(world)
    with world.as_office() as work:
        actions.pause(work, work.session.get_one(Subscription, webhook.id))
    world.book("Ana Cole", "08:00")
    assert deliver_due(world.workshop, there, KEY) == 0
    with world.as_office() as work:
        actions.go_on(work, work.session.get_one(Subscription, webhook.id))
    assert deliver_due(world.workshop, there, KEY) == 1


def test_whoever_dies_between_writing_and_sending_loses_nothing(
    world: World, there: Endpoints, clock: SetClock
) -> None:
    webhook = subscribed(world)
    world.book("Ana Cole", "08:00")
    with world.workshop.work(actor=CLOCK, cause="webhooks") as work:
        write_deliveries(work, webhook.id)
    with world.workshop.work(actor=CLOCK, cause="webhooks") as work:
        [claimed] = claim(work, KEY)
    assert deliver_due(world.workshop, there, KEY) == 0  # it may still be on its way
    clock.at += timedelta(minutes=2)
    deliver_due(world.workshop, there, KEY)
    clock.at += timedelta(minutes=2)
    assert deliver_due(world.workshop, there, KEY) == 1
    with world.workshop.work(actor=CLOCK, cause="webhooks") as work:
        settle(work, claimed, Answer(500, "late"))  # its fence is another's now
    assert [one.state for one in deliveries(world, webhook)] == [DeliveryState.DELIVERED]


def test_one_that_fails_keeps_nobody_else_waiting(world: World, there: Endpoints) -> None:
    bad = subscribed(world, url="https://bad.example.com/")
    good = subscribed(world, url="https://good.example.com/")
    there.down.add(bad.url)
    for number in range(8):
        world.book(f"Ana {number}", ("08:00", "10:00", "12:00", "14:00")[number // 2])
    deliver_due(world.workshop, there, KEY)
    assert {one.state for one in deliveries(world, good)} == {DeliveryState.DELIVERED}
    assert {one.state for one in deliveries(world, bad)} == {DeliveryState.PENDING}


@dataclass
class Slow(KeptPosts):
    """Whoever stands in `slow` answers only when the others have heard all that there is."""

    slow: set[str] = field(default_factory=set)
    everything: int = 0
    others_have_heard: threading.Event = field(default_factory=threading.Event)
    waited_in_vain: list[str] = field(default_factory=list)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if url in self.slow:
            if not self.others_have_heard.wait(30):
                self.waited_in_vain.append(url)
            return Answer(200, "at last")
        answer = super().post(url, headers, body)
        if len(self.posts) >= self.everything:
            self.others_have_heard.set()
        return answer


def test_those_who_are_slow_keep_nobody_else_waiting(world: World) -> None:
    """Six who are slow would take more places than are shared; the others hear more than fits into one batch."""
    there = Slow(everything=16)
    there.slow = {f"https://slow{number}.example.com/" for number in range(6)}
    webhooks = [subscribed(world, url=url) for url in sorted(there.slow)]
    quick = [subscribed(world, url=f"https://quick{number}.example.com/") for number in range(2)]
    for number in range(8):
        world.book(f"Ana {number}", ("08:00", "10:00", "12:00", "14:00")[number // 2])
    assert deliver_due(world.workshop, there, KEY) == 8 * 8
    assert there.waited_in_vain == []
    for webhook in webhooks + quick:
        assert {one.state for one in deliveries(world, webhook)} == {DeliveryState.DELIVERED}


def test_sent_again_from_a_number_on(world: World, there: Endpoints) -> None:
    webhook = subscribed(world)
    first, second = world.book("Ana Cole", "08:00"), world.book("Ben Ode", "10:00")
    deliver_due(world.workshop, there, KEY)
    booked = [one.seq for one in deliveries(world, webhook)]
    with world.as_office() as work:
        actions.replay(work, work.session.get_one(Subscription, webhook.id), booked[0])
    there.posts.clear()
    deliver_due(world.workshop, there, KEY)
    assert [second.id in body.decode() for _, _, body in there.posts] == [True]
    assert first.id not in there.posts[0][2].decode()
    with world.as_office() as work:
        ahead, known = ledger.head(work.session) + 1, work.session.get_one(Subscription, webhook.id)
        with pytest.raises(Invalid):
            actions.replay(work, known, ahead)


def test_for_a_day_both_secrets_are_good(world: World, there: Endpoints, clock: SetClock) -> None:
    webhook = subscribed(world)
    with world.as_office() as work:
        actions.renew_secret(work, work.session.get_one(Subscription, webhook.id))
    for hours, signatures in ((0, 2), (25, 1)):
        clock.at += timedelta(hours=hours)
        with world.as_office() as work:
            actions.send_test(work, work.session.get_one(Subscription, webhook.id))
        there.posts.clear()
        deliver_due(world.workshop, there, KEY)
        [(_, headers, _)] = there.posts
        assert headers["Makegood-Signature"].count("v1=") == signatures


def test_secrets_are_at_rest_nowhere(world: World) -> None:
    webhook = subscribed(world)
    secret = KEY.derive(f"webhook|{webhook.id}|1")
    assert len(secret) == 64
    assert secret not in repr(fresh(world, webhook).model_dump())
    assert secret != KEY.derive(f"webhook|{webhook.id}|2")
