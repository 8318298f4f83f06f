"""From rows to lines, in order of time: consent, texts, replies and calls of one phone on one day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from dispatch.callbacks.tables import Callback
from dispatch.ledger import LedgerEntry
from dispatch.local_time import local_day, say_time
from notifications.calls.tables import Call
from notifications.consent import CONSENT_WORDS, say_words
from notifications.inbox.parse import Intent
from notifications.inbox.tables import Consent, InboundText
from notifications.outbox.states import MessageState, Outcome
from notifications.outbox.tables import Message, SendAttempt
from notifications.record.recall import Words
from notifications.record.sentences import (
    CONSENT,
    OUTCOMES,
    RUNG,
    SETTLED,
    SOURCES,
    STATES,
    UNDERSTOOD,
    say_reason,
    say_why,
)

REASONED = (MessageState.SUPPRESSED, MessageState.HANDED_OVER, MessageState.UNDELIVERED)


class Kind(StrEnum):
    """In the order in which one brings about the other within a moment."""

    REPLY = "reply"
    CONSENT = "consent"
    TEXT = "text"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened on the way."""

    at: datetime
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing of the day. `at` is the first moment of it within that day; its steps may reach into others.

    `code` is what it was: the purpose of a text, the intent of a reply, what a call is about, the state of a consent.
    `state` and `reason` are a text's, as they stand now.
    """

    at: datetime
    kind: Kind
    id: str
    code: str
    says: str
    why: str = ""
    reason: str = ""
    state: str = ""
    audience: str = ""
    words: Words | None = None
    steps: tuple[Step, ...] = ()
    visit_id: str | None = None
    reference: str = ""
    sid: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """A text of ours with its attempts, what the ledger says became of it, and its words."""

    message: Message
    attempts: Sequence[SendAttempt] = ()
    settled: Sequence[LedgerEntry] = ()
    rung: Sequence[Call] = ()
    words: Words | None = None

    def first_in(self, day: Day) -> datetime | None:
        """The first moment of that day at which something happened to it."""
        moments = [self.message.queued_at, *(entry.at for entry in self.settled)]
        moments += [at for one in self.attempts for at in (one.started_at, one.finished_at) if at]
        moments += [at for one in self.rung for at in (one.started_at, one.ended_at) if at]
        return day.first_of(moments)


@dataclass(frozen=True, slots=True)
class Called:
    """A call with what the ledger says of it: promised, handed over, made."""

    callback: Callback
    entries: Sequence[LedgerEntry] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """All that may belong to the day. `names` are those of our office's people, by id; `company` is who asked."""

    consents: Sequence[Consent] = ()
    texts: Sequence[Sent] = ()
    replies: Sequence[InboundText] = ()
    calls: Sequence[Called] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    company: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """From one midnight of the place to the next, whatever its clocks do in between."""

    since: datetime
    until: datetime
    zone: ZoneInfo

    def first_of(self, moments: Iterable[datetime]) -> datetime | None:
        """The first of them that lies in the day."""
        return min((at for at in moments if self.since <= at < self.until), default=None)

    def say(self, at: datetime) -> str:
        """`14:20`, with the date where it is another day."""
        where = at.astimezone(self.zone)
        time = say_time(at, self.zone)
        same = local_day(at, self.zone) == local_day(self.since, self.zone)
        return time if same else f"{time} on {where.day} {where:%b}"


def lines_of(rows: Rows, day: Day) -> list[Line]:
    """Everything of that day once, in order of time."""
    found = [
        *(_consent(one, rows.company) for one in rows.consents if day.since <= one.at < day.until),
        *_texts(rows, day),
        *(_reply(rows, one, day) for one in rows.replies if day.since <= one.received_at < day.until),
        *_calls(rows, day),
    ]
    return sorted(found, key=lambda line: (line.at, list(Kind).index(line.kind), line.id))


def standing(consents: Sequence[Consent], at: datetime) -> Consent | None:
    """What the phone's owner had said last by then."""
    return max((one for one in consents if one.at < at), key=lambda one: one.at, default=None)


def say_consent(consent: Consent | None) -> str:
    """`Agreed to texts, by ticking the box on the booking page.`"""
    if consent is None:
        return f"{CONSENT[None]}."
    how = SOURCES.get(consent.source, consent.source.replace("_", " "))
    return f"{CONSENT.get(consent.state, consent.state)}, {how}."


def say_shown(consent: Consent, company: str) -> str:
    """What they read before they agreed, or what they wrote."""
    if consent.words in CONSENT_WORDS:
        return f"They were shown ({consent.words}): {say_words(consent.words, company)}"
    return f"They wrote: {consent.words}" if consent.words else ""


