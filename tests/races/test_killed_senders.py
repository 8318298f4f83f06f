"""A worker that is killed in the middle of whatever it does, again and again: no text is doubled, and none is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlmodel import col, select

from dispatch.bookings.actions import book_for, hold_window
from dispatch.bookings.slots import Request
from dispatch.callbacks.tables import Callback
from dispatch.clock import SystemClock, real_now
from dispatch.promises.states import Agreed
from dispatch.work import Workshop
from notifications.audit import ALL, run_audit
from notifications.consent import give_consent
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Message, SendAttempt
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


def book_visits(workshop: Workshop) -> list[str]:
    """A hundred visits of tomorrow, each of a customer with a phone; their confirmations are due."""
    phones = [f"+1202555{number:04}" for number in range(1000, 1000 + VISITS)]
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
    for number, phone in enumerate(phones):
        with workshop.work(OFFICE, "book") as work:
            give_consent(work, phone, "web")
            request = Request(territory=territory, service=service, place=near(km_north=number % 9))
            hold = hold_window(work, request, tomorrow.replace(hour=8 + 2 * (number % 4)).astimezone(UTC))
            customer = a_customer(work, name=f"Ana {number}", phone=phone)
            address = an_address(work, customer, territory, line=f"{number} Main Street")
            book_for(work, hold, customer, address, agreed_by=Agreed.CUSTOMER, agreed_how="web")
    return phones


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
    phones, random, pause = book_visits(workshop), Random(1), threading.Event()
    for _ in range(KILLS):
        asked = fake.requests
        with a_worker(environment) as worker:
            soon(lambda asked=asked: fake.requests > asked, seconds=5)
            pause.wait(random.uniform(0, 2 * ANSWER_SECONDS))
            assert worker.poll() is None, "it died of itself"
    before, restarted_at = len(fake.messages), real_now()
    with a_worker(environment):
        soon(lambda: len(fake.messages) > before, seconds=30)
        first_after = (real_now() - restarted_at).total_seconds()
        assert soon(lambda: all(one.state in AT_REST for one in rows(workshop)), seconds=600)
    accepted = Counter(one.shown["to"] for one in fake.messages)
    found = rows(workshop)
    with workshop.read() as work:
        rung = {one.phone for one in work.session.exec(select(Callback))}
        lost = sum(one.detail == "the sender was lost" for one in work.session.exec(select(SendAttempt)))
        findings = [f"{one.invariant} {one.sentence}" for one in run_audit(work, ALL)]
    with capsys.disabled():
        sys.stdout.write(
            f"\n{KILLS} kills, {lost} of them in the middle of a call: {sum(accepted.values())} texts accepted for "
            f"{len(phones)} visits, {sum(count > 1 for count in accepted.values())} doubled, {len(rung)} rung by a "
            f"person; after the restart the next text left in {first_after:.1f} s\n"
        )
    assert [phone for phone, count in accepted.items() if count > 1] == []
    assert {one.phone for one in found} == set(phones)
    assert [phone for phone in phones if not accepted[phone] and phone not in rung] == []
    assert findings == []
