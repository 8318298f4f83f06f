"""Reports that come in one moment are written in one Work; each is answered by what became of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from api.hooks.tray import Tray
from api.runtime.runtime import Runtime
from dispatch.territories.tables import Territory
from dispatch.work import SYSTEM
from notifications.messages import STRANGER
from notifications.outbox.actions import send_due
from notifications.outbox.queueing import queue, to_stranger
from notifications.outbox.reports import Reported
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Message

COUNT = 30


@pytest.fixture
def texts(runtime: Runtime, territory: Territory) -> list[Message]:
    """Thirty texts that the provider accepted."""
    with runtime.work(SYSTEM, "test") as work:
        for number in range(COUNT):
            phone = f"+1202555{number:04}"
            queue(work, STRANGER, to_stranger(phone, territory.id), round=number, direct=True)
    send_due(runtime.workshop, runtime.channel, runtime.writer)
    with runtime.read() as work:
        return list(work.session.exec(select(Message)))


async def put_all(tray: Tray, reports: list[Reported]) -> list[bool | BaseException]:
    return await asyncio.gather(*(tray.put(report) for report in reports), return_exceptions=True)


def test_a_shower_of_reports_is_one_work(runtime: Runtime, texts: list[Message]) -> None:
    works: list[int] = []
    counted = replace(runtime, workshop=replace(runtime.workshop, nudge=lambda: works.append(1)))
    reports = [Reported(text.id, text.provider_sid or "", "delivered", "") for text in texts]
    strange = Reported("nobody", "nothing", "delivered", "")
    assert asyncio.run(put_all(Tray(counted), [*reports, strange])) == [True] * COUNT + [False]
    assert len(works) == 1
    with runtime.read() as work:
        assert {one.state for one in work.session.exec(select(Message))} == {MessageState.DELIVERED}


def test_whoever_cannot_be_written_is_told_and_the_next_shower_is_written(
    runtime: Runtime, texts: list[Message]
) -> None:
    def refuse() -> None:
        raise OperationalError("commit", {}, Exception("the disk is full"))

    full = replace(runtime, workshop=replace(runtime.workshop, reactions=(lambda work, fact: refuse(),)))
    tray = Tray(full)
    reports = [Reported(text.id, text.provider_sid or "", "delivered", "") for text in texts]
    assert {type(one) for one in asyncio.run(put_all(tray, reports))} == {OperationalError}
    tray.runtime = runtime
    assert asyncio.run(put_all(tray, reports)) == [True] * COUNT
