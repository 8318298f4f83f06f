"""Other programs are told of facts: subscriptions, their secret, and each delivery."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import JSONResponse

from api.deps import ReadDep, RuntimeDep, StaffDep, WorkDep
from api.idempotency import OnceDep
from api.principal import Principal
from api.runtime.runtime import Runtime
from api.schemas.webhooks import DeliveriesOut, DeliveryOut, ReplayIn, WebhookIn, WebhookOut, WebhooksOut
from api.strict import router
from api.webhooks import actions, queries
from api.webhooks.rules import known_kinds
from api.webhooks.signing import secrets_of
from api.webhooks.states import DeliveryState
from api.webhooks.tables import Subscription
from dispatch.work import Work

routes = router("/api/v1/webhooks", "webhooks")


@routes.get("")
def list_all(work: ReadDep, who: StaffDep) -> WebhooksOut:
    found = queries.list_subscriptions(work.session, who.territory_id or "")
    return WebhooksOut(webhooks=[WebhookOut.of(one) for one in found], known_kinds=known_kinds())


@routes.post("", status_code=201, response_model=WebhookOut)
def create(body: WebhookIn, work: WorkDep, who: StaffDep, once: OnceDep, runtime: RuntimeDep) -> JSONResponse:
    """From the next fact on. The secret is in this answer alone: a repetition of the request does not have it."""
    made: list[Subscription] = []

    def make() -> WebhookOut:
        made.append(subscribe(work, who, runtime, body.url, body.kinds))
        return WebhookOut.of(made[0])

    kept = once.answer(work, make)
    if not made:
        return kept
    return JSONResponse(told_once(work, runtime, made[0]).model_dump(mode="json"), kept.status_code)


@routes.get("/{webhook_id}")
def show(webhook_id: str, work: ReadDep, who: StaffDep) -> WebhookOut:
    return WebhookOut.of(mine(work, who, webhook_id))


@routes.delete("/{webhook_id}")
def end(webhook_id: str, work: WorkDep, who: StaffDep) -> WebhookOut:
    """For good. Its deliveries stay to be read."""
    actions.end(work, found := mine(work, who, webhook_id), "ended_by_office")
    return WebhookOut.of(found)


@routes.post("/{webhook_id}/pause")
def pause(webhook_id: str, work: WorkDep, who: StaffDep) -> WebhookOut:
    actions.pause(work, found := mine(work, who, webhook_id))
    return WebhookOut.of(found)


@routes.post("/{webhook_id}/resume")
def go_on(webhook_id: str, work: WorkDep, who: StaffDep) -> WebhookOut:
    actions.go_on(work, found := mine(work, who, webhook_id))
    return WebhookOut.of(found)


@routes.post("/{webhook_id}/secret")
def renew_secret(webhook_id: str, work: WorkDep, who: StaffDep, runtime: RuntimeDep) -> WebhookOut:
    """A new secret; for 24 hours every delivery is signed with the old one too."""
    actions.renew_secret(work, found := mine(work, who, webhook_id))
    return told_once(work, runtime, found)


@routes.post("/{webhook_id}/test", status_code=201, response_model=DeliveryOut)
def send_test(webhook_id: str, work: WorkDep, who: StaffDep, once: OnceDep) -> JSONResponse:
    return once.answer(work, lambda: DeliveryOut.of(actions.send_test(work, mine(work, who, webhook_id))))


@routes.post("/{webhook_id}/replay")
def replay(webhook_id: str, body: ReplayIn, work: WorkDep, who: StaffDep) -> WebhookOut:
    actions.replay(work, found := mine(work, who, webhook_id), body.after)
    return WebhookOut.of(found)


@routes.get("/{webhook_id}/deliveries")
def list_deliveries(
    webhook_id: str,
    work: ReadDep,
    who: StaffDep,
    state: DeliveryState | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DeliveriesOut:
    """The newest first."""
    found = queries.list_deliveries(work.session, mine(work, who, webhook_id), state=state, limit=limit)
    return DeliveriesOut(deliveries=[DeliveryOut.of(one) for one in found])


@routes.post("/{webhook_id}/deliveries/{delivery_id}/again")
def send_again(webhook_id: str, delivery_id: str, work: WorkDep, who: StaffDep) -> DeliveryOut:
    found = mine(work, who, webhook_id)
    delivery = queries.get_delivery(work.session, delivery_id, found)
    actions.send_again(work, found, delivery)
    return DeliveryOut.of(delivery)


def mine(work: Work, who: Principal, webhook_id: str) -> Subscription:
    """One of this office's. Raises NotFound for another territory's."""
    return queries.get_subscription(work.session, webhook_id, who.territory_id or "")


def subscribe(work: Work, who: Principal, runtime: Runtime, url: str, kinds: list[str]) -> Subscription:
    """Raises Invalid for an address that is never called."""
    runtime.poster.require(url)
    return actions.subscribe(work, who.territory_id or "", url, kinds)


def told_once(work: Work, runtime: Runtime, found: Subscription) -> WebhookOut:
    return WebhookOut.of(found, secrets_of(runtime.key, found, work.now)[0])
