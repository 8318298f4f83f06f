"""One suite for every way of carrying texts: in this house, by a fake of the provider, and by hand the provider."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from dispatch.clock import SetClock, real_now
from notifications.channels.memory import Memory
from notifications.channels.pocket import Pocket
from notifications.channels.port import (
    ChannelError,
    Direction,
    Logged,
    Never,
    Outbound,
    Sent,
    SmsChannel,
    TryLater,
    Unclear,
)
from notifications.channels.silent import NoChannel
from notifications.channels.twilio import Twilio
from tests.fakes.beside import Beside

PHONE, OTHER = "+12025550143", "+12025550144"


def text(body: str, message_id: str = "message-1", to: str = PHONE) -> Outbound:
    return Outbound(to, body, message_id, validity_seconds=600)


@dataclass
class Carrier:
    """A channel and what a suite needs beside it: a phone to read, and a plug to pull."""

    channel: SmsChannel
    read: Callable[[str], list[str]]
    set_down: Callable[[bool], None]
    since: datetime
    phone: str = PHONE
    answer: Callable[[str], str] = lambda body: pytest.skip("nobody here writes as a phone's owner")

    def send(self, body: str, message_id: str = "message-1") -> Sent:
        return self.channel.send(text(body, message_id, self.phone))


def in_memory(clock: SetClock) -> Carrier:
    memory = Memory(lambda: clock.at)
    return Carrier(
        memory,
        memory.read,
        lambda down: setattr(memory, "down", down),
        clock.at,
        answer=lambda body: memory.answer(PHONE, body).provider_sid,
    )


def in_pocket(engine: Engine, clock: SetClock) -> Carrier:
    pocket = Pocket(engine, clock)
    return Carrier(
        pocket,
        lambda phone: [one.body for one in pocket.read(phone)],
        pocket.set_down,
        clock.at,
        answer=lambda body: pocket.answer(PHONE, body).provider_sid,
    )


def by_the_fake(provider: Beside, clock: SetClock) -> Carrier:
    def answer(body: str) -> str:
        told: dict[str, str] = {}
        provider.fake.write(PHONE, body, lambda _, form, __: told.update(form))
        return told["MessageSid"]

    return Carrier(provider.channel(), provider.fake.read, provider.set_down, clock.at, answer=answer)


def by_twilio() -> Carrier:
    """The real one, by hand: it texts TWILIO_TEST_PHONE and costs money. Its own log is what can be read."""
    wanted = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_TEST_PHONE")
    given = [os.environ.get(name, "") for name in wanted]
    sender = os.environ.get("TWILIO_MESSAGING_SERVICE_SID") or os.environ.get("TWILIO_FROM", "")
    if os.environ.get("MAKEGOOD_REAL_TWILIO") != "1" or not all([*given, sender]):
        pytest.skip(
            "the real Twilio is asked by hand only: set MAKEGOOD_REAL_TWILIO=1, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, "
            "TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID, and TWILIO_TEST_PHONE, a phone of yours that gets the texts"
        )
    sid, token, phone = given
    channel = Twilio(sid, token, sender=sender, status_url="https://example.com/hooks/twilio/status")
    since = real_now()

    def read(phone: str) -> list[str]:
        return [one.body for one in reversed(channel.log(phone, since + timedelta(seconds=60)))]

    def set_down(_: bool) -> None:
        pytest.skip("nobody here can pull Twilio's plug")

    return Carrier(channel, read, set_down, since, phone)


@pytest.fixture(params=["memory", "pocket", "fake of twilio", "twilio"])
def carrier(request: pytest.FixtureRequest, engine: Engine, clock: SetClock) -> Carrier:
    if request.param == "memory":
        return in_memory(clock)
    if request.param == "pocket":
        return in_pocket(engine, clock)
    return (
        by_twilio() if request.param == "twilio" else by_the_fake(request.getfixturevalue("provider"), clock)
    )


def test_a_text_arrives_on_its_phone_and_on_no_other(carrier: Carrier) -> None:
    sent = carrier.send("Guten Tag, Zoë 🙂")
    assert sent.sid
    assert carrier.read(carrier.phone) == ["Guten Tag, Zoë 🙂"]
    assert carrier.read(OTHER) == []


def test_texts_lie_in_the_order_in_which_they_came(carrier: Carrier) -> None:
    for number in range(12):
        carrier.send(f"text {number}", f"message-{number}")
    assert carrier.read(carrier.phone) == [f"text {number}" for number in range(12)]


def test_a_provider_accepts_what_it_is_given_twice(carrier: Carrier) -> None:
    first, second = (carrier.send("again") for _ in range(2))
    assert first.sid != second.sid
    assert carrier.read(carrier.phone) == ["again", "again"]


def test_what_was_accepted_stands_in_the_log(carrier: Carrier) -> None:
    sent = carrier.send("hello")
    assert Logged(sent.sid, "hello") in carrier.channel.log(carrier.phone, carrier.since)
    assert list(carrier.channel.log(OTHER, carrier.since)) == []


def test_it_can_be_asked_what_became_of_a_text(carrier: Carrier) -> None:
    assert carrier.channel.look_up(carrier.send("hello").sid).status in ("queued", "sent", "delivered")


def test_everything_that_passed_stands_in_the_log_either_way(carrier: Carrier, clock: SetClock) -> None:
    sent = carrier.send("hello")
    answered = carrier.answer("who is this?")
    found = list(carrier.channel.log_all(carrier.since))
    assert {(one.direction, one.sid, one.phone, one.body) for one in found} == {
        (Direction.OUT, sent.sid, carrier.phone, "hello"),
        (Direction.IN, answered, carrier.phone, "who is this?"),
    }
    assert all(carrier.since <= one.at <= carrier.since + timedelta(seconds=1) for one in found)


def test_the_log_of_everything_begins_where_it_is_asked_to(carrier: Carrier, clock: SetClock) -> None:
    carrier.send("yesterday")
    clock.advance(days=1)
    sent = carrier.send("today", "message-2")
    assert [one.sid for one in carrier.channel.log_all(clock.at)] == [sent.sid]


def test_while_it_is_down_nothing_is_accepted_and_nobody_can_look(carrier: Carrier) -> None:
    carrier.set_down(True)
    with pytest.raises(TryLater):
        carrier.send("hello")
    with pytest.raises(TryLater):
        carrier.channel.log(carrier.phone, carrier.since)
    with pytest.raises(TryLater):
        carrier.channel.look_up("whatever")
    with pytest.raises(TryLater):
        list(carrier.channel.log_all(carrier.since))
    carrier.set_down(False)
    assert list(carrier.channel.log(carrier.phone, carrier.since)) == []
    assert carrier.read(carrier.phone) == []
    carrier.send("hello")
    assert carrier.read(carrier.phone) == ["hello"]


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
    with pytest.raises(TryLater):
        silent.look_up("whatever")
    with pytest.raises(TryLater):
        silent.log_all(clock.at)
