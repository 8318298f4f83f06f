"""The provider's log as a witness from outside: what it has that we have not, and the other way round.

Read with no transaction open; then each text that our record does not know is a short Work of its own, so that what
was found once is found again by nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.territories.queries import list_territories
from dispatch.work import CLOCK, Work, Workshop
from notifications.channels.port import Direction, Passed, SmsChannel, TryLater
from notifications.reminders import due_reminders
from notifications.render import Writer
from notifications.witness.queries import get_state, is_held, known_sids, list_accepted, record_began_at
from notifications.witness.rules import OVERLAP, is_due, since_when
from notifications.witness.texts import Outcome, take_in

CAUSE = "witness"
LAG = timedelta(days=1)  # between the provider's instant of a text and ours


@dataclass(frozen=True, slots=True)
class Heard:
    """What a run came to: `missing` are messages that were accepted and that the log does not show."""

    since_at: datetime
    read: int
    counts: Counter[Outcome]
    missing: tuple[str, ...]

    @property
    def effects(self) -> int:
        return sum(self.counts[one] for one in (Outcome.ADOPTED, Outcome.LOST, Outcome.TAKEN_IN))


def hold_sending(work: Work, backup_at: datetime) -> None:
    """This database is a backup: no text goes out until the witness has said what happened since."""
    state = get_state(work.session)
    state.held_since_at, state.backup_at, state.trouble = work.now, backup_at, ""
    work.session.add(state)


def is_witness_due(work: Work) -> bool:
    territories, began_at = list_territories(work.session), record_began_at(work.session)
    if began_at is None or not territories:
        return is_held(work.session)
    return is_due(get_state(work.session), began_at, work.now, territories[0].zone)


def hear_witness(workshop: Workshop, channel: SmsChannel, writer: Writer) -> Heard | None:
    """Compare the log with our record, both ways. None, and the reason noted, when the log cannot be read.

    Only a run that came to its end lets texts go out again.
    """
    with workshop.read() as read:
        began_at = record_began_at(read.session) or read.now
        held, now = is_held(read.session), read.now
        since = since_when(get_state(read.session), began_at, now)
    try:
        passed = [*channel.log_all(since)]
    except TryLater as error:
        with workshop.work(CLOCK, CAUSE) as work:
            _note_trouble(work, str(error))
        return None
    passed.reverse()
    passed.sort(key=lambda one: one.at)
    if held:  # what the clock makes due again is known by its words, and not lost
        with workshop.work(CLOCK, CAUSE) as work:
            due_reminders(work)
    counts = _take_in_all(workshop, writer, passed, since)
    with workshop.work(CLOCK, CAUSE) as work:
        missing = _missing(work, passed, since + OVERLAP, now - OVERLAP)
        heard = Heard(since, len(passed), counts, missing)
        _note(work, heard)
    return heard


def _take_in_all(
    workshop: Workshop, writer: Writer, passed: Sequence[Passed], since: datetime
) -> Counter[Outcome]:
    with workshop.read() as read:
        known, began = known_sids(read.session, since - LAG), read.now
    counts: Counter[Outcome] = Counter()
    for text in passed:
        if text.sid in known:
            continue
        with workshop.work(CLOCK, CAUSE) as work:
            counts[take_in(work, writer, text, began)] += 1
    return counts


def _missing(work: Work, passed: Sequence[Passed], from_at: datetime, until_at: datetime) -> tuple[str, ...]:
    """What is too new for a log that lags, or at its far edge, is not asked for."""
    there = {one.sid for one in passed if one.direction is Direction.OUT}
    accepted = list_accepted(work.session, from_at, until_at)
    return tuple(one.id for one in accepted if one.provider_sid not in there)


def _note_trouble(work: Work, why: str) -> None:
    state = get_state(work.session)
    state.tried_at, state.trouble = work.now, (why or "no reason given")[:200]
    work.session.add(state)


def _note(work: Work, heard: Heard) -> None:
    state = get_state(work.session)
    state.ran_at = state.tried_at = work.now
    state.trouble, state.held_since_at = "", None
    state.found = {
        "since_at": heard.since_at.isoformat(),
        "read": heard.read,
        **{outcome.value: heard.counts[outcome] for outcome in Outcome},
        "missing": list(heard.missing),
    }
    work.session.add(state)
