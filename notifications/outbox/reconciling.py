"""Messages of which nobody knows whether they were accepted: looked for before anything is sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from dispatch.ledger import commit_to
from dispatch.work import Work
from notifications.channels.port import Logged, SmsChannel, TryLater
from notifications.outbox.queries import get_message, list_attempts, list_known
from notifications.outbox.sending import Result, finish
from notifications.outbox.states import MessageState, Outcome
from notifications.outbox.tables import Message, SendAttempt

FIRST_LOOK = SECOND_LOOK = timedelta(seconds=60)  # since the call, and since the first clean look
LOOK_AGAIN = timedelta(seconds=15)  # when the look said nothing
SEEN_NOWHERE = "not found once"


@dataclass(frozen=True, slots=True)
class Doubt:
    message_id: str
    attempt_id: str
    phone: str
    started_at: datetime


def list_doubts(work: Work) -> list[Doubt]:
    """Unknown messages that are old enough to be looked for; not those whose phone was erased."""
    query = select(Message).where(Message.state == MessageState.UNKNOWN, Message.phone != "")
    doubts = []
    for message in work.session.exec(query.order_by(col(Message.deadline_at))):
        last = list_attempts(work.session, message.id)[-1]
        if _is_time_to_look(last, work.now):
            doubts.append(Doubt(message.id, last.id, message.phone, last.started_at))
    return doubts


def _is_time_to_look(attempt: SendAttempt, now: datetime) -> bool:
    if now - attempt.started_at < FIRST_LOOK:
        return False
    wait = SECOND_LOOK if attempt.detail == SEEN_NOWHERE else LOOK_AGAIN
    return attempt.looked_at is None or now - attempt.looked_at >= wait


def look(channel: SmsChannel, doubt: Doubt) -> Sequence[Logged] | None:
    """What the provider has for that phone since then; None when it cannot say."""
    try:
        return channel.log(doubt.phone, doubt.started_at)
    except TryLater:
        return None


def resolve(work: Work, doubt: Doubt, log: Sequence[Logged] | None) -> None:
    """Ours is the text with the very words of the attempt that no other row is known to have sent.

    Not there at the second clean look: it may be sent again, as a new attempt. A text that nobody here knows may
    be ours in other words (a provider that changes or hides what it logs): then the doubt stays.
    """
    message = get_message(work.session, doubt.message_id)
    attempt = work.session.get_one(SendAttempt, doubt.attempt_id, populate_existing=True)
    if message.state is not MessageState.UNKNOWN:
        return
    attempt.looked_at = work.now
    work.session.add(attempt)
    if log is None:
        return
    known = list_known(work.session, [one.sid for one in log])
    strangers = [one for one in log if one.sid not in known]
    ours = [one for one in strangers if commit_to(attempt.fence, one.body) == attempt.commitment]
    if ours:
        finish(work, message, attempt, Result(Outcome.ACCEPTED, ours[0].sid, "found at the provider"))
    elif not strangers and attempt.detail == SEEN_NOWHERE:
        finish(work, message, attempt, Result(Outcome.NOT_ACCEPTED, None, "not found twice"))
    elif not strangers:
        attempt.detail = SEEN_NOWHERE
