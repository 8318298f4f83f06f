"""Where Twilio calls us: reports on our texts, and texts of phone owners. Nothing is believed without its signature."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import parse_qsl

from fastapi import Request, Response
from starlette.background import BackgroundTask
from starlette.datastructures import ImmutableMultiDict

from api.deps import RuntimeDep, writing
from api.hooks.tray import the_tray
from api.runtime.runtime import Runtime
from api.strict import StrictRoute, router
from dispatch.errors import NotFound
from notifications.channels.port import Inbound, Provider
from notifications.inbox.receive import act_on, keep
from notifications.outbox.reports import Reported

LOG = logging.getLogger("makegood.hooks")
Form = ImmutableMultiDict[str, str]
MOST_FIELDS = 200
NO_ANSWER = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


class Markup(Response):
    """What Twilio does next, in its own language."""

    media_type = "text/xml"


class HookRoute(StrictRoute):
    """A text has at most 1,600 characters; what Twilio says about it is not much more."""

    max_bytes = 64_000
    takes_zeros = True  # `said` leaves them out


routes = router("/hooks/twilio", "hooks", route_class=HookRoute)


@routes.post("/status", status_code=204)
async def status(request: Request, runtime: RuntimeDep) -> Response:
    """What became of one of our texts; `o` in the address is our own id of it. Always 204 when it is signed."""
    form = await read_signed(request, runtime, provider_of(runtime))
    if form is None:
        return Response(status_code=403)
    code = said(form, "ErrorCode")
    report = Reported(
        said(request.query_params, "o")[:26],
        said(form, "MessageSid", "SmsSid")[:64],
        said(form, "MessageStatus", "SmsStatus"),
        code if code.isdecimal() else "",
    )
    if not await the_tray(runtime).put(report):
        LOG.warning("a report that changes nothing: %.20r about %.40r", report.status, report.sid)
    return Response(status_code=204)


@routes.post("/inbound", response_class=Markup)
async def inbound(request: Request, runtime: RuntimeDep) -> Response:
    """Somebody texted us. It is kept before we answer, and acted on then: by us, or else by the job that looks for
    what was only kept. The same text may be told any number of times; answers go out by the outbox."""
    provider = provider_of(runtime)
    form = await read_signed(request, runtime, provider)
    if form is None:
        return Response(status_code=403)
    text = _text(form, provider)
    if not text.provider_sid or text.phone == runtime.settings.twilio_from:
        LOG.warning("a text without a sid, or from our own number: not kept")
        return Markup(NO_ANSWER)
    kept = await writing(
        runtime,
        "text kept",
        lambda work: (
            keep(
                work,
                provider_sid=text.provider_sid,
                phone=text.phone,
                body=text.body,
                is_answered=text.is_answered,
            ).id
        ),
    )
    acts = BackgroundTask(writing, runtime, "text received", lambda work: act_on(work, kept))
    return Markup(NO_ANSWER, background=acts)


def _text(form: Form, provider: Provider) -> Inbound:
    """Pictures are counted and never fetched."""
    body, pictures = said(form, "Body"), said(form, "NumMedia")
    if not body.strip() and pictures not in ("", "0"):
        body = f"(pictures: {pictures[:3]})"
    is_answered = provider.has_answered(body, said(form, "OptOutType"))
    return Inbound(said(form, "MessageSid", "SmsSid")[:64], said(form, "From"), body, is_answered)


def said(form: Mapping[str, str], *names: str) -> str:
    """The first of `names` that is there, without what no database keeps."""
    return next((form[name].replace("\x00", "") for name in names if name in form), "")


def provider_of(runtime: Runtime) -> Provider:
    """Raises NotFound where no provider is set: then nobody has anything to say here."""
    if runtime.provider is None:
        raise NotFound("Nobody carries texts for us here.")
    return runtime.provider


async def read_signed(request: Request, runtime: Runtime, provider: Provider) -> Form | None:
    """The form, when it is signed for the address that phones and providers know us by; else None."""
    body = (await request.body()).decode(errors="replace")
    try:
        form = Form(parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return None
    query = request.url.query
    url = f"{runtime.settings.base_url}{request.url.path}" + (f"?{query}" if query else "")
    signature = request.headers.get("x-twilio-signature", "")
    is_by_another_key = "x-twilio-webhooks-signature-settings" in request.headers
    if not is_by_another_key and provider.is_signed(url, form, signature):
        return form
    LOG.warning("a request with a wrong signature: %s", request.url.path)
    return None
