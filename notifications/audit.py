"""The invariants of texts, and the list of all checks: nothing is told that is not on record, nor told twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from sqlmodel import col, func, select

from dispatch.audit import ALL as OF_DISPATCH
from dispatch.audit import Check, Finding, run_audit
from dispatch.audit.check import pick
from dispatch.audit.ledger_fold import Window, told_by_visit, window_of
from dispatch.audit.records import unrecorded_answers
from dispatch.ledger import LedgerEntry
from dispatch.promises.tables import Promise
from dispatch.work import Work
from notifications.calls.audit import OF_CALLS
from notifications.channels.port import Direction
from notifications.outbox.audit import OF_SENDING
from notifications.outbox.queueing import AGAIN
from notifications.outbox.states import FREE_TO_TRY, RANK, MessageState
from notifications.outbox.tables import Message, SendAttempt
from notifications.people.audit import OF_PEOPLE
from notifications.witness.queries import get_state, list_open_lost

DELIVERY = {
    "accepted": MessageState.SENT,
    "undelivered": MessageState.UNDELIVERED,
    "delivered": MessageState.DELIVERED,
}


class SaidMeansRecorded(Check):
    number = "I-1"
    rule = (
        "Every answer and every text that speaks of a visit has that visit on record, with the promise and the "
        "window that were stated."
    )
    when_it_fires = (
        "A customer holds a promise that we do not. Book it by hand from what they were told, before they ring, "
        "then look for what was lost: compare with a backup and the provider's log of sent texts."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        for subject, sentence in unrecorded_answers(work):
            yield self.finding(subject, sentence)
        told = {
            (visit_id, entry.data["version"]): window_of(entry.data)
            for visit_id, entries in told_by_visit(work, ["promise_made"])
            for entry in entries
        }
        query = (
            pick(Message.id, Message.purpose, Message.visit_id, Message.promise_version, Promise)
            .outerjoin(
                Promise,
                (col(Promise.visit_id) == col(Message.visit_id))
                & (col(Promise.version) == col(Message.promise_version)),
            )
            .where(col(Message.visit_id).is_not(None), col(Message.promise_version).is_not(None))
        )
        for message_id, purpose, visit_id, version, promise in work.session.exec(query):
            known = told.get((visit_id, version))
            if promise is None:
                words = (
                    f"A {purpose} text speaks of promise {version} of visit {visit_id}, which is not there."
                )
            elif known is None:
                words = f"A {purpose} text speaks of promise {version}, which is not in the visit's record."
            elif known != Window(promise.start_at, promise.end_at, promise.zone):
                words = (
                    f"A {purpose} text speaks of promise {version}, whose window is not the one on record."
                )
            else:
                continue
            yield self.finding(message_id, words)


class OutsideWitness(Check):
    number = "I-4"
    rule = (
        "Every text at the provider that names a visit is a message here, and every message that was accepted is "
        "in the provider's log; a backup sends nothing before that was compared."
    )
    when_it_fires = (
        "A text too many at the provider is a promise that we lost: ring that phone, book it anew, and mark the call "
        "as done. A message that is not in the log never went out: ring that customer. Where sending is held, run "
        "`makegood witness` and mend what it says."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        for lost in list_open_lost(work.session):
            said = "came in" if lost.direction == Direction.IN else f"about {lost.reference} went out"
            yield self.finding(
                lost.sid, f"A text that {said} at {lost.at:%d %b %H:%M} is explained by nothing here."
            )
        state = get_state(work.session)
        for message_id in state.found.get("missing", []):
            words = "The provider accepted this text, as we have it, and its log does not show it."
            yield self.finding(message_id, words)
        if state.held_since_at:
            yield self.finding("witness", "This is a backup, and the witness has not been heard since.")


class OneTextForOneThing(Check):
    number = "I-20"
    rule = "One thing is told to one person once: the key of visit, purpose, promise and audience is unique."
    when_it_fires = (
        "Stop the sending, see which of the two rows was sent, and withhold the other. The unique index is "
        "missing: migrate again before sending goes on."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        doubled = select(Message.dedupe_key).group_by(Message.dedupe_key).having(func.count() > 1)
        for key in work.session.exec(doubled):
            yield self.finding(key, f"Two messages stand for {key}.")
        row = Message
        query = pick(row.id, row.dedupe_key, row.visit_id, row.purpose, row.promise_version, row.audience)
        for message_id, key, visit_id, purpose, version, audience in work.session.exec(query):
            is_about_it = key.startswith(f"{visit_id or ''}|{purpose}|{version or ''}|")
            if not is_about_it or not key.removesuffix(AGAIN).endswith(audience):
                words = f"A {purpose} text bears the key {key}, which speaks of something else."
                yield self.finding(message_id, words)


class OneAttemptAtATime(Check):
    number = "I-21"
    rule = (
        "A message has one attempt in flight at most, and another one only after the last was not accepted."
    )
    when_it_fires = (
        "A customer may have been texted twice. Read the provider's log for that phone, and stop all workers "
        "but one until it is clear how the second attempt began."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        row = SendAttempt
        query = pick(row.message_id, row.number, row.finished_at, row.outcome)
        attempts = work.session.exec(query.order_by(col(row.message_id), col(row.number))).all()
        for message_id, group in groupby(attempts, key=lambda attempt: attempt[0]):
            rows = list(group)
            numbers = [number for _, number, _, _ in rows]
            if numbers != list(range(1, len(rows) + 1)):
                yield self.finding(message_id, f"The attempts are numbered {numbers}.")
            for _, number, finished_at, outcome in rows[:-1]:
                if finished_at is None:
                    yield self.finding(
                        message_id, f"Attempt {number} was still in flight when the next began."
                    )
                elif outcome not in FREE_TO_TRY:
                    yield self.finding(
                        message_id, f"Attempt {number} was {outcome}, and another one followed."
                    )


class OneSidOneText(Check):
    number = "I-23"
    rule = "What the provider calls by one name is one message of ours."
    when_it_fires = (
        "Ask the provider's log which phone that text went to, and give the other message back to be sent or "
        "handed to a person."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        query = (
            pick(Message.provider_sid, func.count())
            .where(col(Message.provider_sid).is_not(None))
            .group_by(col(Message.provider_sid))
            .having(func.count() > 1)
        )
        for sid, count in work.session.exec(query):
            yield self.finding(sid or "", f"{count} messages are called {sid} by the provider.")


class DeliveryOnlyForwards(Check):
    number = "I-26"
    rule = "What is known about a text's delivery only moves forward: accepted, then undelivered, then delivered."
    when_it_fires = (
        "Believe the furthest word of the provider. Nothing needs to be sent again; report it, because a late "
        "callback was written where it should have been ignored."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        states = dict(work.session.exec(pick(Message.id, Message.state)).all())
        query = pick(LedgerEntry.seq, LedgerEntry.data).where(LedgerEntry.kind == "message_settled")
        furthest: dict[str, MessageState] = {}
        for seq, data in work.session.exec(query.order_by(col(LedgerEntry.seq))):
            told = DELIVERY.get(data["outcome"])
            if told is None:
                continue
            before = furthest.get(data["message_id"])
            if before is not None and RANK[told] <= RANK[before]:
                yield self.finding(data["message_id"], f"Entry {seq} says {told} after {before}.")
            furthest[data["message_id"]] = told
        for message_id, known in furthest.items():
            state = states.get(message_id)
            if state is not None and state is not known:
                yield self.finding(message_id, f"The text is {state}, and its record says {known}.")


ALL: Sequence[Check] = (
    SaidMeansRecorded(),
    *OF_DISPATCH,
    OutsideWitness(),
    OneTextForOneThing(),
    OneAttemptAtATime(),
    OneSidOneText(),
    DeliveryOnlyForwards(),
    *OF_SENDING,
    *OF_CALLS,
    *OF_PEOPLE,
)

__all__ = ["ALL", "Check", "Finding", "run_audit"]
