"""Texts whose end nobody reported: the provider is asked, after a quarter of an hour and then ever more seldom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from dispatch.work import Work
from notifications.channels.port import Report, SmsChannel, TryLater
from notifications.outbox.queries import take_message
from notifications.outbox.reports import hear
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Message

ASK_AGAIN = timedelta(seconds=60)  # when nobody could say
NO_MORE_AFTER = timedelta(hours=36)
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Unreported:
    message_id: str
    sid: str


def list_unreported(work: Work) -> list[Unreported]:
    """Accepted texts without a last word whose time has come to be asked after."""
    query = select(Message.id, Message.provider_sid).where(
        Message.state == MessageState.SENT, col(Message.look_up_at) <= work.now
    )
    found = work.session.exec(query.order_by(col(Message.look_up_at)).limit(AT_ONCE))
    return [Unreported(id, sid) for id, sid in found if sid]


def look_up(channel: SmsChannel, one: Unreported) -> Report | None:
    """What the provider says; None when it cannot say."""
    try:
        return channel.look_up(one.sid)
    except TryLater:
        return None


def note(work: Work, one: Unreported, report: Report | None) -> None:
    """As if the provider had told us by itself; without a last word it is asked again later."""
    message = take_message(work.session, one.message_id)
    if message is None or message.state is not MessageState.SENT or message.sent_at is None:
        return
    message.look_up_at = next_look(message.sent_at, work.now) if report else work.now + ASK_AGAIN
    work.session.add(message)
    if report:
        hear(work, message.id, one.sid, report.status, report.code)


def next_look(sent_at: datetime, now: datetime) -> datetime | None:
    """As long again as it has been silent; None when no word is to be expected any more."""
    silent_for = now - sent_at
    return now + silent_for if silent_for < NO_MORE_AFTER else None
