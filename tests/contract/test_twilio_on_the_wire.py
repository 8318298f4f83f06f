"""Everything that can happen to a request, and which of the outcomes it is: row by row, over real sockets."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from dispatch.clock import SetClock
from notifications.channels.port import (
    Account,
    ChannelError,
    Logged,
    Misconfigured,
    Never,
    Outbound,
    TryLater,
    Unclear,
)
from notifications.channels.twilio import ANSWER_SECONDS, CONNECT_SECONDS
from notifications.outbox.sending import LEASE, TURN
from tests.fakes.beside import STATUS_URL, Beside
from tests.fakes.twilio import NUMBER, SERVICE, Answer, CutOff, Hang, Refuse, Trouble, refusal

PHONE, OTHER = "+12025550143", "+12025550144"
HELLO = Outbound(PHONE, "Alder Repairs: hello Zoë, it's 10 € 🙂", "message-1", validity_seconds=300)


# --- accepted ------------------------------------------------------------------------------------------


def test_a_text_is_handed_over_once_with_all_that_the_provider_must_know(provider: Beside) -> None:
    sent = provider.channel().send(HELLO)
    [filed] = provider.fake.messages
    assert sent.sid == filed.sid
    assert filed.asked == {
        "To": PHONE,
        "From": NUMBER,
        "Body": HELLO.body,
        "StatusCallback": f"{STATUS_URL}?o=message-1",
        "ValidityPeriod": "300",
    }
    assert provider.fake.requests == 1


def test_a_messaging_service_sends_instead_of_a_number(provider: Beside) -> None:
    provider.channel(sender=SERVICE).send(HELLO)
    [filed] = provider.fake.messages
    assert filed.asked["MessagingServiceSid"] == SERVICE
    assert "From" not in filed.asked


def test_nothing_stays_with_the_provider_longer_than_it_keeps_anything(provider: Beside) -> None:
    provider.channel().send(Outbound(PHONE, "hello", "message-1", validity_seconds=86_400))
    assert provider.fake.messages[0].asked["ValidityPeriod"] == "36000"


def test_an_answer_has_half_a_minute_and_still_the_lease_outlives_the_call() -> None:
    assert ANSWER_SECONDS >= 30
    assert TURN + timedelta(seconds=CONNECT_SECONDS + ANSWER_SECONDS) < LEASE


# --- what an answer means ----------------------------------------------------------------------------


REJECTED = [Refuse(400, code) for code in (21211, 21610, 21612, 21614, 21635, 21617, 21999)]
OUR_FAULT = [
    *(Refuse(400, code) for code in (21408, 21606, 21608, 21603, 21609, 21659, 21705)),
    *(Refuse(401, 20003), Refuse(403, 20003), Refuse(403, None), Refuse(404, 20404)),
]
BUSY = [Refuse(429, 20429), Refuse(429, None), Refuse(400, 21611), Refuse(429, 20003)]
IN_DOUBT = [
    *(Refuse(500, 20500), Refuse(503, None), Refuse(502, 20429), Refuse(504, 21610), Refuse(408, None)),
    *(Answer(500), Answer(503, accepts=False), Answer(302), CutOff()),
    *(Answer(201, b""), Answer(201, b"<html>"), Answer(201, b"[]"), Answer(201, b"null"), Answer(201, b"{}")),
    *(Answer(201, b'{"sid": null}'), Answer(201, b'{"sid": 7}'), Answer(200, b'{"sid": "SM'), Answer(204)),
    *(Answer(201, b"\xff\xfe"), Answer(201, b'"a word"')),
]
ROWS = [
    *((trouble, Never) for trouble in REJECTED),
    *((trouble, Misconfigured) for trouble in OUR_FAULT),
    *((trouble, TryLater) for trouble in BUSY),
    *((trouble, Unclear) for trouble in IN_DOUBT),
]


@pytest.mark.parametrize(("trouble", "outcome"), ROWS, ids=str)
def test_each_answer_is_one_outcome_and_is_asked_for_once(
    provider: Beside, trouble: Trouble, outcome: type[ChannelError]
) -> None:
    provider.fake.plan.append(trouble)
    with pytest.raises(ChannelError) as raised:
        provider.channel().send(HELLO)
    assert type(raised.value) is outcome
    assert provider.fake.requests == 1


def test_what_was_refused_for_good_names_the_code(provider: Beside) -> None:
    provider.fake.opted_out.add(PHONE)
    with pytest.raises(Never) as raised:
        provider.channel().send(HELLO)
    assert raised.value.code == "21610"


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("", None), ("soon", None), ("-1", None), ("99999999", 36_000)]
)
def test_a_busy_provider_says_when_to_come_back(provider: Beside, header: str, seconds: int | None) -> None:
    provider.fake.plan.append(Refuse(429, 20429, {"Retry-After": header} if header else {}))
    with pytest.raises(TryLater) as raised:
        provider.channel().send(HELLO)
    assert raised.value.retry_after_seconds == seconds


def test_wrong_credentials_are_our_configuration(provider: Beside) -> None:
    for other in ({"auth_token": "old"}, {"account_sid": "AC" + "0" * 32}, {"sender": OTHER}):
        with pytest.raises(Misconfigured) as raised:
            provider.channel(**other).send(HELLO)
        assert "old" not in str(raised.value)
    assert provider.fake.messages == []


# --- when the line is the trouble ----------------------------------------------------------------------


def test_a_refused_connection_is_not_accepted(provider: Beside) -> None:
    provider.set_down(True)
    with pytest.raises(TryLater) as raised:
        provider.channel().send(HELLO)
    assert not isinstance(raised.value, Misconfigured)


def test_a_name_that_nobody_knows_is_not_accepted(provider: Beside) -> None:
    with pytest.raises(TryLater):
        provider.channel(base_url="http://no-such-host.invalid").send(HELLO)


def test_no_tls_on_the_other_side_is_not_accepted(provider: Beside) -> None:
    with pytest.raises(TryLater):
        provider.channel(base_url=provider.line.url.replace("http:", "https:")).send(HELLO)
    assert provider.fake.messages == []


def test_no_answer_in_time_is_a_doubt_and_the_text_may_be_there(provider: Beside) -> None:
    provider.fake.plan.append(Hang())
    with pytest.raises(Unclear):
        provider.channel(answer_seconds=0.2).send(HELLO)
    assert provider.fake.read(PHONE) == [HELLO.body]
    assert provider.fake.requests == 1


def _close(link: socket.socket) -> None:
    link.close()


def _reset(link: socket.socket) -> None:
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.close()


def _garbage(link: socket.socket) -> None:
    link.sendall(b"220 mail.example ready\r\n")
    link.close()


@contextmanager
def a_line_that(ends: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """Somebody who reads a request, says nothing sensible, and how often that was."""
    door, heard = socket.create_server(("127.0.0.1", 0)), []

    def listen() -> None:
        while True:
            try:
                link, _ = door.accept()
            except OSError:  # closed: the test is over
                return
            heard.append(link.recv(65_536))
            ends(link)

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}", heard
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        thread.join()


@pytest.mark.parametrize("ends", [_close, _reset, _garbage])
def test_a_line_that_breaks_after_the_request_is_a_doubt(
    provider: Beside, ends: Callable[[socket.socket], None]
) -> None:
    with a_line_that(ends) as (url, heard):
        with pytest.raises(Unclear):
            provider.channel(base_url=url).send(HELLO)
        assert len(heard) == 1


# --- the log ----------------------------------------------------------------------------------------------


def test_the_log_shows_what_the_answer_did_not(provider: Beside, clock: SetClock) -> None:
    channel = provider.channel()
    provider.fake.plan.append(Answer(500))
    with pytest.raises(Unclear):
        channel.send(HELLO)
    assert channel.log(PHONE, clock.at) == [Logged(provider.fake.messages[0].sid, HELLO.body)]
    assert channel.log(OTHER, clock.at) == []


def test_the_log_is_read_to_its_end_and_no_further(provider: Beside, clock: SetClock) -> None:
    """250 old texts, then 120 new ones: two pages of new ones, one that is old; the rest is not asked for."""
    channel, since = provider.channel(), clock.at + timedelta(days=1)
    for number in range(370):
        clock.at = since if number >= 250 else since - timedelta(days=1)
        asked = {"To": PHONE, "From": NUMBER, "Body": f"text {number}"}
        provider.fake.file(asked, "outbound-api")
    found = channel.log(PHONE, since)
    assert [one.body for one in found] == [f"text {number}" for number in range(369, 249, -1)]
    assert provider.fake.page_sizes == [100, 100, 100]


def test_the_log_of_everything_is_read_over_its_pages_and_shows_our_sender_alone(
    provider: Beside, clock: SetClock
) -> None:
    for number in range(1200):
        provider.fake.file({"To": PHONE, "Body": f"text {number}"}, "outbound-api")
    provider.fake.file({"To": PHONE, "Body": "theirs"}, "outbound-api").shown["from"] = "+12025550199"
    provider.fake.write(OTHER, "STOP", lambda *_: None)  # answered by the provider, which is not our text
    found = list(provider.channel().log_all(clock.at))
    assert [one.body for one in found] == ["STOP", *(f"text {number}" for number in reversed(range(1200)))]
    assert provider.fake.page_sizes == [1000, 1000]


def test_a_log_of_everything_that_breaks_off_says_so(provider: Beside, clock: SetClock) -> None:
    with a_line_that(_page_of_nothing) as (url, _), pytest.raises(TryLater, match="cannot be read"):
        list(provider.channel(base_url=url).log_all(clock.at))


def test_clocks_may_differ_by_a_minute(provider: Beside, clock: SetClock) -> None:
    channel = provider.channel()
    channel.send(HELLO)
    assert len(channel.log(PHONE, clock.at + timedelta(seconds=60))) == 1
    assert len(channel.log(PHONE, clock.at + timedelta(seconds=61))) == 0


def test_what_the_provider_said_itself_is_not_in_our_log(provider: Beside, clock: SetClock) -> None:
    provider.fake.write(PHONE, "STOP", lambda *_: None)
    assert provider.fake.read(PHONE) == ["You have been unsubscribed."]
    assert provider.channel().log(PHONE, clock.at) == []


def test_a_list_that_lags_shows_it_later(provider: Beside, clock: SetClock) -> None:
    channel, provider.fake.lists_late = provider.channel(), True
    channel.send(HELLO)
    assert channel.log(PHONE, clock.at) == []
    provider.fake.list_all()
    assert len(channel.log(PHONE, clock.at)) == 1


def test_a_log_that_cannot_be_read_answers_nothing(provider: Beside, clock: SetClock) -> None:
    """Also not that there is nothing."""
    for other in ({"auth_token": "old"}, {"base_url": "http://no-such-host.invalid"}):
        with pytest.raises(TryLater):
            provider.channel(**other).log(PHONE, clock.at)
    with a_line_that(_reset) as (url, _), pytest.raises(TryLater):
        provider.channel(base_url=url).log(PHONE, clock.at)
    with a_line_that(_page_of_nothing) as (url, _), pytest.raises(TryLater):
        provider.channel(base_url=url).log(PHONE, clock.at)


def _page_of_nothing(link: socket.socket) -> None:
    link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]")
    link.close()


# --- the account ------------------------------------------------------------------------------------------


def test_the_account_says_what_it_is(provider: Beside) -> None:
    assert provider.channel().account() == Account("active", is_trial=False)
    with pytest.raises(Misconfigured):
        provider.channel(auth_token="old").account()


def test_a_refusal_of_the_fake_reads_like_twilios() -> None:
    assert b'"code":20003' in refusal(401, 20003).body
