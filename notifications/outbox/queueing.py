"""Writing a message down: once for each thing that is to be told, in the Work in which it became true."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dispatch.callbacks.actions import promise_callback
from dispatch.customers.queries import get_customer
from dispatch.customers.tables import Customer
from dispatch.events import MessageQueued, MessageSettled
from dispatch.local_time import local_day
from dispatch.promises.queries import current_promise
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_territory
from dispatch.territories.tables import Territory
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications.calls.beginning import ring_instead, say_now
from notifications.consent import consent_state, may_text
from notifications.hours import Hours, is_worth_waiting, next_opening, urgent_hours, usual_hours
from notifications.messages import CATALOGUE, OPTIONAL, Kind
from notifications.outbox.queries import find_by_key, newest_about
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Audience, Message

ONCE_MORE_AFTER = timedelta(minutes=5)
AGAIN = "|again"  # ends the key of a text that is sent once more
ERASED = "superseded:erased"
UNTOLD = "text_"  # callbacks about texts that could not be sent begin like this; nobody is texted about them


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whose phone, under which language, and whose office answers for it."""

    audience: Audience
    phone: str
    territory_id: str
    language: str = "en"
    customer_id: str | None = None
    technician_id: str | None = None


def to_customer(work: Work, visit: Visit) -> Recipient:
    return to_person(get_customer(work.session, visit.customer_id), visit.territory_id)


def to_person(customer: Customer, territory_id: str) -> Recipient:
    return Recipient(
        Audience.CUSTOMER, customer.phone, territory_id, customer.language, customer_id=customer.id
    )


def to_technician(technician: Technician) -> Recipient:
    return Recipient(
        Audience.TECHNICIAN,
        technician.phone,
        technician.territory_id,
        technician.language,
        technician_id=technician.id,
    )


def to_stranger(phone: str, territory_id: str) -> Recipient:
    return Recipient(Audience.STRANGER, phone, territory_id)


def queue(
    work: Work,
    kind: Kind,
    to: Recipient,
    *,
    visit: Visit | None = None,
    recovery_id: str | None = None,
    round: str | int = "",
    question: str | None = None,
    params: dict[str, Any] | None = None,
    direct: bool = False,
) -> Message:
    """The message of this kind about this promise, written now unless it is there already.

    `round` tells apart what may be said more than once about one promise. A `direct` answer to what
    somebody just did may go at any hour. Withheld from whoever does not want texts: a person rings.
    """
    version = visit.promise_version if visit else None
    key = "|".join(
        str(part)
        for part in (visit.id if visit else "", kind.purpose, version or "", round, to.audience.value)
    )
    known = find_by_key(work.session, key)
    if known:
        return known
    settled_at = work.now + timedelta(seconds=kind.settling_seconds)
    send_after = settled_at if direct else opening(work, kind, to, visit, settled_at)
    message = Message(
        id=work.new_id(),
        dedupe_key=key,
        purpose=kind.purpose,
        audience=to.audience,
        visit_id=visit.id if visit else None,
        customer_id=to.customer_id,
        technician_id=to.technician_id,
        phone=to.phone,
        language=to.language,
        promise_version=version,
        recovery_id=recovery_id,
        question=question,
        params={**(params or {}), "territory_id": to.territory_id, "direct": direct},
        state=MessageState.PENDING,
        urgent=kind.urgent,
        queued_at=_in_order(work, visit),
        send_after_at=send_after,
        deadline_at=send_after + timedelta(seconds=kind.deadline_seconds),
    )
    work.session.add(message)
    work.session.flush()
    work.record(MessageQueued(visit_id=message.visit_id, message_id=message.id, purpose=kind.purpose))
    withheld = None if say_now(work, message) else why_withheld(work, message)
    if withheld:
        suppress(work, message, withheld)
    return message


def try_again(work: Work, message: Message) -> bool:
    """The same once more, five minutes later, for a text that was lost on its way: if that is still in time, and once.

    It is a message of its own: what comes of the first one is still told apart from what comes of this one.
    """
    at = work.now + ONCE_MORE_AFTER
    if at >= message.deadline_at or "again_of" in message.params or is_erased(work, message):
        return False
    same = message.model_dump(exclude={"row_version", "sent_at", "provider_sid", "reason"})
    id = work.new_id()
    again = {
        "id": id,
        "dedupe_key": f"{message.dedupe_key}{AGAIN}",
        "params": {**message.params, "again_of": message.id, "direct": False},
        "state": MessageState.PENDING,
        "queued_at": _in_order(work, visit_of(work, message)),
        "send_after_at": at,
    }
    work.session.add(Message(**(same | again)))
    work.session.flush()
    work.record(MessageQueued(visit_id=message.visit_id, message_id=id, purpose=message.purpose))
    return True


