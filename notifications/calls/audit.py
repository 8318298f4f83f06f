"""The invariants of calls: each comes to an end; nobody is rung twice for one try, at night, or without agreement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby, pairwise

from sqlmodel import Session, col, func, select

from dispatch.audit import Check, Finding
from dispatch.audit.check import pick
from dispatch.callbacks.tables import Callback
from dispatch.ledger import LedgerEntry
from dispatch.policies import Policies
from dispatch.territories.queries import list_territories
from dispatch.work import Work
from notifications.calls.queries import STILL_LISTENING
from notifications.calls.rules import MOST_TRIES, ONCE_MORE_AFTER, may_call
from notifications.calls.states import LIVE, CallState
from notifications.calls.tables import Call
from notifications.consent import SERVICE
from notifications.hours import urgent_hours, usual_hours
from notifications.inbox.tables import Consent
from notifications.outbox.audit import SWEEPS, TOLERANCE
from notifications.outbox.queueing import UNTOLD
from notifications.outbox.tables import Message, SendAttempt

UNTOLD_ENDS = frozenset({CallState.MISSED, CallState.HUNG_UP, CallState.HANDED_OVER})


class CallsComeToAnEnd(Check):
    number = "I-51"
    rule = (
        "After its deadline no call waits, rings or is in doubt; where no try told anybody and nothing newer was to be "
        "said, a named person rings or has rung."
    )
    when_it_fires = (
        "Ring that customer now: a promise of today broke and nobody told them. Then see why the sweep passes that "
        "call by: the log names what fails, and `makegood doctor` says whether the number can ring."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        asked = set(work.session.exec(pick(Callback.visit_id, Callback.about)).all())
        late = _last_sign(work.session, work.now) - SWEEPS
        for tries in _tries(work.session):
            for call in tries:
                until = max(call.deadline_at, (call.page_at or call.deadline_at) + STILL_LISTENING)
                if call.state in LIVE and until < late:
                    words = f"A call is {call.state} although its time was over at {call.deadline_at:%H:%M}."
                    yield self.finding(call.id, words)
            last, states = tries[-1], {call.state for call in tries}
            has_person = (last.visit_id, f"{UNTOLD}{last.about}"[:40]) in asked
            if last.phone and states <= UNTOLD_ENDS and not has_person:
                yield self.finding(last.id, f"A call ended as {last.state}, and nobody rings instead.")


class OneTryAtATime(Check):
    number = "I-52"
    rule = (
        "A call is tried twice at most: the second time five minutes after the first was missed; and what the provider "
        "calls by one name is one try."
    )
    when_it_fires = (
        "Somebody may have been rung twice for one thing. Read the provider's log of calls for that phone, and stop "
        "all workers but one until it is clear how the other try began."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        missed = _missed(work.session)
        for tries in _tries(work.session):
            numbers = [call.number for call in tries]
            if numbers != list(range(1, len(tries) + 1)) or len(tries) > MOST_TRIES:
                yield self.finding(tries[0].message_id, f"The tries are numbered {numbers}.")
            for before, after in pairwise(tries):
                if before.id not in missed:
                    words = f"Try {before.number} was not missed, and another one followed."
                    yield self.finding(before.message_id, words)
                elif after.started_at and after.started_at < after.queued_at + ONCE_MORE_AFTER:
                    words = (
                        f"Try {after.number} began at {after.started_at:%H:%M:%S}, too soon after the last."
                    )
                    yield self.finding(after.message_id, words)
        sid = Call.provider_sid
        shared = pick(sid, func.count()).where(col(sid).is_not(None)).group_by(sid).having(func.count() > 1)
        for name, count in work.session.exec(shared):
            yield self.finding(name, f"{count} tries are called {name} by the provider.")


class RungAsAgreed(Check):
    number = "I-53"
    rule = (
        "A machine rang nobody at night at the place it is about, and nobody who had not agreed to calls or had said "
        "stop two seconds before."
    )
    when_it_fires = (
        "Apologise to whoever was rung. Consent and hours are read inside the claim and consent again before the "
        "request: see which was passed by, and unset TWILIO_VOICE_FROM until it is clear."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        zones = {one.id: one.zone for one in list_territories(work.session)}
        said = _said(work.session)
        query = pick(Call, Message).join(Message, col(Message.id) == col(Call.message_id))
        for call, message in work.session.exec(query.where(col(Call.started_at).is_not(None))):
            zone, at = zones[message.params["territory_id"]], call.started_at
            hours = urgent_hours(zone) if message.urgent else usual_hours(Policies(), zone)
            local = at.astimezone(zone).time()
            if not hours.opens_at <= local < hours.closes_at:
                yield self.finding(call.id, f"A phone was rung at {local:%H:%M}.")
            if call.phone and not may_call(*_last_word(said[call.phone], at)):
                words = f"A phone was rung at {at:%H:%M:%S} whose owner had not agreed to calls."
                yield self.finding(call.id, words)


def _tries(session: Session) -> Iterator[list[Call]]:
    """Those of one message together, in order."""
    rows = session.exec(select(Call).order_by(col(Call.message_id), col(Call.number)))
    for _, tries in groupby(rows, key=lambda call: call.message_id):
        yield list(tries)


def _last_sign(session: Session, now: datetime) -> datetime:
    """When something was last sent or ended: where nobody rings at all, every staff page says so."""
    signs = [
        session.exec(select(func.max(at))).one() for at in (col(SendAttempt.finished_at), col(Call.ended_at))
    ]
    return min(now, max((at for at in signs if at), default=now))


def _missed(session: Session) -> set[str]:
    """Calls that nobody had taken at some time, whatever became of them later."""
    facts = session.exec(select(LedgerEntry.data).where(LedgerEntry.kind == "call_settled"))
    return {data["call_id"] for data in facts if data["outcome"] == CallState.MISSED}


def _said(session: Session) -> dict[str, list[tuple[datetime, str, str]]]:
    """What each phone's owner said, in order."""
    said: dict[str, list[tuple[datetime, str, str]]] = defaultdict(list)
    known = pick(Consent.phone, Consent.at, Consent.state, Consent.words).where(
        Consent.phone != "", Consent.purpose == SERVICE
    )
    for phone, at, state, words in session.exec(known.order_by(col(Consent.at))):
        said[phone].append((at, state, words))
    return said


def _last_word(said: Sequence[tuple[datetime, str, str]], at: datetime) -> tuple[str | None, str]:
    """The last one two seconds before; the first one where it was younger."""
    before = [(state, words) for said_at, state, words in said if said_at <= at - TOLERANCE]
    young = [(state, words) for said_at, state, words in said if said_at <= at]
    return before[-1] if before else young[0] if young else (None, "")


OF_CALLS: Sequence[Check] = (CallsComeToAnEnd(), OneTryAtATime(), RungAsAgreed())
