"""Taking due messages: judged once more, written, and the attempt committed before anything is sent."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import update
from sqlmodel import col

from dispatch.access.links import newest
from dispatch.access.tables import Scope
from dispatch.ledger import commit_to
from dispatch.local_time import local_day, midnight
from dispatch.promises.queries import current_promise
from dispatch.recoveries.queries import get_recovery
from dispatch.recoveries.states import RecoveryState
from dispatch.territories.queries import get_territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.wishes.queries import get_offer
from dispatch.wishes.states import SoonerState
from dispatch.words import is_landline
from dispatch.work import Work
from notifications.calls.rules import LANDLINE
from notifications.channels.port import Pace
from notifications.hours import closing, is_direct, is_worth_waiting, next_opening
from notifications.messages import CATALOGUE, ENROLMENT_LINK, SOONER_OFFER, UNCOUNTED
from notifications.outbox.claimed import Claimed
from notifications.outbox.lane import get_lane, lock_lane, may_send, take_turn
from notifications.outbox.queries import count_texts, find_newer_update, get_message, list_attempts, list_ripe
from notifications.outbox.queueing import (
    hand_to_person,
    hours_of,
    suppress,
    tell_otherwise,
    visit_of,
    why_withheld,
)
from notifications.outbox.sending import found_at_provider
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Audience, Message, SendAttempt
from notifications.render import CANNOT_BE_WRITTEN, Writer
from notifications.segments import measure
from notifications.witness.queries import is_in_doubt
from notifications.witness.recognise import find_told

LOG = logging.getLogger("makegood.texts")
BATCH = 10
COLLAPSE = timedelta(seconds=60)
MOST_A_DAY, MOST_ABOUT_A_VISIT_IN_AN_HOUR = 8, 3
SPEAK_OF_CANCELLED = frozenset({"visit_cancelled"})


def claim(work: Work, writer: Writer, limit: int = BATCH, *, pace: Pace | None = None) -> list[Claimed]:
    """Up to `limit` due messages, the most pressing ones; nobody else gets the same. None while sending is stopped.

    With a pace, one at a time and only while the sender is free: all senders together keep to it.
    """
    if get_lane(work.session).stopped_at:
        return []
    if pace:
        return list(islice(_paced(work, writer, pace), limit))
    return list(_claimed(work, writer, limit))


def _claimed(work: Work, writer: Writer, limit: int) -> Iterator[Claimed]:
    for message_id in list_ripe(work.session, work.now, limit):
        if _take(work, message_id):
            one = _prepare(work, writer, get_message(work.session, message_id))
            if one:
                yield one


def _paced(work: Work, writer: Writer, pace: Pace) -> Iterator[Claimed]:
    lane = lock_lane(work.session)
    while may_send(lane, work.now) and list_ripe(work.session, work.now, 1):
        for one in _claimed(work, writer, 1):
            take_turn(work, lane, pace, measure(one.body).segments)
            yield one


def _take(work: Work, message_id: str) -> bool:
    """Move the row from pending to sending, unless somebody else just did."""
    take = (
        update(Message)
        .where(col(Message.id) == message_id, col(Message.state) == MessageState.PENDING)
        .values(state=MessageState.SENDING, row_version=col(Message.row_version) + 1)
        .returning(col(Message.id))
        .execution_options(synchronize_session=False)
    )
    return work.session.execute(take).first() is not None


def _prepare(work: Work, writer: Writer, message: Message) -> Claimed | None:
    told = find_told(work, writer, message)
    if told:
        found_at_provider(work, message, told.sid, told.body)
        told.message_id = message.id
        work.session.add(told)
        return None
    visit = visit_of(work, message)
    reason = why_stale(work, message, visit)
    withheld = f"superseded:{reason}" if reason else why_withheld(work, message) or _why_enough(work, message)
    if withheld:
        suppress(work, message, withheld)
        return None
    if not _is_in_hours(work, message, visit):
        return None
    if message.audience is Audience.CUSTOMER and is_landline(message.phone):
        tell_otherwise(work, message, LANDLINE)
        return None
    try:
        body = writer.write(work, message)
    except CANNOT_BE_WRITTEN as error:  # what is wrong with one text must not keep the others from going out
        LOG.warning("a %s text cannot be written: %s", message.purpose, type(error).__name__)
        hand_to_person(work, message, "unwritable")
        return None
    fence = work.chance.salt()
    attempt = SendAttempt(
        id=work.new_id(),
        message_id=message.id,
        number=len(list_attempts(work.session, message.id)) + 1,
        fence=fence,
        started_at=work.now,
        commitment=commit_to(fence, body),
    )
    work.session.add(attempt)
    work.session.flush()
    return Claimed(
        message.id,
        attempt.id,
        fence,
        message.phone,
        body,
        validity_seconds=_validity_seconds(work, message, visit),
        started_at=work.now,
        always=CATALOGUE[message.purpose].always,
    )


def _why_enough(work: Work, message: Message) -> str | None:
    """More texts than these are for a person to say: so many to a phone in a day, so many about a visit in an hour."""
    if message.audience is not Audience.CUSTOMER or message.purpose in UNCOUNTED:
        return None
    zone = get_territory(work.session, message.params["territory_id"]).zone
    today = midnight(local_day(work.now, zone), zone)
    if count_texts(work.session, message.phone, today) > MOST_A_DAY:
        return "enough_today"
    if message.visit_id is None:
        return None
    hour_ago = work.now - timedelta(hours=1)
    many = (
        count_texts(work.session, message.phone, hour_ago, message.visit_id) > MOST_ABOUT_A_VISIT_IN_AN_HOUR
    )
    return "enough_this_hour" if many else None


def _validity_seconds(work: Work, message: Message, visit: Visit | None) -> int:
    """As long as it is still of use: until its deadline, and not into the night."""
    until = message.deadline_at
    if not _is_free_of_hours(work, message):
        until = min(until, closing(work.now, hours_of(work, message, visit)))
    return max(1, int((until - work.now).total_seconds()))


def _is_free_of_hours(work: Work, message: Message) -> bool:
    if message.audience is Audience.TECHNICIAN:
        return True
    return bool(message.params.get("direct")) and is_direct(message.queued_at, work.now)


def _is_in_hours(work: Work, message: Message, visit: Visit | None) -> bool:
    """In quiet hours the row waits with its deadline; an urgent one of the night goes to a person."""
    if _is_free_of_hours(work, message):
        return True
    at = next_opening(work.now, hours_of(work, message, visit))
    if at == work.now:
        return True
    if message.urgent and not is_worth_waiting(work.now, at):
        hand_to_person(work, message, "quiet_hours")
        return False
    wait_until(work, message, at)
    return False


def wait_until(work: Work, message: Message, at: datetime) -> None:
    """Back to pending until `at`; the deadline moves along, since nothing may be sent before."""
    message.state = MessageState.PENDING
    message.deadline_at += max(at - message.send_after_at, timedelta())
    message.send_after_at = at
    work.session.add(message)
    work.session.flush()


def why_stale(work: Work, message: Message, visit: Visit | None) -> str | None:
    """The newer truth that makes this text wrong or idle, in a word."""
    kind = CATALOGUE[message.purpose]
    if "again_of" in message.params and _has_arrived(work, message.params["again_of"]):
        return "delivered"
    if message.purpose == ENROLMENT_LINK.purpose:
        return _when_enrolling(work, message)
    if message.purpose == SOONER_OFFER.purpose and not _is_kept(work, message):
        return "sooner_over"
    if visit is None:
        return None
    if is_in_doubt(work.session, message):
        return "lost_promise"
    if message.promise_version not in (None, visit.promise_version):
        return "promise"
    if visit.state is VisitState.CANCELLED and message.purpose not in SPEAK_OF_CANCELLED and kind.update:
        return "cancelled"
    if kind.update and find_newer_update(work.session, message, COLLAPSE):
        return "newer_text"
    if message.recovery_id and message.question and _is_answered(work, message):
        return "recovery"
    return _PURPOSES[message.purpose](work, visit) if message.purpose in _PURPOSES else None


def _when_enrolling(work: Work, message: Message) -> str | None:
    """A link that was used, taken back or followed by a newer one opens nothing any more."""
    link = newest(work.session, Scope.ENROL, message.technician_id or "")
    is_this = link is not None and link.version == message.params["version"]
    return None if link and is_this and not link.used_at and not link.revoked_at else "dead_link"


def _is_kept(work: Work, message: Message) -> bool:
    """Whether the earlier time that the text speaks of still waits for an answer."""
    offer = get_offer(work.session, message.params["offer_id"])
    return offer.state is SoonerState.OPEN and work.now < offer.expires_at


def _has_arrived(work: Work, message_id: str) -> bool:
    """Reported as lost first, and as delivered after all."""
    return get_message(work.session, message_id).state is MessageState.DELIVERED


def _is_answered(work: Work, message: Message) -> bool:
    """The recovery went on without this question: closed, or asked anew with other offers."""
    recovery = get_recovery(work.session, message.recovery_id or "")
    return recovery.state is RecoveryState.CLOSED or recovery.round != message.params.get("round")


def _when_en_route(work: Work, visit: Visit) -> str | None:
    return None if visit.state is VisitState.EN_ROUTE else "not_en_route"


def _when_to_remind(work: Work, visit: Visit) -> str | None:
    if visit.state is not VisitState.BOOKED:
        return "not_booked"
    return "window_began" if current_promise(work.session, visit).start_at <= work.now else None


def _when_cancelled(work: Work, visit: Visit) -> str | None:
    return None if visit.state is VisitState.CANCELLED else "not_cancelled"


def _when_to_leave(work: Work, visit: Visit) -> str | None:
    return None if visit.state is VisitState.BOOKED else "not_booked"


def _when_unheard_of(work: Work, visit: Visit) -> str | None:
    """Who was there has said in the meantime that it is done, or it was settled with the customer."""
    return None if visit.state is VisitState.FAILED else "not_failed"


_PURPOSES = {
    "en_route": _when_en_route,
    "reminder": _when_to_remind,
    "visit_cancelled": _when_cancelled,
    "technician_prompt": _when_to_leave,
    "no_word": _when_unheard_of,
}
