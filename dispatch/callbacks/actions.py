"""Promising that a person rings, and keeping that promise."""

from __future__ import annotations

from datetime import datetime, timedelta

from dispatch.callbacks.queries import find_open
from dispatch.callbacks.tables import Callback
from dispatch.errors import StateConflict
from dispatch.events import CallbackHandedOver, CallbackMade, CallbackPromised
from dispatch.territories.queries import get_territory, list_ladder
from dispatch.territories.rules import next_up
from dispatch.words import clean
from dispatch.work import Work


def promise_callback(
    work: Work,
    *,
    territory_id: str,
    about: str,
    visit_id: str | None = None,
    recovery_id: str | None = None,
    inbound_id: str | None = None,
    phone: str = "",
    not_before: datetime | None = None,
    not_after: datetime | None = None,
) -> Callback:
    """A named person will ring by a named time. Asking twice about the same thing gives the same promise.

    `not_before` is for what can wait for a decent hour: the time counts from then. `not_after` is when it must be
    done, where there is still time for it.
    """
    known = find_open(work.session, visit_id=visit_id, phone=phone, about=about)
    if known:
        return known
    territory = get_territory(work.session, territory_id)
    ladder = [person.id for person in list_ladder(work.session, territory_id)]
    from_at = max(work.now, not_before or work.now)
    due_at = from_at + timedelta(seconds=territory.policies.callback_seconds)
    if not_after and not_after > from_at:
        due_at = min(due_at, not_after)
    callback = Callback(
        id=work.new_id(),
        territory_id=territory_id,
        visit_id=visit_id,
        recovery_id=recovery_id,
        inbound_id=inbound_id,
        phone=phone,
        about=about,
        dispatcher_id=next_up(ladder, None),
        opened_at=work.now,
        due_at=due_at,
    )
    work.session.add(callback)
    work.session.flush()
    work.record(
        CallbackPromised(
            visit_id=visit_id,
            callback_id=callback.id,
            dispatcher_id=callback.dispatcher_id,
            due_at=callback.due_at,
            about=about,
        )
    )
    return callback


def escalate(work: Work, callback: Callback) -> None:
    """Overdue: the next person up has it now, with a deadline of their own."""
    if callback.done_at is not None or callback.due_at > work.now:
        return
    territory = get_territory(work.session, callback.territory_id)
    ladder = [person.id for person in list_ladder(work.session, territory.id)]
    before, person = callback.dispatcher_id, next_up(ladder, callback.dispatcher_id)
    callback.dispatcher_id, callback.escalations = person, callback.escalations + 1
    callback.due_at = work.now + timedelta(seconds=territory.policies.callback_escalation_seconds)
    work.session.add(callback)
    if person and person != before:  # at the top it stays overdue, and on the board, until somebody rings
        work.record(
            CallbackHandedOver(
                visit_id=callback.visit_id,
                callback_id=callback.id,
                dispatcher_id=person,
                due_at=callback.due_at,
            )
        )


def finish_callback(work: Work, callback: Callback, outcome: str) -> None:
    """Somebody rang. Raises StateConflict when that was already noted."""
    if callback.done_at is not None:
        raise StateConflict("This call has already been made.", current_state="done")
    callback.done_at, callback.outcome = work.now, clean(outcome, "outcome", limit=40)
    work.session.add(callback)
    work.record(CallbackMade(visit_id=callback.visit_id, callback_id=callback.id, outcome=callback.outcome))
