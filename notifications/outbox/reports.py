"""What the provider says of our texts later, in any order and as often as it likes."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.events import MessageSettled
from dispatch.store import inserting
from dispatch.work import Work
from notifications.calls.beginning import ring_instead
from notifications.outbox.queries import find_by_sid, list_attempts, take_message, take_messages
from notifications.outbox.queueing import ask_person, try_again
from notifications.outbox.sending import adopt
from notifications.outbox.states import FILTERED, LOST_ON_ITS_WAY, MessageState, after_callback
from notifications.outbox.tables import Message, StatusReport

LOG = logging.getLogger("makegood.texts")
_TOLD = {
    "accepted": MessageState.SENT,
    "queued": MessageState.SENT,
    "sending": MessageState.SENT,
    "sent": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
    "read": MessageState.DELIVERED,
    "undelivered": MessageState.UNDELIVERED,
    "failed": MessageState.UNDELIVERED,
}


@dataclass(frozen=True, slots=True)
class Reported:
    """What the provider says of one text; `message_id` is our own name of it, from the address that it was told to.
    Without one the sid says which text is meant."""

    message_id: str
    sid: str
    status: str
    code: str = ""


def hear(work: Work, message_id: str, sid: str, status: str, code: str = "") -> bool:
    """One report; see `hear_all`."""
    return hear_all(work, [Reported(message_id, sid, status, code)])[0]


def hear_all(work: Work, reports: Sequence[Reported]) -> list[bool]:
    """Write what was reported; a text's state only moves forward. Every report is kept as it was said.

    False, and nothing else written, for one of an unknown word or message, of a message that was never tried, or
    with the sid of another one. Rows are taken in the order of their keys, so that two processes that write about the
    same texts never wait for each other; so many reports cost one insert and one look at their texts.
    """
    order = sorted(range(len(reports)), key=lambda number: (reports[number].message_id, reports[number].sid))
    _keep(work, reports)
    named = {one.message_id for one in reports if one.message_id and one.sid and _told(one)}
    taken = {message.id: message for message in take_messages(work.session, named)}
    done = {number: _hear_one(work, reports[number], taken) for number in order}
    return [done[number] for number in range(len(reports))]


def _told(report: Reported) -> MessageState | None:
    return _TOLD.get(report.status.strip().lower())


def _keep(work: Work, reports: Sequence[Reported]) -> None:
    said = [
        {
            "sid": one.sid,
            "status": one.status[:20],
            "code": one.code[:10],
            "named": one.message_id,
            "at": work.now,
        }
        for one in reports
        if one.sid
    ]
    if said:
        said.sort(key=lambda row: (row["sid"], row["status"]))
        work.session.execute(inserting(work.session, StatusReport).on_conflict_do_nothing(), said)


def _hear_one(work: Work, report: Reported, taken: dict[str, Message]) -> bool:
    told, code = _told(report), report.code
    message = _meant(work, report.message_id, report.sid, taken) if report.sid and told else None
    if message is None or told is None:
        return False
    after = after_callback(message.state, told)
    if after is message.state:
        return True
    message.state = after
    if after is not MessageState.SENT:
        message.settled_at, message.look_up_at = work.now, None
    work.session.add(message)
    work.record(MessageSettled(visit_id=message.visit_id, message_id=message.id, outcome=after.value))
    if after is MessageState.UNDELIVERED:
        message.reason = f"undelivered:{code}"[:60] if code else "undelivered"
        if code in FILTERED:
            LOG.error("carriers hold a text back (%s): is the sender registered?", code)
        if (code in LOST_ON_ITS_WAY and try_again(work, message)) or ring_instead(
            work, message, message.reason, "undelivered"
        ):
            return True
        ask_person(work, message, "undelivered")
    return True


def _meant(work: Work, message_id: str, sid: str, taken: dict[str, Message]) -> Message | None:
    """The message that a report is about, which from now on has that sid; None where that cannot be."""
    message = taken.get(message_id)
    if message and message.provider_sid == sid:
        return message
    owner = find_by_sid(work.session, sid)
    message = take_message(work.session, owner.id) if owner and not message_id else message
    if message is None or not list_attempts(work.session, message.id):
        return None
    if message.provider_sid not in (None, sid) or (owner and owner.id != message.id):
        LOG.error(
            "a report about %s calls itself one about message %s, which is another text", sid, message.id
        )
        ask_person(work, message, "misreported")
        return None
    if message.provider_sid is None:
        adopt(work, message, sid)
    return message
