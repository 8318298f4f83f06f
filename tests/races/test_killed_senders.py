"""A worker that is killed in the middle of whatever it does, again and again: no text is doubled, and none is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

import pytest
from sqlmodel import col, select

from dispatch.bookings.actions import book_for, hold_window
from dispatch.bookings.slots import Request
from dispatch.callbacks.tables import Callback
from dispatch.clock import SystemClock, real_now
from dispatch.events import MessageSettled
from dispatch.ledger import since
from dispatch.promises.states import Agreed
from dispatch.services.tables import Service
from dispatch.territories.tables import Territory
from dispatch.work import Workshop
from notifications.audit import ALL, run_audit
from notifications.consent import give_consent
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Message
from tests.builders import a_customer, a_dispatcher, a_service, a_technician, a_territory, an_address, near
from tests.fakes.line import Line
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN, FakeTwilio
from tests.races.doors import STORM
from tests.redis_server import soon
from tests.worlds import OFFICE

pytestmark = pytest.mark.skipif(not STORM, reason="takes a quarter of an hour: make storm")

ROOT = Path(__file__).parents[2]
KILLS, VISITS = 200, 100
ANSWER_SECONDS = 0.1
AT_REST = (MessageState.SENT, MessageState.DELIVERED, MessageState.HANDED_OVER, MessageState.SUPPRESSED)


@pytest.fixture
def clock() -> SystemClock:
    """The workers' processes and this one must agree about the time."""
    return SystemClock()


@pytest.fixture
def provider() -> Iterator[tuple[FakeTwilio, str]]:
    """It takes a moment to answer, so that many a worker dies while it waits."""
    fake, pause = FakeTwilio(real_now), threading.Event()
    fake.latency = lambda: pause.wait(ANSWER_SECONDS) and None
    line = Line(fake.app)
    yield fake, line.url
    line.cut()


@contextmanager
def a_worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own, as in production; at the end it is killed, not asked to stop."""
    command = [sys.executable, "-m", "api.runtime.cli", "worker"]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stderr=subprocess.DEVNULL) as worker:
        yield worker
        worker.kill()


def noon_zone() -> str:
    """Where it is about noon now, so that texts may go out whenever this runs."""
    hours = 12 - real_now().hour
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


@dataclass
class Town:
    """Books visits of tomorrow one after another, each of a customer with a phone: its confirmation is due at once."""

    workshop: Workshop
    territory: Territory
    service: Service
    tomorrow: datetime
    phones: list[str] = field(default_factory=list)

    def book(self) -> None:
        number = len(self.phones)
        phone = f"+1202555{1000 + number:04}"
        with self.workshop.work(OFFICE, "book") as work:
            give_consent(work, phone, "web")
            request = Request(territory=self.territory, service=self.service, place=near(km_north=number % 9))
            start_at = self.tomorrow.replace(hour=8 + 2 * (number % 4)).astimezone(UTC)
            hold = hold_window(work, request, start_at)
            customer = a_customer(work, name=f"Ana {number}", phone=phone)
            address = an_address(work, customer, self.territory, line=f"{number} Main Street")
            book_for(work, hold, customer, address, agreed_by=Agreed.CUSTOMER, agreed_how="web")
        self.phones.append(phone)


def a_town(workshop: Workshop) -> Town:
    with workshop.work(OFFICE, "set up") as work:
        territory = a_territory(work, time_zone=noon_zone())
        a_dispatcher(work, territory)
        service = a_service(work)
        for number in range(VISITS // 4):
            a_technician(work, territory, name=f"Tom {number}", phone="")
        tomorrow = (
            (work.now + timedelta(days=1))
            .astimezone(territory.zone)
            .replace(minute=0, second=0, microsecond=0)
        )
    return Town(workshop, territory, service, tomorrow)


def doubts(workshop: Workshop) -> int:
    """How many texts there were of which nobody knew, for a while, whether the provider had them."""
    with workshop.read() as work:
        return sum(
            entry.kind == MessageSettled.kind() and entry.data["outcome"] == "unknown"
            for entry in since(work.session, 0, 100_000)
        )


def rows(workshop: Workshop) -> Sequence[Message]:
    with workshop.read() as work:
        return work.session.exec(select(Message).order_by(col(Message.queued_at))).all()


def test_a_worker_killed_two_hundred_times(
    workshop: Workshop,
    provider: tuple[FakeTwilio, str],
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fake, address = provider
    environment = {
        **os.environ,
        "MAKEGOOD_DATA": str(tmp_path),
        "MAKEGOOD_LINK_SECRET": "k" * 40,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": NUMBER,
        "TWILIO_BASE_URL": address,
        "MAKEGOOD_SEGMENTS_PER_SECOND": "5",
    }
    town, random, pause, waits = a_town(workshop), Random(1), threading.Event(), []
    for kill in range(KILLS):
        if kill % (KILLS // VISITS) == 0:
            town.book()
        asked, started_at = fake.requests, real_now()
        with a_worker(environment) as worker:
            if soon(lambda asked=asked: fake.requests > asked, seconds=15):
                waits.append((real_now() - started_at).total_seconds())
            pause.wait(random.uniform(0, 2 * ANSWER_SECONDS))
            assert worker.poll() is None, "it died of itself"
    phones = town.phones
    with a_worker(environment):
        assert soon(lambda: all(one.state in AT_REST for one in rows(workshop)), seconds=900)
    accepted = Counter(one.shown["to"] for one in fake.messages)
    found = rows(workshop)
    with workshop.read() as work:
        rung = {one.phone for one in work.session.exec(select(Callback))}
        findings = [f"{one.invariant} {one.sentence}" for one in run_audit(work, ALL)]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{KILLS} kills, {doubts(workshop)} of them in the middle of a call: {sum(accepted.values())} texts "
            f"accepted for {len(phones)} visits, {sum(count > 1 for count in accepted.values())} doubled, {len(rung)} "
            f"rung by a person; after {len(waits)} restarts that found work, the provider was asked within "
            f"{median(waits):.1f} s in the middle and {max(waits):.1f} s at most\n"
        )
    assert [phone for phone, count in accepted.items() if count > 1] == []
    assert {one.phone for one in found} == set(phones)
    assert [phone for phone in phones if not accepted[phone] and phone not in rung] == []
    assert findings == []
