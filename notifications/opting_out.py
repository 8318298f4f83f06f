"""STOP does not end the promise: whoever wants no more texts is rung about each visit that is still ahead."""

from __future__ import annotations

from datetime import timedelta

from dispatch.callbacks.actions import finish_callback, promise_callback
from dispatch.callbacks.queries import list_for_visit
from dispatch.promises.queries import current_promise
from dispatch.territories.queries import get_territory
from dispatch.visits.queries import list_live_by_phone
from dispatch.work import Work
from notifications.consent import OUT
from notifications.hours import next_opening, urgent_hours
from notifications.inbox.tables import Consent
from notifications.outbox.queueing import UNTOLD
from notifications.reminders import reminder_at

WITHOUT_TEXTS, MAY_CANCEL = f"{UNTOLD}opted_out", f"{UNTOLD}may_cancel"
BEFORE_THE_NEXT_TEXT = timedelta(hours=2)
TEXTS_AGAIN = "texts again"


def note_change(work: Work, consent: Consent) -> None:
    """After STOP, in whichever way it was said, a call for each visit ahead; START ends those not made yet."""
    if consent.state == OUT:
        _ring_about_visits(work, consent.phone)
    else:
        _need_not_ring(work, consent.phone)


def _ring_about_visits(work: Work, phone: str) -> None:
    """Two hours before the next text would have gone, at the latest; and nobody is rung at night."""
    for visit in list_live_by_phone(work.session, phone):
        known = list_for_visit(work.session, visit.id)
        if any(call.done_at is None and call.about in (WITHOUT_TEXTS, MAY_CANCEL) for call in known):
            continue
        zone = get_territory(work.session, visit.territory_id).zone
        promise = current_promise(work.session, visit)
        remind_at = reminder_at(promise, zone)
        next_text_at = remind_at if remind_at > work.now else promise.start_at
        promise_callback(
            work,
            territory_id=visit.territory_id,
            about=WITHOUT_TEXTS,
            visit_id=visit.id,
            phone=phone,
            not_before=next_opening(work.now, urgent_hours(zone)),
            not_after=next_text_at - BEFORE_THE_NEXT_TEXT,
        )


def _need_not_ring(work: Work, phone: str) -> None:
    for visit in list_live_by_phone(work.session, phone):
        for call in list_for_visit(work.session, visit.id):
            if call.done_at is None and call.about == WITHOUT_TEXTS:
                finish_callback(work, call, TEXTS_AGAIN)
