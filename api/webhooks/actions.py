"""What the office does with its webhooks: create, pause, go on, end, renew the secret, test, send again."""

from __future__ import annotations

from api.webhooks.queries import list_subscriptions, list_waiting
from api.webhooks.rules import GIVES_UP_AFTER, TEST_KIND, require_kinds
from api.webhooks.signing import OLD_SECRET_LASTS
from api.webhooks.states import DeliveryState, Signal, SubscriptionState, step
from api.webhooks.tables import Delivery, Subscription
from dispatch import ledger
from dispatch.errors import Invalid, StateConflict
from dispatch.events import WebhookChanged
from dispatch.work import Work

MOST_SUBSCRIPTIONS = 20


def subscribe(work: Work, territory_id: str, url: str, kinds: list[str]) -> Subscription:
    """From the next fact on. The address was judged already. Raises Invalid, StateConflict beyond twenty."""
    live = [one for one in list_subscriptions(work.session, territory_id) if one.ended_at is None]
    if len(live) >= MOST_SUBSCRIPTIONS:
        raise StateConflict(f"There are {MOST_SUBSCRIPTIONS} webhooks already. End one of them first.")
    subscription = Subscription(
        id=work.new_id(),
        territory_id=territory_id,
        url=url,
        kinds=require_kinds(kinds),
        state=SubscriptionState.ACTIVE,
        cursor=ledger.head(work.session),
        created_at=work.now,
        created_by=str(work.actor),
    )
    work.session.add(subscription)
    work.session.flush()
    _note(work, subscription, "created")
    return subscription


def pause(work: Work, subscription: Subscription) -> None:
    """Nothing is sent; the cursor stands, so that nothing is lost. Raises StateConflict once it has ended."""
    _move(work, subscription, SubscriptionState.PAUSED, "paused")


def go_on(work: Work, subscription: Subscription) -> None:
    """What waited goes out, with a new day to arrive in. Raises StateConflict once it has ended."""
    _move(work, subscription, SubscriptionState.ACTIVE, "resumed")
    for delivery in list_waiting(work.session, subscription.id):
        delivery.next_try_at, delivery.give_up_at = work.now, work.now + GIVES_UP_AFTER
        work.session.add(delivery)


def end(work: Work, subscription: Subscription, because: str) -> None:
    """For good: its deliveries stay to be read, and what waited is given up. Twice is once."""
    if subscription.state is SubscriptionState.ENDED:
        return
    subscription.state, subscription.ended_at = SubscriptionState.ENDED, work.now
    subscription.ended_because = because
    for delivery in list_waiting(work.session, subscription.id):
        delivery.state, delivery.ended_at = step(delivery.state, Signal.GIVE_UP), work.now
        work.session.add(delivery)
    work.session.add(subscription)
    _note(work, subscription, because)


def renew_secret(work: Work, subscription: Subscription) -> None:
    """The old one stays valid for a day. Raises StateConflict once it has ended, or within that day."""
    _require_live(subscription)
    if subscription.old_secret_until_at and work.now < subscription.old_secret_until_at:
        raise StateConflict("The secret was renewed within the last 24 hours; two are valid already.")
    subscription.secret_version += 1
    subscription.old_secret_until_at = work.now + OLD_SECRET_LASTS
    work.session.add(subscription)
    _note(work, subscription, "secret_renewed")


def send_test(work: Work, subscription: Subscription) -> Delivery:
    """One delivery that tells of nothing. Raises StateConflict once it has ended."""
    _require_live(subscription)
    return queue(work, subscription, 0, TEST_KIND)


def replay(work: Work, subscription: Subscription, after: int) -> None:
    """Send again everything after the fact of that number. Raises Invalid, StateConflict once it has ended."""
    _require_live(subscription)
    if after > subscription.cursor:
        sentence = f"Facts up to number {subscription.cursor} were looked at; choose one of them."
        raise Invalid.field("after", "cursor_ahead", sentence)
    subscription.cursor = after
    work.session.add(subscription)
    _note(work, subscription, "replayed")


def send_again(work: Work, subscription: Subscription, delivery: Delivery) -> None:
    """Under the same id, with a new day to arrive in. Raises StateConflict while it is on its way."""
    _require_live(subscription)
    delivery.state = step(delivery.state, Signal.SEND_AGAIN)
    delivery.tries, delivery.ended_at = 0, None
    delivery.next_try_at, delivery.give_up_at = work.now, work.now + GIVES_UP_AFTER
    work.session.add(delivery)


def queue(work: Work, subscription: Subscription, seq: int, kind: str) -> Delivery:
    delivery = Delivery(
        id=work.new_id(),
        webhook_id=subscription.id,
        seq=seq,
        kind=kind,
        state=DeliveryState.PENDING,
        queued_at=work.now,
        next_try_at=work.now,
        give_up_at=work.now + GIVES_UP_AFTER,
    )
    work.session.add(delivery)
    return delivery


def _move(work: Work, subscription: Subscription, state: SubscriptionState, what: str) -> None:
    _require_live(subscription)
    subscription.state, subscription.failures_in_a_row = state, 0
    work.session.add(subscription)
    _note(work, subscription, what)


def _require_live(subscription: Subscription) -> None:
    if subscription.state is SubscriptionState.ENDED:
        raise StateConflict("This webhook has ended. Create a new one.", current_state="ended")


def _note(work: Work, subscription: Subscription, what: str) -> None:
    work.record(
        WebhookChanged(webhook_id=subscription.id, territory_id=subscription.territory_id, change=what)
    )
