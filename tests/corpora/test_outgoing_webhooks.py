"""Where we never post to, and what another program may do to us when we do: each row refused or bounded."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from api.webhooks.addresses import is_public
from api.webhooks.posting import Answer
from api.webhooks.wire import MOST_BYTES, Wire
from dispatch.errors import Invalid

NEVER = [
    "http://example.com/hook",
    "file:///etc/passwd",
    "gopher://example.com/",
    "ftp://example.com/",
    "//example.com/",
    "example.com/hook",
    "https://",
    "https://user:pass@example.com/",
    "https://user@example.com/",
    "https://example.com@127.0.0.1/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://127.0.0.1./",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fd00::1]/",
    "https://[fe80::1%25eth0]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://localhost/",
    "https://localhost./",
    "https://LOCALHOST/",
    "https://app.localhost/",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://intranet/",
    "https://nas.lan/",
    "https://host.home.arpa/",
    "https://exa mple.com/",
    "https://example.com\\@evil.com/",
    "https://ex\u00e4mple.com/",
    "https://１２７.０.０.１/",
    "https://example.com:0/",
    "https://example.com:99999/",
    "https://example.com:x/",
    "https://example.com/#part",
    "https://example.com/\r\nX-Evil: 1",
    "https://-example.com/",
    "https://example..com/",
    f"https://example.com/{'x' * 500}",
]
INNER = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.1.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2001:0:53aa:64c::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "nonsense",
]


@pytest.mark.parametrize("url", NEVER)
def test_an_address_that_we_never_call(url: str) -> None:
    asked: list[str] = []
    wire = Wire(lambda host: asked.append(host) or ["93.184.216.34"])
    with pytest.raises(Invalid) as refused:
        wire.require(url)
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("/url", "url_not_allowed")]
    assert wire.post(url, {}, b"{}") == Answer(None, "url_not_allowed")
    assert asked == []


@pytest.mark.parametrize("address", INNER)
def test_a_name_that_leads_inside(address: str) -> None:
    assert not is_public(address)
    for found in ([address], ["93.184.216.34", address]):  # one of many is enough
        answer = Wire(lambda host, found=found: found).post("https://example.com/", {}, b"{}")
        assert answer.status is None
        assert answer.text.startswith("url_not_allowed")


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_what_anybody_may_reach(address: str) -> None:
    assert is_public(address)


def test_a_name_that_flips_is_asked_once_and_that_answer_is_dialled() -> None:
    """The first answer is public and is what is connected to; there is no second question that could differ."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    dialled = pytest.RaisesExc(RuntimeError, match=r"tried to reach 93\.184\.216\.34")
    with pytest.RaisesGroup(dialled, flatten_subgroups=True):
        Wire(lambda host: next(answers)).post("https://example.com/", {}, b"{}")
    assert Wire(lambda host: next(answers)).post("https://example.com/", {}, b"{}").status is None


def test_a_name_that_nobody_knows() -> None:
    def unknown(host: str) -> list[str]:
        raise socket.gaierror("no such name")

    assert Wire(unknown).post("https://example.com/", {}, b"{}") == Answer(None, "not reached: gaierror")


Talk = Callable[[socket.socket], None]


@contextmanager
def a_listener(talk: Talk) -> Iterator[tuple[str, list[int]]]:
    """An endpoint on this machine that answers each connection by `talk`; counts them."""
    server = socket.create_server(("127.0.0.1", 0))
    calls: list[int] = []

    def serve() -> None:
        while True:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            calls.append(1)
            with peer:
                try:
                    peer.recv(65_536)
                    talk(peer)
                except OSError:
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/hook", calls
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)


def says(head: str, body: bytes = b"") -> Talk:
    text = f"HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    return lambda peer: peer.sendall(text.encode() + body)


@pytest.mark.parametrize(
    ("head", "status", "arrived"),
    [
        ("200 OK", 200, True),
        ("204 No Content", 204, True),
        ("301 Moved\r\nLocation: http://127.0.0.1:1/", 301, False),
        ("307 Moved\r\nLocation: http://169.254.169.254/", 307, False),
        ("410 Gone", 410, False),
        ("500 Oh", 500, False),
    ],
)
def test_what_an_endpoint_may_answer(head: str, status: int, arrived: bool) -> None:
    with a_listener(says(head)) as (url, calls):
        answer = Wire(loopback=True).post(url, {}, b"{}")
    assert (answer.status, answer.has_arrived, len(calls)) == (status, arrived, 1)


def test_an_answer_without_an_end_is_cut_off() -> None:
    sent: list[int] = []

    def pour(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
        for _ in range(10_000):
            sent.append(peer.send(b"x" * 65_536))

    with a_listener(pour) as (url, _):
        answer = Wire(loopback=True).post(url, {}, b"{}")
    assert answer == Answer(None, "the answer was longer than 64 kB")
    assert sum(sent) < 1_000 * MOST_BYTES


def test_one_who_drips_is_left_after_five_seconds() -> None:
    """A sign at a time, in the head, each before any read could run out."""
    pause = threading.Event()

    def drip(peer: socket.socket) -> None:
        for _ in range(100):
            peer.sendall(b"H")
            pause.wait(0.5)

    with a_listener(drip) as (url, _):
        answer = Wire(loopback=True).post(url, {}, b"{}")
        pause.set()
    assert answer.status is None
    assert answer.text in ("no whole answer within 5 seconds", "not reached: RemoteProtocolError")


def test_only_a_house_in_development_calls_this_machine() -> None:
    with a_listener(says("200 OK")) as (url, calls):
        assert Wire().post(url, {}, b"{}") == Answer(None, "url_not_allowed")
    assert calls == []


def test_where_the_first_address_is_not_there_the_next_one_is_tried() -> None:
    """Each of them was looked at before any was called; what refused the connection was told nothing."""
    with a_listener(says("200 OK")) as (url, calls):
        there = Wire(lambda host: ["::1", "127.0.0.1"], loopback=True)
        assert there.post(url, {}, b"{}").has_arrived
        beyond = Wire(lambda host: ["::1", "::1", "::1", "127.0.0.1"], loopback=True)
        assert beyond.post(url, {}, b"{}") == Answer(None, "not reached: ConnectError")
    assert calls == [1]
