"""The restore drill: a backup, sixty bookings and fifteen changes after it, the backup again, and nobody forgotten."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from api.migrations.schema import migrate
from api.runtime.backup import back_up, restore
from dispatch.callbacks.tables import Callback
from dispatch.clock import SetClock
from dispatch.visits.tables import Visit
from dispatch.work import CLOCK, SYSTEM
from notifications.audit import ALL, run_audit
from notifications.consent import OUT, consent_state
from notifications.inbox.receive import receive
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Message
from notifications.reminders import due_reminders
from notifications.witness.actions import hear_witness
from notifications.witness.queries import is_held
from notifications.witness.tables import LostPromise
from notifications.witness.texts import Outcome
from tests.audit.town import MONDAY, TUESDAY, WRITER, Town, an_empty_town
from tests.fakes.beside import Beside, beside

WINDOWS = ("08:00", "10:00", "14:00")
DAYS = [dt.date(2026, 3, day) for day in range(16, 29)]
PLACES = [(day, window) for day in DAYS for window in WINDOWS for _ in range(2)]


@pytest.fixture
def provider(clock: SetClock) -> Iterator[Beside]:
    """Twilio's fake, in no database of ours: what it accepted it keeps."""
    with beside(clock) as found:
        yield found


@pytest.fixture
def town(engine: Any, clock: SetClock, provider: Beside) -> Town:
    migrate(engine)
    town = an_empty_town(engine)
    provider.fake.now = lambda: town.world.clock.at
    town.channel = provider.channel()
    return town


def hear_stop(town: Town, provider: Beside, name: str) -> str:
    """That customer writes STOP, and we are told."""

    def tell(_: str, form: Any, __: Any) -> None:
        with town.workshop.work(SYSTEM, "hook") as work:
            receive(
                work,
                provider_sid=form["MessageSid"],
                phone=form["From"],
                body=form["Body"],
                is_answered=True,
            )

    phone = f"+1202555{1000 + list(town.visits).index(name):04}"
    provider.fake.write(phone, "STOP", tell)
    return phone


def remind(town: Town) -> None:
    """As the job does before it sends."""
    with town.workshop.work(CLOCK, "reminder") as work:
        due_reminders(work)
    town.sweep()


def rows(town: Town, table: Any) -> list[Any]:
    with town.workshop.read() as work:
        found = list(work.session.exec(select(table)))
        work.session.expunge_all()
    return found


def test_every_promise_since_the_backup_is_found_and_nothing_is_said_twice(
    town: Town, provider: Beside, tmp_path: Path
) -> None:
    before = [f"Before{number}" for number in range(16)]
    for name, (day, window) in zip(before, PLACES, strict=False):
        town.book(name, day, window)
    town.book("Tess", TUESDAY, "10:00")  # reminded at six in the evening
    town.run_until(MONDAY, "08:00")
    town.book("Wanda", TUESDAY, "14:00")  # her confirmation waits while the backup is made
    manifest = back_up(town.workshop, tmp_path / "night.backup")
    assert manifest.counts["visits"] == 18

    town.run_until(MONDAY, "09:00")
    after = [f"After{number}" for number in range(60)]
    for name, (day, window) in zip(after, PLACES[16:], strict=False):
        town.book(name, day, window)
    town.run_until(MONDAY, "11:00")
    for number, name in enumerate(before[:8]):
        town.move(name, dt.date(2026, 3, 29 + number // 3), WINDOWS[number % 3])
    for name in before[8:15]:
        town.cancel(name)
    town.run_until(MONDAY, "11:02")  # by then they are told
    town.run_until(MONDAY, "12:00")
    stopped = hear_stop(town, provider, before[15])
    town.run_until(MONDAY, "18:05")
    remind(town)
    told = Counter((one.shown["to"], one.shown["body"]) for one in provider.fake.messages)
    with town.workshop.read() as work:
        booked = {work.session.get_one(Visit, town.visits[name]).reference for name in after}
        changed = {work.session.get_one(Visit, town.visits[name]).reference for name in before[:15]}
    assert len(told) == sum(told.values())

    town.world.clock.advance(minutes=5)
    restore(town.workshop, tmp_path / "night.backup", replace=True)
    with town.workshop.read() as work:
        assert is_held(work.session)
    remind(town)
    assert len(provider.fake.messages) == sum(told.values())

    heard = hear_witness(town.workshop, town.channel, WRITER)
    assert heard
    assert heard.counts == {Outcome.ADOPTED: 3, Outcome.LOST: 75, Outcome.TAKEN_IN: 1}
    lost = rows(town, LostPromise)
    assert {one.reference for one in lost if one.visit_id is None} == booked
    assert {one.reference for one in lost if one.visit_id} == changed
    calls = {one.id: one for one in rows(town, Callback)}
    assert all(calls[one.callback_id].dispatcher_id for one in lost)
    with town.workshop.read() as work:
        assert consent_state(work, stopped) == OUT
        findings = [one for one in run_audit(work, ALL) if one.invariant == "I-4"]
    assert len(findings) == 75

    remind(town)
    town.run_until(MONDAY, "20:00")
    remind(town)
    town.run_until(TUESDAY, "07:00")
    assert Counter((one.shown["to"], one.shown["body"]) for one in provider.fake.messages) == told
    reminded = [one for one in rows(town, Message) if one.purpose == "reminder"]
    assert {one.state for one in reminded} == {MessageState.SENT}
    again = hear_witness(town.workshop, town.channel, WRITER)
    assert again
    assert (again.effects, again.missing) == (0, ())