def why_withheld(work: Work, message: Message) -> str | None:
    """The lawful reason for which this phone may not be texted now, if there is one."""
    if is_erased(work, message):
        return ERASED
    if not message.phone:
        return "no_phone"
    state = consent_state(work, message.phone)
    return may_text(state, CATALOGUE[message.purpose], message.audience).reason or None


def is_erased(work: Work, message: Message) -> bool:
    """Whether whom it was for asked us to forget them: there is nobody to be told, by text or otherwise."""
    customer = work.session.get(Customer, message.customer_id) if message.customer_id else None
    return customer is not None and customer.erased_at is not None


def suppress(work: Work, message: Message, reason: str) -> None:
    """It is not sent. Unless a newer truth replaced it, a person rings instead."""
    message.state, message.reason = MessageState.SUPPRESSED, reason
    work.session.add(message)
    work.record(MessageSettled(visit_id=message.visit_id, message_id=message.id, outcome="suppressed"))
    if not reason.startswith("superseded"):
        ask_person(work, message, reason)


def tell_otherwise(work: Work, message: Message, reason: str) -> None:
    """Refused for good: from now on a machine rings, where it may and can help, else a named person has it."""
    if not ring_instead(work, message, reason, about=reason):
        hand_to_person(work, message, reason)
        return
    message.state, message.reason = MessageState.CALLED, reason
    work.session.add(message)
    work.record(
        MessageSettled(visit_id=message.visit_id, message_id=message.id, outcome=MessageState.CALLED.value)
    )


def hand_to_person(work: Work, message: Message, reason: str) -> None:
    """It could not be sent in time, or never can: from now on a named person has it, unless it can be left unsaid."""
    if is_erased(work, message) or message.purpose in OPTIONAL:
        suppress(work, message, ERASED if is_erased(work, message) else reason)
        return
    message.state, message.reason = MessageState.HANDED_OVER, reason
    work.session.add(message)
    work.record(MessageSettled(visit_id=message.visit_id, message_id=message.id, outcome="handed_over"))
    ask_person(work, message, reason)


def ask_person(work: Work, message: Message, reason: str) -> None:
    """A callback about a text that will not arrive; one for all that cannot arrive for the same reason."""
    if is_erased(work, message) or message.purpose in OPTIONAL:
        return
    promise_callback(
        work,
        territory_id=message.params["territory_id"],
        about=f"{UNTOLD}{reason}"[:40],
        visit_id=message.visit_id,
        recovery_id=message.recovery_id,
        phone=message.phone,
    )


def opening(work: Work, kind: Kind, to: Recipient, visit: Visit | None, since: datetime) -> datetime:
    """The first instant from `since` on at which this kind of text may reach that person.

    An urgent one of the night is due at once: the sweep hands it to a person instead of sending it.
    """
    if to.audience is Audience.TECHNICIAN:
        return since  # at work, and about today's work
    territory = get_territory(work.session, to.territory_id)
    at = next_opening(since, hours_for(work, kind.urgent, visit, territory, to.phone))
    return at if not kind.urgent or is_worth_waiting(since, at) else since


def hours_for(work: Work, urgent: bool, visit: Visit | None, territory: Territory, phone: str) -> Hours:
    """The longer hours are for what is urgent about today's visit."""
    zone = territory.zone
    if urgent and visit:
        promise = current_promise(work.session, visit)
        if local_day(promise.start_at, zone) <= local_day(work.now, zone):
            return urgent_hours(zone)
    return usual_hours(territory.policies, zone, phone)


def hours_of(work: Work, message: Message, visit: Visit | None) -> Hours:
    """The hours in which this message may arrive."""
    territory = get_territory(work.session, message.params["territory_id"])
    return hours_for(work, message.urgent, visit, territory, message.phone)


def visit_of(work: Work, message: Message) -> Visit | None:
    return get_visit(work.session, message.visit_id) if message.visit_id else None


def _in_order(work: Work, visit: Visit | None) -> datetime:
    """Now, or just after the last message about the visit: the newest truth must be known as such."""
    last = newest_about(work.session, visit.id) if visit else None
    return max(work.now, last + timedelta(microseconds=1)) if last else work.now
