"""The invariants of sending: nothing is stuck, and nothing goes to whoever said stop, at night or too often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from dispatch.audit import Check, Finding
from dispatch.audit.check import pick
from dispatch.callbacks.tables import Callback
from dispatch.ledger import LedgerEntry
from dispatch.local_time import local_day
from dispatch.policies import Policies
from dispatch.territories.queries import list_territories
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications.consent import OUT
from notifications.hours import is_direct, urgent_hours, usual_hours
from notifications.inbox.tables import Consent, InboundText
from notifications.messages import CATALOGUE, OPTIONAL, UNCOUNTED
from notifications.outbox.claiming import MOST_A_DAY, MOST_ABOUT_A_VISIT_IN_AN_HOUR
from notifications.outbox.queries import OPEN
from notifications.outbox.queueing import UNTOLD
from notifications.outbox.states import MessageState, Outcome
from notifications.outbox.tables import Audience, Message, SendAttempt

SWEEPS = timedelta(minutes=2)  # how long a sweep may take to come round
TOLERANCE = timedelta(seconds=2)
WENT_OUT = (Outcome.ACCEPTED, Outcome.UNKNOWN)
HOUR = timedelta(hours=1)


class NothingStuck(Check):
    number = "I-24"
    rule = "After its deadline no text waits, is being sent or is in doubt: it went out, or a named person has it."
    when_it_fires = (
        "Ring that customer now. Then see why the sweep passes that row by: the log names what fails, and `makegood "
        "doctor` says whether the jobs run."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        """Where nobody sends anything at all, every staff page says so; then this is silent."""
        ended = select(func.max(SendAttempt.finished_at))
        last_sign = work.session.exec(ended).one()
        if last_sign is None:
            return
        query = pick(Message.id, Message.purpose, Message.state, Message.deadline_at)
        late = min(last_sign, work.now) - SWEEPS
        for id, purpose, state, at in work.session.exec(query.where(col(Message.state).in_(OPEN))):
            if at < late:
                yield self.finding(
                    id, f"A {purpose} text is {state} although its time was over at {at:%H:%M}."
                )


class OneEffectOfAText(Check):
    number = "I-25"
    rule = "What came in under one name is one text, and it was acted on once."
    when_it_fires = (
        "Read what that phone wrote and what was done: an offer may have been taken twice. The unique index is "
        "missing, or a text was given back by hand."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        sid = InboundText.provider_sid
        doubled = pick(sid, func.count()).group_by(sid).having(func.count() > 1)
        for name, count in work.session.exec(doubled):
            yield self.finding(name, f"{count} texts came in under that one name.")
        acted: dict[str, int] = defaultdict(int)
        for data in work.session.exec(select(LedgerEntry.data).where(LedgerEntry.kind == "text_received")):
            acted[data["inbound_id"]] += 1
        for id, count in acted.items():
            if count > 1:
                yield self.finding(id, f"That text was acted on {count} times.")


class StopIsHeard(Check):
    number = "I-27"
    rule = "No text went to a phone whose owner had said stop two seconds before, but the answer to that very word."
    when_it_fires = (
        "Apologise to whoever was texted. Consent is read inside the claim and again before the call: see which of "
        "the two was passed by, and stop sending until it is clear."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        said: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        known = pick(Consent.phone, Consent.at, Consent.state).where(Consent.phone != "")
        for phone, at, state in work.session.exec(known.order_by(col(Consent.at))):
            said[phone].append((at, state))
        for id, phone, purpose, started_at in _tried(work.session):
            before = [state for at, state in said[phone] if at <= started_at - TOLERANCE]
            if before and before[-1] == OUT and not CATALOGUE[purpose].always:
                yield self.finding(id, f"A {purpose} text was tried at {started_at:%H:%M:%S}, after a stop.")


class AtDecentHours(Check):
    number = "I-28"
    rule = (
        "No text went out at night at the place it is about, but a direct answer; none says that somebody sets out who "
        "had arrived."
    )
    when_it_fires = (
        "Look at that territory's time zone and at the text's deadline. If several went out at night, stop sending "
        "and ask what woke them."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        zones = _zones(work.session)
        arrived = dict(work.session.exec(pick(Visit.id, Visit.arrived_at)).all())
        query = (
            pick(Message, SendAttempt.started_at)
            .join(Message, col(Message.id) == col(SendAttempt.message_id))
            .where(col(SendAttempt.outcome).in_(WENT_OUT))
        )
        for message, at in work.session.exec(query):
            came_at = arrived.get(message.visit_id) if message.purpose == "en_route" else None
            if came_at is not None and came_at < at:
                yield self.finding(
                    message.id, f"The text said at {at:%H:%M} that somebody sets out who was there."
                )
            zone = zones[message.params["territory_id"]]
            hours = urgent_hours(zone) if message.urgent else usual_hours(Policies(), zone)
            local = at.astimezone(zone).time()
            is_free = message.audience is Audience.TECHNICIAN or (
                message.params.get("direct") and is_direct(message.queued_at, at)
            )
            if not is_free and not hours.opens_at <= local < hours.closes_at:
                yield self.finding(message.id, f"A {message.purpose} text went out at {local:%H:%M}.")


class SilenceHasAPerson(Check):
    number = "I-29"
    rule = (
        "Every text that was withheld or given up says why; unless something newer was to be said, or it can be left "
        "unsaid, a person rings or has rung."
    )
    when_it_fires = "Ring that customer now: a text was withheld and nobody was asked to ring instead."

    def check(self, work: Work) -> Iterator[Finding]:
        called: set[tuple[str, str | None]] = set()
        for about, visit_id, phone in work.session.exec(
            pick(Callback.about, Callback.visit_id, Callback.phone)
        ):
            called |= {(about, visit_id), (about, phone)}
        row = Message
        query = pick(row.id, row.purpose, row.reason, row.visit_id, row.phone).where(
            col(row.state).in_((MessageState.SUPPRESSED, MessageState.HANDED_OVER))
        )
        for id, purpose, reason, visit_id, phone in work.session.exec(query):
            about = f"{UNTOLD}{reason}"[:40]
            if not reason:
                yield self.finding(id, f"A {purpose} text was withheld, and nobody knows why.")
            elif purpose in OPTIONAL or reason.startswith("superseded"):
                continue
            elif not called & {(about, visit_id), (about, phone)}:
                yield self.finding(id, f"A {purpose} text was withheld ({reason}), and nobody rings instead.")


class EnoughIsEnough(Check):
    number = "I-30"
    rule = "No phone gets more than eight texts on a day, or more than three about a visit within an hour."
    when_it_fires = (
        "Stop sending, and see what writes so many texts: a visit that is moved to and fro, or a plan that changes "
        "all the time."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        zones = _zones(work.session)
        days: dict[tuple[str, object], int] = defaultdict(int)
        about: dict[tuple[str, str], list[datetime]] = defaultdict(list)
        query = (
            pick(Message.phone, Message.visit_id, Message.purpose, Message.params, SendAttempt.started_at)
            .join(Message, col(Message.id) == col(SendAttempt.message_id))
            .where(
                col(SendAttempt.outcome).in_(WENT_OUT),
                Message.audience == Audience.CUSTOMER,
                Message.phone != "",
            )
            .order_by(col(SendAttempt.started_at))
        )
        for phone, visit_id, purpose, params, at in work.session.exec(query):
            if purpose in UNCOUNTED:
                continue
            days[phone, local_day(at, zones[params["territory_id"]])] += 1
            if visit_id:
                about[phone, visit_id].append(at)
        for (phone, day), count in days.items():
            if count > MOST_A_DAY:
                yield self.finding(f"…{phone[-3:]}", f"{count} texts on {day}.")
        for (_, visit_id), ats in about.items():
            if any(
                later - at < HOUR for at, later in zip(ats, ats[MOST_ABOUT_A_VISIT_IN_AN_HOUR:], strict=False)
            ):
                yield self.finding(
                    visit_id, f"More than {MOST_ABOUT_A_VISIT_IN_AN_HOUR} texts within an hour."
                )


def _tried(session: Session) -> Iterator[tuple[str, str, str, datetime]]:
    """Every attempt that reached the provider or may have."""
    query = (
        pick(Message.id, Message.phone, Message.purpose, SendAttempt.started_at)
        .join(Message, col(Message.id) == col(SendAttempt.message_id))
        .where(col(SendAttempt.outcome).in_(WENT_OUT))
    )
    yield from session.exec(query)


def _zones(session: Session) -> dict[str, ZoneInfo]:
    return {territory.id: territory.zone for territory in list_territories(session)}


OF_SENDING = (
    NothingStuck(),
    OneEffectOfAText(),
    StopIsHeard(),
    AtDecentHours(),
    SilenceHasAPerson(),
    EnoughIsEnough(),
)
