"""A person has dealt with a text that a machine did not understand."""

from __future__ import annotations

from dispatch.callbacks.actions import finish_callback
from dispatch.callbacks.queries import find_open
from dispatch.errors import StateConflict
from dispatch.work import Work
from notifications.inbox.queries import get_inbound, list_for_phone


def mark_handled(work: Work, inbound_id: str, *, outcome: str = "answered") -> None:
    """Read and dealt with; with the last text of that phone, the promised answer is kept too.

    Raises StateConflict when somebody was quicker.
    """
    text = get_inbound(work.session, inbound_id)
    if text.handled_at is not None:
        raise StateConflict("Somebody has already dealt with this text.", current_state="handled")
    text.handled_at, text.handled_by = work.now, str(work.actor)
    work.session.add(text)
    work.session.flush()
    waiting = [
        one
        for one in list_for_phone(work.session, text.phone)
        if one.answer_by_at and one.handled_at is None and one.visit_id == text.visit_id
    ]
    callback = find_open(work.session, visit_id=text.visit_id, phone=text.phone, about="inbox")
    if callback and not waiting:
        finish_callback(work, callback, outcome)
