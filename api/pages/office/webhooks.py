"""Other programs that hear of facts, and every delivery to them. `/office/webhooks`."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form as FormBody
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import ReadDep, RuntimeDep, StaffDep, WorkDep
from api.errors import status_of
from api.pages.again import shown_again
from api.pages.office.typed import Form, Reading, Typed
from api.pages.staff import staff_page
from api.principal import Principal
from api.routers.webhooks import mine, subscribe, told_once
from api.strict import router
from api.webhooks import actions
from api.webhooks.queries import get_delivery, list_deliveries, list_subscriptions
from api.webhooks.rules import known_kinds
from api.webhooks.states import DeliveryState
from dispatch.errors import DispatchError
from dispatch.ledger import head
from dispatch.work import Work

routes = router("/office/webhooks", "office", include_in_schema=False, default_response_class=HTMLResponse)

USUAL = ("visit_booked", "promise_made", "failure_noticed", "recovery_opened", "recovery_closed")


@routes.get("")
def show_all(request: Request, work: ReadDep, who: StaffDep) -> Response:
    rows = list_subscriptions(work.session, who.territory_id or "")
    return staff_page(request, work, who, "office_webhooks.html", rows=rows)


@routes.get("/new")
def ask(request: Request, work: ReadDep, who: StaffDep) -> Response:
    return _new_page(request, work, who, Form.of({f"kind-{kind}": "on" for kind in USUAL}))


@routes.post("/new")
def add(
    request: Request, typed: Annotated[Typed, FormBody()], work: WorkDep, who: StaffDep, runtime: RuntimeDep
) -> Response:
    """The secret is shown once, here: no address of ours shows it again."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return _new_page(request, fresh, who, Form().again(typed, error, conflict_at="url"))

    with shown_again(again):
        reading = Reading(typed)
        url = reading.text("url", 500)
        kinds = [kind for kind in known_kinds() if reading.ticked(f"kind-{kind}")]
        reading.require()
        made = told_once(work, runtime, subscribe(work, who, runtime, url, kinds))
    return staff_page(request, work, who, "office_webhook_secret.html", hook=made)


@routes.get("/{webhook_id}")
def show(
    webhook_id: str, request: Request, work: ReadDep, who: StaffDep, state: DeliveryState | None = None
) -> Response:
    return _page(request, work, who, webhook_id, Form(), state)


@routes.post("/{webhook_id}/secret")
def renew_secret(
    webhook_id: str, request: Request, work: WorkDep, who: StaffDep, runtime: RuntimeDep
) -> Response:
    with shown_again(lambda fresh, error: _page(request, fresh, who, webhook_id, Form(error=error))):
        actions.renew_secret(work, found := mine(work, who, webhook_id))
        made = told_once(work, runtime, found)
    return staff_page(request, work, who, "office_webhook_secret.html", hook=made)


@routes.post("/{webhook_id}/replay")
def replay(
    webhook_id: str, request: Request, typed: Annotated[Typed, FormBody()], work: WorkDep, who: StaffDep
) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return _page(request, fresh, who, webhook_id, Form().again(typed, error))

    with shown_again(again):
        reading = Reading(typed)
        after = reading.whole("after", 0, 2**31 - 1)
        reading.require()
        actions.replay(work, mine(work, who, webhook_id), after)
    return _to(webhook_id)


@routes.post("/{webhook_id}/deliveries/{delivery_id}")
def send_again(webhook_id: str, delivery_id: str, request: Request, work: WorkDep, who: StaffDep) -> Response:
    with shown_again(lambda fresh, error: _page(request, fresh, who, webhook_id, Form(error=error))):
        found = mine(work, who, webhook_id)
        actions.send_again(work, found, get_delivery(work.session, delivery_id, found))
    return _to(webhook_id)


@routes.post("/{webhook_id}/{verb}")
def act(
    webhook_id: str,
    verb: Literal["pause", "resume", "end", "test"],
    request: Request,
    work: WorkDep,
    who: StaffDep,
) -> Response:
    """The plain buttons. Last, because its path would fit those above too."""
    with shown_again(lambda fresh, error: _page(request, fresh, who, webhook_id, Form(error=error))):
        found = mine(work, who, webhook_id)
        match verb:
            case "pause":
                actions.pause(work, found)
            case "resume":
                actions.go_on(work, found)
            case "end":
                actions.end(work, found, "ended_by_office")
            case "test":
                actions.send_test(work, found)
    return _to(webhook_id)


def _page(
    request: Request,
    work: Work,
    who: Principal,
    webhook_id: str,
    form: Form,
    state: DeliveryState | None = None,
) -> Response:
    hook = mine(work, who, webhook_id)
    return staff_page(
        request,
        work,
        who,
        "office_webhook.html",
        status=status_of(form.error) if form.error else 200,
        form=form,
        hook=hook,
        state=state,
        states=list(DeliveryState),
        newest=head(work.session),
        deliveries=list_deliveries(work.session, hook, state=state),
    )


def _new_page(request: Request, work: Work, who: Principal, form: Form) -> Response:
    return staff_page(
        request,
        work,
        who,
        "office_webhook_new.html",
        status=status_of(form.error) if form.error else 200,
        form=form,
        kinds=known_kinds(),
    )


def _to(webhook_id: str) -> Response:
    return RedirectResponse(f"/office/webhooks/{webhook_id}", 303)
