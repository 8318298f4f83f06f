"""A phone of the demo that rings: taken, talked on and hung up by its owner, as a provider would tell us."""

from __future__ import annotations

from dataclasses import dataclass

from api.runtime.runtime import Runtime
from dispatch.work import SYSTEM, Work
from notifications.calls.reports import report
from notifications.calls.tables import Call
from notifications.calls.talking import page_of, pick_up, press
from notifications.channels.voice_pocket import RANG_OUT, RINGING, TALKING

TAKE, LEAVE, HANG_UP, LISTEN = "take", "leave", "hang up", "listen"


@dataclass(frozen=True, slots=True)
class Ringing:
    """A call on that phone; `words` is what is heard once it is taken, `listens` that a key may be pressed."""

    words: str = ""
    listens: bool = False


def ringing(work: Work, runtime: Runtime, phone: str) -> Ringing | None:
    call = runtime.voice_pocket.newest(phone) if runtime.voice_pocket else None
    if call is None or call.status == RINGING:
        return Ringing() if call else None
    page = page_of(work, call.call_id, call.id, runtime.writer)
    return Ringing(page.words, page.listens) if page else None


def act(runtime: Runtime, phone: str, what: str) -> None:
    """Take the call, leave it, hang up, listen to the end, or press a key; nothing if it no longer rings."""
    voice = runtime.voice_pocket
    call = voice.newest(phone) if voice else None
    if voice is None or call is None:
        return
    with runtime.work(SYSTEM, "call answered") as work:
        if what == TAKE:
            pick_up(work, call.call_id, call.id)
        elif what in (LEAVE, HANG_UP):
            report(work, call.call_id, call.id, RANG_OUT if what == LEAVE else "completed")
        else:
            row = work.session.get_one(Call, call.call_id)
            press(work, call.call_id, call.id, row.saying_id, "" if what == LISTEN else what)
    voice.note(call.id, {TAKE: TALKING, LEAVE: RANG_OUT, HANG_UP: "completed"}.get(what, call.status))