def _consent(consent: Consent, company: str) -> Line:
    return Line(
        at=consent.at,
        kind=Kind.CONSENT,
        id=consent.id,
        code=consent.state,
        says=say_consent(consent),
        why=say_shown(consent, company),
    )


def _texts(rows: Rows, day: Day) -> Iterator[Line]:
    for sent in rows.texts:
        message = sent.message
        at = sent.first_in(day)
        if at is None:
            continue
        yield Line(
            at=at,
            kind=Kind.TEXT,
            id=message.id,
            code=message.purpose,
            says=STATES[message.state].office,
            state=message.state.value,
            why=_why(message),
            reason=message.reason or "",
            audience=message.audience.value,
            words=sent.words,
            steps=tuple(_steps(sent, day)),
            visit_id=message.visit_id,
            reference=rows.references.get(message.visit_id or "", ""),
            sid=message.provider_sid or "",
        )


def _why(message: Message) -> str:
    """Why it was to be sent, and why it was not."""
    due = say_why(message.purpose)
    return f"{due} {say_reason(message.reason)}" if message.reason else due


def _steps(sent: Sent, day: Day) -> Iterator[Step]:
    message = sent.message
    waits = message.state is MessageState.PENDING and message.send_after_at > message.queued_at
    until = f", to go out at {day.say(message.send_after_at)}" if waits else ""
    found = [Step(message.queued_at, f"Written down{until}.")]
    for attempt in sent.attempts:
        found.append(Step(attempt.finished_at or attempt.started_at, _say_attempt(attempt)))
    is_unclear = any(attempt.outcome is Outcome.UNKNOWN for attempt in sent.attempts)
    for entry in sent.settled:
        said = SETTLED.get(entry.data["outcome"])
        if said and not (
            is_unclear and entry.data["outcome"] == Outcome.UNKNOWN.value
        ):  # the attempt says it
            found.append(Step(entry.at, said))
    for call in sent.rung:
        at = call.ended_at or call.page_at or call.started_at or call.queued_at
        found.append(Step(at, f"Call {call.number} by a machine: {RUNG[call.state]}."))
    yield from sorted(found, key=lambda step: step.at)


def _say_attempt(attempt: SendAttempt) -> str:
    detail = f" ({attempt.detail})" if attempt.detail else ""
    return f"Attempt {attempt.number}: {OUTCOMES[attempt.outcome].rstrip('.')}{detail}."


def _reply(rows: Rows, text: InboundText, day: Day) -> Line:
    known = {intent.value: said for intent, said in UNDERSTOOD.items()}
    steps = []
    if text.answer_by_at:
        steps.append(Step(text.received_at, f"An answer was promised by {day.say(text.answer_by_at)}."))
    if text.handled_at:
        who = rows.names.get((text.handled_by or "").partition(":")[2], "our office")
        steps.append(Step(text.handled_at, f"Dealt with by {who}."))
    return Line(
        at=text.received_at,
        kind=Kind.REPLY,
        id=text.id,
        code=text.intent,
        says=f"Understood as {known.get(text.intent, known[Intent.FREE])}.",
        why=f"What came of it: {text.effect.replace('_', ' ')}." if text.effect else "",
        words=Words(text.body, are_the_very=True) if text.body else None,
        steps=tuple(steps),
        visit_id=text.visit_id,
        reference=rows.references.get(text.visit_id or "", ""),
        sid=text.provider_sid,
    )


def _calls(rows: Rows, day: Day) -> Iterator[Line]:
    for called in rows.calls:
        callback = called.callback
        open_until = () if callback.done_at else (callback.due_at,)
        at = day.first_of((callback.opened_at, *(entry.at for entry in called.entries), *open_until))
        if at is None:
            continue
        yield Line(
            at=at,
            kind=Kind.CALL,
            id=callback.id,
            code=callback.about,
            says=say_call(callback, rows.names, day),
            steps=tuple(Step(entry.at, _say_turn(entry, rows.names, day)) for entry in called.entries),
            visit_id=callback.visit_id,
            reference=rows.references.get(callback.visit_id or "", ""),
        )


def say_call(callback: Callback, names: Mapping[str, str], day: Day) -> str:
    if callback.done_at:
        return f"The call was made at {day.say(callback.done_at)}."
    who = names.get(callback.dispatcher_id or "", "Our office")
    return f"{who} rings by {day.say(callback.due_at)}."


def _say_turn(entry: LedgerEntry, names: Mapping[str, str], day: Day) -> str:
    if entry.kind == "callback_made":
        return f"The call was made: {entry.data['outcome'].replace('_', ' ')}."
    who = names.get(entry.data.get("dispatcher_id", ""), "our office")
    by = day.say(datetime.fromisoformat(entry.data["due_at"]))
    if entry.kind == "callback_handed_over":
        return f"Nobody had rung: handed over to {who}, to ring by {by}."
    return f"Promised: {who} rings by {by}."
