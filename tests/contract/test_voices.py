"""One suite for every way to ring a phone: in this house, and by a fake of the provider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree

import pytest
from sqlalchemy import Engine

from dispatch.clock import SetClock
from notifications.calls.port import LoggedCall, Page, Standing, ToRing, VoiceChannel
from notifications.channels.pocket import Pocket
from notifications.channels.port import ChannelError, Misconfigured, Never, Outbound, TryLater, Unclear
from notifications.channels.voice_memory import NoVoice, VoiceMemory
from notifications.channels.voice_pocket import VoicePocket
from tests.fakes.beside import PAGES_URL, Beside
from tests.fakes.twilio import NUMBER, Answer, CutOff, Refuse, Trouble

PHONE, OTHER = "+12025550143", "+12025550144"


@dataclass
class Ringer:
    """A channel and what a suite needs beside it: which phones it rang, and a plug to pull."""

    channel: VoiceChannel
    rung: Callable[[], list[str]]
    set_down: Callable[[bool], None]
    since: datetime


def in_pocket(engine: Engine, clock: SetClock) -> Ringer:
    voice = VoicePocket(engine, clock)

    def rung() -> list[str]:
        return [phone for phone in (PHONE, OTHER) if voice.newest(phone)]

    return Ringer(voice, rung, Pocket(engine, clock).set_down, clock.at)


@pytest.fixture(params=["memory", "pocket", "fake of twilio"])
def ringer(request: pytest.FixtureRequest, engine: Engine, clock: SetClock) -> Ringer:
    if request.param == "memory":
        memory = VoiceMemory()
        return Ringer(
            memory,
            lambda: [call.to for _, call in memory.rung],
            lambda down: setattr(memory, "down", down),
            clock.at,
        )
    if request.param == "pocket":
        return in_pocket(engine, clock)
    provider: Beside = request.getfixturevalue("provider")
    return Ringer(
        provider.voice(),
        lambda: [one.shown["to"] for one in provider.fake.calls],
        provider.set_down,
        clock.at,
    )


def test_that_phone_rings_and_no_other(ringer: Ringer) -> None:
    placed = ringer.channel.place(ToRing(PHONE, "call-1"))
    assert placed.sid
    assert ringer.rung() == [PHONE]


def test_a_provider_rings_twice_when_it_is_asked_twice(ringer: Ringer) -> None:
    first, second = (ringer.channel.place(ToRing(PHONE, "call-1")) for _ in range(2))
    assert first.sid != second.sid


def test_what_was_placed_stands_in_the_log_of_its_phone(ringer: Ringer) -> None:
    placed = ringer.channel.place(ToRing(PHONE, "call-1"))
    assert [one.sid for one in ringer.channel.log(PHONE, ringer.since)] == [placed.sid]
    assert list(ringer.channel.log(OTHER, ringer.since)) == []


def test_while_it_is_down_nobody_is_rung_and_nobody_can_look(ringer: Ringer) -> None:
    ringer.set_down(True)
    with pytest.raises(TryLater):
        ringer.channel.place(ToRing(PHONE, "call-1"))
    with pytest.raises(TryLater):
        ringer.channel.log(PHONE, ringer.since)
    ringer.set_down(False)
    assert ringer.rung() == []
    assert list(ringer.channel.log(PHONE, ringer.since)) == []


def test_every_ringer_has_a_name_and_says_that_it_rings(ringer: Ringer) -> None:
    assert ringer.channel.name
    assert ringer.channel.delivers


def test_where_nobody_rings_nothing_is_accepted(clock: SetClock) -> None:
    assert not NoVoice().delivers
    with pytest.raises(TryLater):
        NoVoice().place(ToRing(PHONE, "call-1"))
    with pytest.raises(TryLater):
        NoVoice().log(PHONE, clock.at)


def test_a_pocket_phone_rings_out(engine: Engine, clock: SetClock) -> None:
    voice, since = VoicePocket(engine, clock), clock.at
    sid = voice.place(ToRing(PHONE, "call-1")).sid
    assert voice.newest(PHONE)
    clock.advance(seconds=26)
    assert voice.newest(PHONE) is None
    assert voice.log(PHONE, since) == [LoggedCall(sid, "no-answer")]


def test_a_pocket_landline_takes_no_texts(engine: Engine, clock: SetClock) -> None:
    pocket = Pocket(engine, clock)
    pocket.set_landline(PHONE, True)
    with pytest.raises(Never, match="21614"):
        pocket.send(Outbound(PHONE, "hello", "message-1", validity_seconds=60))
    pocket.set_landline(PHONE, False)
    assert pocket.send(Outbound(PHONE, "hello", "message-1", validity_seconds=60)).sid


# --- what is special about Twilio ------------------------------------------------------------------------


def test_the_provider_knows_where_to_ask_and_how_long_to_ring(provider: Beside) -> None:
    provider.voice().place(ToRing(PHONE, "call-1"))
    [filed] = provider.fake.calls
    assert filed.asked == {
        "To": PHONE,
        "From": NUMBER,
        "Url": f"{PAGES_URL}?c=call-1",
        "Method": "POST",
        "StatusCallback": f"{PAGES_URL}/status?c=call-1",
        "StatusCallbackMethod": "POST",
        "StatusCallbackEvent": "completed",
        "Timeout": "25",
        "MachineDetection": "Enable",
    }
    provider.voice(detects_machines=False).place(ToRing(PHONE, "call-2"))
    assert "MachineDetection" not in provider.fake.calls[-1].asked


@pytest.mark.parametrize(
    ("trouble", "kind", "rings"),
    [
        (Refuse(429, 20429), TryLater, False),
        (Refuse(401, 20003), Misconfigured, False),
        (Refuse(400, 21215), Never, False),
        (Refuse(500), Unclear, False),
        (Answer(500), Unclear, True),
        (Answer(201, b"not what we know"), Unclear, True),
        (Answer(201, b"{}"), Unclear, True),
        (CutOff(), Unclear, True),
    ],
)
def test_every_end_of_a_request_is_told_apart(
    provider: Beside, trouble: Trouble, kind: type[ChannelError], rings: bool
) -> None:
    provider.fake.plan.append(trouble)
    with pytest.raises(ChannelError) as raised:
        provider.voice().place(ToRing(PHONE, "call-1"))
    assert type(raised.value) is kind
    assert bool(provider.fake.calls) == rings


def test_whether_calls_may_come_from_the_number(provider: Beside) -> None:
    assert provider.voice().standing() is Standing.RINGS
    assert provider.voice(number=OTHER).standing() is Standing.STRANGE
    provider.fake.caller_ids.append(OTHER)
    assert provider.voice(number=OTHER).standing() is Standing.SHOWN
    provider.fake.numbers[NUMBER] = False
    assert provider.voice().standing() is Standing.SILENT
    with pytest.raises(Misconfigured):
        provider.voice(auth_token="old").standing()
    provider.set_down(True)
    with pytest.raises(TryLater):
        provider.voice().standing()


def test_how_a_call_ended_stands_in_the_log(provider: Beside, clock: SetClock) -> None:
    placed = provider.voice().place(ToRing(PHONE, "call-1"))
    provider.fake.end_call("no-answer", lambda *_: None)
    assert provider.voice().log(PHONE, clock.at) == [LoggedCall(placed.sid, "no-answer")]


def test_what_is_said_is_markup_that_nobody_can_break_out_of(provider: Beside) -> None:
    words = 'Smith & Sons <Redirect>evil</Redirect> "quoted" ]]>'
    with_voice = provider.voice()
    spoken = ElementTree.fromstring(with_voice.markup(Page("c1", "m1", "de", words)))
    [gather] = spoken
    assert gather.tag == "Gather"
    assert gather.attrib["action"] == f"{PAGES_URL}/answer?c=c1&m=m1"
    assert (gather.attrib["numDigits"], gather.attrib["actionOnEmptyResult"]) == ("1", "true")
    [say] = gather
    assert (say.tag, say.text, say.attrib["language"]) == ("Say", words, "de-DE")
    last = ElementTree.fromstring(with_voice.markup(Page("c1", "m1", "en", "Goodbye.", listens=False)))
    assert [one.tag for one in last] == ["Say", "Hangup"]
    assert [one.tag for one in ElementTree.fromstring(with_voice.markup(None))] == ["Hangup"]
