"""However a sender dies, sleeps or is answered: no text is doubled, and none is lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest

from dispatch.access.links import LinkKey
from dispatch.clock import SetClock
from dispatch.work import Reaction, Workshop
from notifications.audit import ALL, run_audit
from notifications.channels.port import Logged, Outbound, Pace, Report, Sent, SmsChannel, TryLater, Unclear
from notifications.reactions import Reactions
from notifications.render import Writer
from tests.property.sending import Ending, Run, Schedule, Sleep, every_schedule
from tests.worlds import World, a_quiet_town

STORM = os.environ.get("MAKEGOOD_STORM") == "1"
HOW_MANY = {"sqlite": 600, "postgresql": 100}
SHARES = 4
EVERY_WAY = {  # to be seen in every dose, or it shows nothing
    "heard from the provider",
    "found at the provider",
    "not found twice",
    "the sender was lost",
    "unsure",
    "too_late",
    "opted_out",
    "rejected:21614",
}
KEY = LinkKey(b"k" * 32)


@pytest.fixture
def reactions() -> Sequence[Reaction]:
    return (Reactions(KEY, "https://texts.example", "Alder Repairs"),)


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom")


@dataclass
class Played:
    """Schedules under which a text was doubled or lost, with what went wrong; and every way in which attempts ended."""

    wrongs: list[tuple[Schedule, list[str]]] = field(default_factory=list)
    ways: set[str] = field(default_factory=set)


def play(
    world: World,
    schedules: Iterable[Schedule],
    wrap: Callable[[SmsChannel], SmsChannel] = lambda channel: channel,
) -> Played:
    """Each schedule with a text and a week of its own."""
    writer, played = Writer(KEY, "https://texts.example", "Alder Repairs"), Played()
    for number, schedule in enumerate(schedules):
        world.clock.at = world.at("09:00") + timedelta(days=7 * number)
        run = Run(schedule, world.workshop, world.clock, writer, world.territory.id, number, wrap)
        run.play()
        played.ways |= run.ways()
        if wrong := list(run.wrongs()):
            played.wrongs.append((schedule, wrong))
    return played


@pytest.mark.parametrize("share", range(SHARES))
def test_no_schedule_doubles_or_loses_a_text(world: World, share: int) -> None:
    every = list(every_schedule())
    assert len(every) >= 20_000
    if STORM:
        some = every[share::SHARES]
    else:
        some = Random(share).sample(every, HOW_MANY[world.workshop.engine.dialect.name] // SHARES)
    played = play(world, some)
    assert played.wrongs == []
    if len(some) > 100:
        assert played.ways >= EVERY_WAY
    with world.look() as work:
        assert [(one.invariant, one.sentence) for one in run_audit(work, ALL)] == []


# --- what these schedules would find ------------------------------------------------------------------------


@dataclass
class Planted:
    """A carrier with a bug."""

    inner: SmsChannel
    name: str = "planted"
    delivers: bool = True
    pace: Pace | None = None

    def send(self, text: Outbound) -> Sent:
        return self.inner.send(text)

    def log(self, to: str, since: datetime) -> Sequence[Logged]:
        return self.inner.log(to, since)

    def look_up(self, sid: str) -> Report:
        return self.inner.look_up(sid)


class RetriesOnTimeout(Planted):
    """No answer is taken for not accepted."""

    def send(self, text: Outbound) -> Sent:
        try:
            return super().send(text)
        except Unclear as error:
            raise TryLater(str(error)) from None


class ForgetfulLog(Planted):
    """The log that was asked is not the one in which texts stand."""

    def log(self, to: str, since: datetime) -> Sequence[Logged]:
        return []


class TakesSilenceForYes(Planted):
    """No answer is taken for accepted."""

    def send(self, text: Outbound) -> Sent:
        try:
            return super().send(text)
        except Unclear:
            return Sent(f"made-up-{text.message_id}")


@pytest.mark.parametrize(
    ("bug", "wrong"),
    [
        (RetriesOnTimeout, "a double"),
        (ForgetfulLog, "a double"),
        (TakesSilenceForYes, "we say that it was sent"),
    ],
)
def test_a_planted_bug_is_found(world: World, bug: type[Planted], wrong: str) -> None:
    silent = [
        one
        for one in every_schedule()
        if one.first in (Ending.KEPT, Ending.DROPPED) and one.death == "never" and one.sleep is Sleep.NEVER
    ]
    found = play(world, Random(1).sample(silent, 20), bug).wrongs
    assert any(sentence.startswith(wrong) for _, sentences in found for sentence in sentences)
