"""The job of webhooks: deliveries are written from the ledger, claimed, sent between two Works, and settled."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col

from api.webhooks import rules
from api.webhooks.actions import end, queue
from api.webhooks.posting import Answer, Poster
from api.webhooks.queries import is_of, list_active, list_due, list_lost
from api.webhooks.signing import body_of, headers_of, secrets_of
from api.webhooks.states import DeliveryState, Signal, SubscriptionState, step
from api.webhooks.tables import Delivery, Subscription
from dispatch import ledger
from dispatch.access.links import LinkKey
from dispatch.ledger import LedgerEntry
from dispatch.store import BUT_NOT_THE_KEY
from dispatch.work import CLOCK, Work, Workshop

CAUSE = "webhooks"
FACTS_AT_ONCE = 200
AT_ONCE_FOR_ONE = 4
SHARED_PLACES = 12  # beside the one that each subscriber has
LOOKS_AGAIN_SECONDS = 1.0
TAKES_MORE_FOR_SECONDS = 60.0
LEASE = timedelta(seconds=60)
GONE = 410


@dataclass(frozen=True, slots=True)
class Claimed:
    """What its holder may post, once; `fence` is the right to write down what came of it."""

    delivery_id: str
    webhook_id: str
    fence: str
    url: str
    headers: dict[str, str]
    body: bytes


def deliver_due(workshop: Workshop, poster: Poster, key: LinkKey) -> int:
    """Write what is to be told and send what is due; how many deliveries arrived."""
    with workshop.read() as read:
        lost = bool(list_lost(read.session, read.now))
        subscribed = [one.id for one in list_active(read.session)]
    if lost:
        with workshop.work(CLOCK, CAUSE) as work:
            release_lost(work)
    return _deliver(workshop, poster, key, subscribed) if subscribed else 0


def _deliver(workshop: Workshop, poster: Poster, key: LinkKey, subscribed: list[str]) -> int:
    """Each is settled as soon as it ends, and more is taken meanwhile: whoever is slow fills their own places only."""
    arrived, until = 0, time.monotonic() + TAKES_MORE_FOR_SECONDS
    posts: dict[Future[Answer], Claimed] = {}
    with ThreadPoolExecutor(len(subscribed) + SHARED_PLACES, thread_name_prefix="webhook") as pool:
        while True:
            written = batch = 0
            if time.monotonic() < until:
                written = sum(_write(workshop, one) for one in subscribed)
                with workshop.work(CLOCK, CAUSE) as work:
                    taken = claim(work, key, Counter(one.webhook_id for one in posts.values()))
                posts |= {pool.submit(poster.post, one.url, one.headers, one.body): one for one in taken}
                batch = len(taken)
            if not (posts or written or batch):
                return arrived
            for post in wait(posts, LOOKS_AGAIN_SECONDS, FIRST_COMPLETED).done:
                answer = post.result()
                arrived += answer.has_arrived
                with workshop.work(CLOCK, CAUSE) as work:
                    settle(work, posts.pop(post), answer)


def _write(workshop: Workshop, subscription_id: str) -> int:
    with workshop.read() as read:
        cursor = read.session.get_one(Subscription, subscription_id).cursor
        if ledger.head(read.session) <= cursor:
            return 0
    with workshop.work(CLOCK, CAUSE) as work:
        return write_deliveries(work, subscription_id)


def write_deliveries(work: Work, subscription_id: str) -> int:
    """A row for each fact after the cursor that is wanted; the cursor moves in the same Work. How many facts."""
    subscription = work.session.get_one(Subscription, subscription_id, with_for_update=BUT_NOT_THE_KEY)
    if subscription.state is not SubscriptionState.ACTIVE:
        return 0
    facts = ledger.since(work.session, subscription.cursor, FACTS_AT_ONCE)
    for entry in facts:
        if entry.kind in subscription.kinds and is_of(work.session, entry, subscription.territory_id):
            queue(work, subscription, entry.seq, entry.kind)
    if facts:
        subscription.cursor = facts[-1].seq
        work.session.add(subscription)
    return len(facts)


def claim(work: Work, key: LinkKey, under_way: Mapping[str, int] | None = None) -> list[Claimed]:
    """What is due and has a place: one of their own for each subscriber, up to three more out of the shared ones, and
    none of those for somebody who failed the last time. `under_way` counts what is still being told, by subscriber."""
    found: list[Claimed] = []
    taken = Counter(under_way or {})
    shared = SHARED_PLACES - sum(count - 1 for count in taken.values() if count)
    for subscription in list_active(work.session):
        mine = taken[subscription.id]
        most = 1 if subscription.failures_in_a_row else min(AT_ONCE_FOR_ONE, max(mine, 1) + shared)
        for delivery_id in list_due(work.session, subscription.id, work.now, max(most - mine, 0)):
            if _take(work, delivery_id):
                found.append(_prepare(work, key, subscription, delivery_id))
                taken[subscription.id] += 1
                shared -= taken[subscription.id] > 1
    return found


def _take(work: Work, delivery_id: str) -> bool:
    take = (
        update(Delivery)
        .where(col(Delivery.id) == delivery_id, col(Delivery.state) == DeliveryState.PENDING)
        .values(state=DeliveryState.SENDING)
        .returning(col(Delivery.id))
        .execution_options(synchronize_session=False)
    )
    return work.session.execute(take).first() is not None


def _prepare(work: Work, key: LinkKey, subscription: Subscription, delivery_id: str) -> Claimed:
    delivery = work.session.get_one(Delivery, delivery_id, populate_existing=True)
    delivery.tries += 1
    delivery.fence, delivery.lease_until_at = work.chance.salt(), work.now + LEASE
    work.session.add(delivery)
    body = body_of(delivery, work.session.get(LedgerEntry, delivery.seq) if delivery.seq else None)
    headers = headers_of(delivery.id, body, work.now, secrets_of(key, subscription, work.now))
    return Claimed(delivery.id, subscription.id, delivery.fence, subscription.url, headers, body)


def settle(work: Work, claimed: Claimed, answer: Answer) -> None:
    """What came of a try. Whoever lost the fence meanwhile changes nothing."""
    delivery = work.session.get_one(Delivery, claimed.delivery_id, with_for_update=True)
    if delivery.fence != claimed.fence or delivery.state is not DeliveryState.SENDING:
        return
    subscription = work.session.get_one(Subscription, delivery.webhook_id, with_for_update=BUT_NOT_THE_KEY)
    delivery.status, delivery.answer = answer.status, answer.text[:200]
    if answer.has_arrived:
        subscription.failures_in_a_row = 0
        delivery.state, delivery.ended_at = step(delivery.state, Signal.ARRIVE), work.now
    else:
        subscription.failures_in_a_row += 1
        _put_off(work, delivery, for_good=answer.status == GONE or subscription.ended_at is not None)
    delivery.lease_until_at = None
    work.session.add_all((delivery, subscription))
    if answer.status == GONE:
        end(work, subscription, "gone")


def release_lost(work: Work) -> None:
    """Whoever tried these did not come back: they are tried again, and may arrive twice."""
    for delivery in list_lost(work.session, work.now):
        delivery.answer, delivery.lease_until_at, delivery.fence = (
            "nobody knows what came of the last try",
            None,
            "",
        )
        _put_off(work, delivery, for_good=False)
        work.session.add(delivery)


def _put_off(work: Work, delivery: Delivery, *, for_good: bool) -> None:
    next_try_at = work.now + rules.pause(delivery.tries, work.chance.share())
    if for_good or next_try_at > delivery.give_up_at:
        delivery.state, delivery.ended_at = step(delivery.state, Signal.GIVE_UP), work.now
    else:
        delivery.state, delivery.next_try_at = step(delivery.state, Signal.FAIL), next_try_at
