"""Where Twilio asks what to say on the phone, and tells which key was pressed. Nothing is believed unsigned."""

from __future__ import annotations

import logging

from fastapi import Request, Response

from api.deps import RuntimeDep, reading, writing
from api.hooks.twilio import Form, HookRoute, Markup, provider_of, read_signed, said
from api.runtime.runtime import Runtime
from api.strict import router
from dispatch.errors import NotFound
from notifications.calls.port import VoiceProvider
from notifications.calls.reports import report
from notifications.calls.talking import page_of, pick_up, press

LOG = logging.getLogger("makegood.hooks")
routes = router("/hooks/twilio/voice", "hooks", route_class=HookRoute)


@routes.post("", response_class=Markup)
async def picked_up(request: Request, runtime: RuntimeDep) -> Response:
    """A phone was picked up; `c` in the address is our own id of the call. Answers with what is to be said."""
    voice = _voice(runtime)
    form = await read_signed(request, runtime, provider_of(runtime))
    if form is None:
        return Response(status_code=403)
    call_id, sid = _ids(request, form)
    answered_by = said(form, "AnsweredBy")
    await writing(runtime, "call picked up", lambda work: pick_up(work, call_id, sid, answered_by))
    return await _speak(runtime, voice, call_id, sid)


@routes.post("/answer", response_class=Markup)
async def answered(request: Request, runtime: RuntimeDep) -> Response:
    """A key was pressed, or none to the end; `m` is the text that was said. Any number of times, with one effect."""
    voice = _voice(runtime)
    form = await read_signed(request, runtime, provider_of(runtime))
    if form is None:
        return Response(status_code=403)
    call_id, sid = _ids(request, form)
    saying_id, digits = said(request.query_params, "m")[:26], said(form, "Digits")[:10]
    await writing(runtime, "call answered", lambda work: press(work, call_id, sid, saying_id, digits))
    return await _speak(runtime, voice, call_id, sid)


@routes.post("/status", status_code=204)
async def ended(request: Request, runtime: RuntimeDep) -> Response:
    """How a call ended. Always 204 when it is signed."""
    _voice(runtime)
    form = await read_signed(request, runtime, provider_of(runtime))
    if form is None:
        return Response(status_code=403)
    call_id, sid = _ids(request, form)
    word, answered_by = said(form, "CallStatus"), said(form, "AnsweredBy")
    if not await writing(
        runtime, "call reported", lambda work: report(work, call_id, sid, word, answered_by)
    ):
        LOG.warning("a report that changes nothing: %.20r about %.40r", word, sid)
    return Response(status_code=204)


def _ids(request: Request, form: Form) -> tuple[str, str]:
    return said(request.query_params, "c")[:26], said(form, "CallSid")[:64]


def _voice(runtime: Runtime) -> VoiceProvider:
    """Raises NotFound where no machine rings."""
    if runtime.voice_provider is None:
        raise NotFound("No machine rings for us here.")
    return runtime.voice_provider


async def _speak(runtime: Runtime, voice: VoiceProvider, call_id: str, sid: str) -> Response:
    page = await reading(runtime, lambda work: page_of(work, call_id, sid, runtime.writer))
    return Markup(voice.markup(page))
