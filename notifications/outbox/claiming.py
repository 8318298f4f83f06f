"""Taking due messages: judged once more, written, and the attempt committed before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from jinja2 import TemplateError
from sqlalchemy import update
from sqlmodel import col

from dispatch.errors import DispatchError
from dispatch.ledger import commit_to
from dispatch.promises.queries import current_promise
from dispatch.recoveries.queries import get_recovery
from dispatch.recoveries.states import RecoveryState
from dispatch.territories.queries import get_territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications.hours import closing, is_direct, is_worth_waiting, next_opening
from notifications.messages import CATALOGUE
from notifications.outbox.queries import find_newer_update, get_message, list_attempts, list_ripe
from notifications.outbox.queueing import hand_to_person, hours_for, suppress, visit_of, why_withheld
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Audience, Message, SendAttempt
from notifications.render import TextTooLong, Writer

BATCH = 10
COLLAPSE = timedelta(seconds=60)
SPEAK_OF_CANCELLED = frozenset({"visit_cancelled"})


@dataclass(frozen=True, slots=True)
class Claimed:
    """What its holder may send, once; `fence` is the right to write down what came of it."""

    message_id: str
    attempt_id: str
    fence: str
    phone: str
    body: str
    validity_seconds: int
    started_at: datetime
    always: bool = False


def claim(work: Work, writer: Writer, limit: int = BATCH) -> list[Claimed]:
    """Up to `limit` due messages, the most pressing ones; nobody else gets the same."""
    claimed = []
    for message_id in list_ripe(work.session, work.now, limit):
        if _take(work, message_id):
            one = _prepare(work, writer, get_message(work.session, message_id))
            if one:
                claimed.append(one)
    return claimed


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
    visit = visit_of(work, message)
    reason = why_stale(work, message, visit)
    withheld = f"superseded:{reason}" if reason else why_withheld(work, message)
    if withheld:
        suppress(work, message, withheld)
        return None
    if not _is_in_hours(work, message, visit):
        return None
    try:
        body = writer.write(work, message)
    except (TemplateError, DispatchError, TextTooLong):
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


def _validity_seconds(work: Work, message: Message, visit: Visit | None) -> int:
    """As long as it is still of use: until its deadline, and not into the night."""
    until = message.deadline_at
    if not _is_free_of_hours(work, message):
        zone = get_territory(work.session, message.params["territory_id"]).zone
        until = min(until, closing(work.now, hours_for(work, message.urgent, visit, zone), zone))
    return max(1, int((until - work.now).total_seconds()))


def _is_free_of_hours(work: Work, message: Message) -> bool:
    if message.audience is Audience.TECHNICIAN:
        return True
    return bool(message.params.get("direct")) and is_direct(message.queued_at, work.now)


def _is_in_hours(work: Work, message: Message, visit: Visit | None) -> bool:
    """In quiet hours the row waits with its deadline; an urgent one of the night goes to a person."""
    if _is_free_of_hours(work, message):
        return True
    zone = get_territory(work.session, message.params["territory_id"]).zone
    at = next_opening(work.now, hours_for(work, message.urgent, visit, zone), zone)
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
    if visit is None:
        return None
    if message.promise_version not in (None, visit.promise_version):
        return "promise"
    if visit.state is VisitState.CANCELLED and message.purpose not in SPEAK_OF_CANCELLED and kind.update:
        return "cancelled"
    if kind.update and find_newer_update(work.session, message, COLLAPSE):
        return "newer_text"
    if message.recovery_id and message.question and _is_answered(work, message):
        return "recovery"
    return _PURPOSES[message.purpose](work, visit) if message.purpose in _PURPOSES else None


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
