"""The texts about one visit as its customer reads them on their own page: no other visit's, and nobody else's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from dispatch.callbacks.queries import list_for_visit as calls_about
from dispatch.customers.tables import Customer
from dispatch.ledger import LedgerEntry
from dispatch.local_time import local_day, say_time
from dispatch.territories.queries import get_territory
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications.outbox.queries import list_for_visit
from notifications.outbox.queueing import UNTOLD
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Audience, Message
from notifications.record.lines import Called, Day, Sent
from notifications.record.rows import calls_of, day_of, names_of, trails_of
from notifications.record.sentences import PLAINLY, STATES, Say, say_reason, say_told

DID_NOT_REACH = (MessageState.UNDELIVERED, MessageState.SUPPRESSED, MessageState.HANDED_OVER)
NEWER, INBOX = "superseded", "inbox"


@dataclass(frozen=True, slots=True)
class Told:
    """One text or call. `failed` is a text that did not reach them, and was not replaced by a newer one."""

    at: datetime
    says: str
    became: str
    state: str = ""
    failed: bool = False


def told_about(work: Work, visit: Visit, facts: Sequence[LedgerEntry], say: Say = PLAINLY) -> list[Told]:
    """What we wrote to the visit's customer about it, and which calls we promised, in order of time; `facts` are the
    visit's whole record."""
    session, territory = work.session, get_territory(work.session, visit.territory_id)
    texts = [one for one in list_for_visit(session, visit.id) if _is_theirs(one, visit)]
    phones = {"", *(one.phone for one in texts), *_phone(session, visit)}
    calls = calls_of([one for one in calls_about(session, visit.id) if one.phone in phones], facts)
    day = day_of(territory, local_day(work.now, territory.zone))
    return told(trails_of(session, texts, facts), calls, names_of(session, calls), day, work.now, say)


def _is_theirs(message: Message, visit: Visit) -> bool:
    return message.audience is Audience.CUSTOMER and message.customer_id == visit.customer_id


def _phone(session: Session, visit: Visit) -> list[str]:
    customer = session.get(Customer, visit.customer_id)
    return [customer.phone] if customer else []


def told(
    texts: Sequence[Sent],
    calls: Sequence[Called],
    names: Mapping[str, str],
    day: Day,
    now: datetime,
    say: Say = PLAINLY,
) -> list[Told]:
    """A call that stands for a text is told with it, every other one by itself."""
    stands_for = {call.callback.about: call for call in calls}
    found = [_text(sent, stands_for, names, day, now, say) for sent in texts]
    with_a_text = {_call_about(sent.message) for sent in texts}
    found += _calls(calls, with_a_text, names, day, now, say)
    return sorted(found, key=lambda one: one.at)


def _text(
    sent: Sent, calls: Mapping[str, Called], names: Mapping[str, str], day: Day, now: datetime, say: Say
) -> Told:
    message, call = sent.message, calls.get(_call_about(sent.message))
    became = _became(sent, day, now, say)
    failed = message.state in DID_NOT_REACH and not (message.reason or "").startswith(NEWER)
    return Told(
        at=message.sent_at or message.queued_at,
        says=say_told(message.purpose, message.state, again="again_of" in message.params, say=say),
        became=f"{became} {_say_call(call, names, day, now, say)}" if call and failed else became,
        state=message.state.value,
        failed=failed,
    )


def _call_about(message: Message) -> str:
    """What a call is about that stands for this text, as whoever promised it wrote it down."""
    is_lost = message.state is MessageState.UNDELIVERED
    return f"{UNTOLD}{'undelivered' if is_lost else message.reason}"[:40]


def _became(sent: Sent, day: Day, now: datetime, say: Say) -> str:
    message = sent.message
    if message.state in DID_NOT_REACH:
        return say(say_reason(message.reason or "", "customer"))
    arrived = [entry.at for entry in sent.settled if entry.data["outcome"] == MessageState.DELIVERED.value]
    if arrived:
        return say("Delivered at {time}.", time=_at(arrived[-1], day, say))
    if message.state is MessageState.PENDING and message.send_after_at > now:
        return say("It goes out at {time}.", time=_at(message.send_after_at, day, say))
    return f"{say(STATES[message.state].customer)}."


def _calls(
    calls: Sequence[Called],
    told: Collection[str],
    names: Mapping[str, str],
    day: Day,
    now: datetime,
    say: Say,
) -> Iterator[Told]:
    for call in calls:
        if call.callback.about not in told:
            answer = call.callback.about == INBOX
            says = say("We promised you an answer.") if answer else say("We promised you a call.")
            yield Told(call.callback.opened_at, says, _say_call(call, names, day, now, say))


def _say_call(call: Called, names: Mapping[str, str], day: Day, now: datetime, say: Say) -> str:
    callback = call.callback
    who = names.get(callback.dispatcher_id or "") or say("Somebody from our office")
    if callback.done_at:
        return say("We spoke to you, or tried to, at {time}.", time=_at(callback.done_at, day, say))
    if callback.due_at <= now:
        return say(
            "{who} should have rung you by {time}. We are sorry.",
            who=who,
            time=_at(callback.due_at, day, say),
        )
    return say("{who} rings you by {time}.", who=who, time=_at(callback.due_at, day, say))


def _at(at: datetime, day: Day, say: Say) -> str:
    """`14:20`, with the date where it is another day."""
    time = say_time(at, day.zone)
    if local_day(at, day.zone) == local_day(day.since, day.zone):
        return time
    return say("{time} on {date}", time=time, date=say.date(at, day.zone.key))
