"""What came of an attempt: one call to the channel, then one short Work that writes it down."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import col, select

from dispatch.events import MessageSettled
from dispatch.ledger import commit_to
from dispatch.recoveries.actions import note_told
from dispatch.work import Work
from notifications.channels.port import Misconfigured, Never, Outbound, SmsChannel, TryLater, Unclear
from notifications.consent import OUT, consent_state, withdraw_consent
from notifications.messages import CATALOGUE
from notifications.outbox.claimed import Claimed
from notifications.outbox.lane import get_lane
from notifications.outbox.queries import get_message, list_attempts, take_message
from notifications.outbox.queueing import suppress, tell_otherwise
from notifications.outbox.ranges import keep_told_range
from notifications.outbox.states import (
    AFTER_ATTEMPT,
    FINAL,
    FREE_TO_TRY,
    MessageState,
    Outcome,
)
from notifications.outbox.tables import Message, SendAttempt

LOG = logging.getLogger("makegood.texts")
OPTED_OUT = "21610"
LONGEST_WAIT_SECONDS = 60
FIRST_LOOK_UP = timedelta(minutes=15)
LEASE = timedelta(seconds=60)
TURN = timedelta(seconds=20)  # with the longest call (35 s) still within the lease


@dataclass(frozen=True, slots=True)
class Result:
    outcome: Outcome
    sid: str | None = None
    detail: str = ""
    retry_after_seconds: int | None = None
    is_down: bool = False


def send(channel: SmsChannel, claimed: Claimed) -> Result:
    """One call. What the channel says is sorted into the things that the outbox can act on."""
    text = Outbound(claimed.phone, claimed.body, claimed.message_id, claimed.validity_seconds)
    try:
        sent = channel.send(text)
    except Misconfigured as ours:
        return Result(Outcome.MISCONFIGURED, None, str(ours), is_down=True)
    except TryLater as later:
        return Result(Outcome.NOT_ACCEPTED, None, str(later), later.retry_after_seconds, is_down=True)
    except Never as never:
        return Result(Outcome.REJECTED, None, never.code)
    except Unclear as unclear:
        return Result(Outcome.UNKNOWN, None, str(unclear))
    return Result(Outcome.ACCEPTED, sent.sid)


def why_not_now(work: Work, claimed: Claimed) -> str | None:
    """Read once more right before the call: the phone's owner, or the office, may have said stop since the claim,
    or the texts before it may have taken so long that somebody else could soon think this sender lost."""
    if get_lane(work.session).stopped_at:
        return "sending was stopped"
    if not claimed.always and consent_state(work, claimed.phone) == OUT:
        return "opted out meanwhile"
    return "its turn came too late" if work.now - claimed.started_at > TURN else None


def settle(work: Work, claimed: Claimed, result: Result) -> bool:
    """Write what came of it. False, and nothing written, when the attempt is no longer this holder's."""
    message = take_message(work.session, claimed.message_id)
    attempt = work.session.get_one(SendAttempt, claimed.attempt_id, populate_existing=True)
    if (
        message is None
        or attempt.fence != claimed.fence
        or attempt.finished_at
        or message.state is not MessageState.SENDING
    ):
        return False
    finish(work, message, attempt, result)
    if result.outcome is Outcome.ACCEPTED:
        keep_told_range(work, message, claimed.body, claimed.started_at)
    return True


def finish(work: Work, message: Message, attempt: SendAttempt, result: Result) -> None:
    """The one writer of what an attempt came to, and of the message's state after it."""
    attempt.finished_at, attempt.outcome, attempt.detail = work.now, result.outcome, result.detail[:200]
    message.state = AFTER_ATTEMPT[result.outcome]
    work.session.add_all([attempt, message])
    if result.outcome is Outcome.ACCEPTED:
        accept(work, message, result.sid)
    elif result.outcome in FREE_TO_TRY:
        _back_off(work, message, attempt.number, result.retry_after_seconds)
    elif result.outcome is Outcome.REJECTED:
        _reject(work, message, result.detail)
    else:
        work.record(
            MessageSettled(visit_id=message.visit_id, message_id=message.id, outcome=Outcome.UNKNOWN.value)
        )


def accept(work: Work, message: Message, sid: str | None) -> None:
    """The provider has it. The first text about a broken promise also stops that recovery's clock."""
    message.sent_at, message.provider_sid, message.look_up_at = work.now, sid, work.now + FIRST_LOOK_UP
    work.session.add(message)
    work.record(
        MessageSettled(visit_id=message.visit_id, message_id=message.id, outcome=Outcome.ACCEPTED.value)
    )
    if message.recovery_id and CATALOGUE[message.purpose].notice:
        note_told(work, message.recovery_id)


def _back_off(work: Work, message: Message, tries: int, retry_after_seconds: int | None) -> None:
    wait = retry_after_seconds or min(2 ** min(tries - 1, 10), LONGEST_WAIT_SECONDS)
    message.send_after_at = work.now + timedelta(seconds=wait)
    work.session.add(message)


def _reject(work: Work, message: Message, code: str) -> None:
    if code == OPTED_OUT:
        if message.phone and consent_state(work, message.phone) != OUT:
            withdraw_consent(work, message.phone, "provider")
        suppress(work, message, "opted_out")
    else:
        tell_otherwise(work, message, f"rejected:{code}"[:60])


def release_lost(work: Work) -> None:
    """Attempts whose sender died: nobody knows whether they arrived."""
    query = select(SendAttempt).where(
        col(SendAttempt.finished_at).is_(None), SendAttempt.started_at <= work.now - LEASE
    )
    for attempt in work.session.exec(query):
        message = get_message(work.session, attempt.message_id)
        if message.state is MessageState.SENDING:
            finish(work, message, attempt, Result(Outcome.UNKNOWN, None, "the sender was lost"))


def found_at_provider(work: Work, message: Message, sid: str, body: str) -> None:
    """The provider has it, in these words, whatever our record says: it is accepted and never sent again."""
    attempts = list_attempts(work.session, message.id)
    if message.state not in FINAL and (not attempts or attempts[-1].outcome in FREE_TO_TRY):
        fence = work.chance.salt()
        attempt = SendAttempt(
            id=work.new_id(),
            message_id=message.id,
            number=len(attempts) + 1,
            fence=fence,
            started_at=work.now,
            commitment=commit_to(fence, body),
        )
        work.session.add(attempt)
        work.session.flush()
    adopt(work, message, sid)


def adopt(work: Work, message: Message, sid: str) -> None:
    """The answer to our call was lost, or not believed, but the provider has the text: this is its sid.

    Whatever is final stays so; a person may already have rung.
    """
    if message.state in FINAL:
        message.provider_sid = sid
        work.session.add(message)
        return
    last = list_attempts(work.session, message.id)[-1]
    finish(work, message, last, Result(Outcome.ACCEPTED, sid, "heard from the provider"))
