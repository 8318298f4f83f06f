"""One suite for every way of carrying texts that lives in this house."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

import pytest
from sqlalchemy import Engine

from dispatch.clock import SetClock
from notifications.channels.memory import Memory
from notifications.channels.pocket import Pocket
from notifications.channels.port import (
    ChannelError,
    Logged,
    Never,
    Outbound,
    Sent,
    SmsChannel,
    TryLater,
    Unclear,
)
from notifications.channels.silent import NoChannel

PHONE, OTHER = "+12025550143", "+12025550144"


def text(body: str, message_id: str = "message-1") -> Outbound:
    return Outbound(PHONE, body, message_id, validity_seconds=600)


class Carrier(Protocol):
    """A channel and the two things a suite needs beside it: reading a phone, and pulling the plug."""

    channel: SmsChannel

    def read(self, phone: str) -> list[str]: ...

    def set_down(self, down: bool) -> None: ...


class InMemory:
    def __init__(self) -> None:
        self.channel = self.memory = Memory()

    def read(self, phone: str) -> list[str]:
        return self.memory.read(phone)

    def set_down(self, down: bool) -> None:
        self.memory.down = down


class InPocket:
    def __init__(self, engine: Engine, clock: SetClock) -> None:
        self.channel = self.pocket = Pocket(engine, clock)

    def read(self, phone: str) -> list[str]:
        return [text.body for text in self.pocket.read(phone)]

    def set_down(self, down: bool) -> None:
        self.pocket.set_down(down)


@pytest.fixture(params=["memory", "pocket"])
def carrier(request: pytest.FixtureRequest, engine: Engine, clock: SetClock) -> Carrier:
    return InMemory() if request.param == "memory" else InPocket(engine, clock)


def test_a_text_arrives_on_its_phone_and_on_no_other(carrier: Carrier) -> None:
    sent = carrier.channel.send(text("Guten Tag, Zoë 🙂", "message-1"))
    assert sent.sid
    assert carrier.read(PHONE) == ["Guten Tag, Zoë 🙂"]
    assert carrier.read(OTHER) == []


def test_texts_lie_in_the_order_in_which_they_came(carrier: Carrier) -> None:
    for number in range(12):
        carrier.channel.send(text(f"text {number}", f"message-{number}"))
    assert carrier.read(PHONE) == [f"text {number}" for number in range(12)]


def test_a_provider_accepts_what_it_is_given_twice(carrier: Carrier) -> None:
    first, second = (carrier.channel.send(text("again", "message-1")) for _ in range(2))
    assert first.sid != second.sid
    assert carrier.read(PHONE) == ["again", "again"]


def test_what_was_accepted_stands_in_the_log(carrier: Carrier, clock: SetClock) -> None:
    since = clock.at - timedelta(minutes=1)
    sent = carrier.channel.send(text("hello", "message-1"))
    assert list(carrier.channel.log(PHONE, since)) == [Logged(sent.sid, "hello")]
    assert list(carrier.channel.log(OTHER, since)) == []


def test_while_it_is_down_nothing_is_accepted_and_nobody_can_look(carrier: Carrier, clock: SetClock) -> None:
    carrier.set_down(True)
    with pytest.raises(TryLater):
        carrier.channel.send(text("hello", "message-1"))
    with pytest.raises(TryLater):
        carrier.channel.log(PHONE, clock.at)
    carrier.set_down(False)
    assert list(carrier.channel.log(PHONE, clock.at)) == []
    assert carrier.read(PHONE) == []
    carrier.channel.send(text("hello", "message-1"))
    assert carrier.read(PHONE) == ["hello"]


def test_every_carrier_has_a_name_and_says_that_it_delivers(carrier: Carrier) -> None:
    assert carrier.channel.name
    assert carrier.channel.delivers


# --- what is special about each ---------------------------------------------------------------------


def test_memory_fails_as_it_is_told() -> None:
    memory = Memory()
    memory.script = [Never("21614"), Unclear("timed out"), None]
    for error in (Never, Unclear):
        with pytest.raises(error):
            memory.send(text("hello", "message-1"))
    assert memory.send(text("hello", "message-1")) == Sent("memory-1")


def test_memory_can_lose_its_answer_and_keep_the_text(clock: SetClock) -> None:
    memory = Memory()
    memory.script, memory.accepts_unclear = [Unclear("timed out")], True
    with pytest.raises(ChannelError):
        memory.send(text("hello", "message-1"))
    assert memory.read(PHONE) == ["hello"]
    assert memory.log(PHONE, clock.at) == [Logged("memory-1", "hello")]


def test_a_pocket_phone_is_read_and_answered_as_its_owner(engine: Engine, clock: SetClock) -> None:
    pocket = Pocket(engine, clock)
    pocket.send(text("Reply 1 to keep it", "message-1"))
    first, second = pocket.answer(PHONE, "1"), pocket.answer(PHONE, "1")
    assert (first.phone, first.body) == (PHONE, "1")
    assert first.provider_sid != second.provider_sid
    shown = [(text.direction, text.body, text.status) for text in pocket.read(PHONE)]
    assert shown == [
        ("out", "Reply 1 to keep it", "delivered"),
        ("in", "1", "received"),
        ("in", "1", "received"),
    ]
    assert pocket.phones() == [PHONE]


def test_the_plug_is_pulled_for_every_process(engine: Engine, clock: SetClock) -> None:
    Pocket(engine, clock).set_down(True)
    assert Pocket(engine, clock).is_down()


def test_no_channel_delivers_nothing_and_accepts_nothing(clock: SetClock) -> None:
    silent = NoChannel()
    assert not silent.delivers
    with pytest.raises(TryLater):
        silent.send(text("hello", "message-1"))
    with pytest.raises(TryLater):
        silent.log(PHONE, clock.at)
