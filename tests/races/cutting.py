"""Between the application and Postgres, somebody who cuts the line at the worst moment: about a commit."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlsplit, urlunsplit

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
BEGIN, READ_ONLY = b"BEGIN", b"READ ONLY"


class Cut(Enum):
    """When: the server has committed and nobody hears of it, or it never hears that it should."""

    AFTER_THE_COMMIT = "after"
    BEFORE_THE_COMMIT = "before"


@dataclass
class Line:
    """`cut` is for the next commit alone that is no read's; while `is_down`, nobody gets through after that."""

    server: tuple[str, int]
    cut: Cut | None = None
    stays_down: bool = False
    is_down: bool = False
    cuts: int = 0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def carry(self, client: socket.socket) -> None:
        if self.is_down:
            client.close()
            return
        server = socket.create_connection(self.server)
        silent, reads = threading.Event(), False
        back = threading.Thread(target=_pump, args=(server, client, silent), daemon=True)
        back.start()
        with suppress(OSError):
            while data := client.recv(65536):
                if BEGIN in data:
                    reads = READ_ONLY in data
                cut = self._take_cut() if COMMIT in data and not reads else None
                if cut:
                    silent.set()
                    if cut is Cut.AFTER_THE_COMMIT:
                        server.sendall(data)
                        server.shutdown(
                            socket.SHUT_WR
                        )  # it reads on to the end, commits, and answers to nobody
                        back.join()
                    break
                server.sendall(data)
        for one in (server, client):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        back.join()
        server.close()
        client.close()

    def _take_cut(self) -> Cut | None:
        with self._guard:
            cut, self.cut = self.cut, None
            if cut:
                self.cuts += 1
                self.is_down = self.stays_down
            return cut


def _pump(server: socket.socket, client: socket.socket, silent: threading.Event) -> None:
    with suppress(OSError):
        while data := server.recv(65536):
            if not silent.is_set():
                client.sendall(data)


@contextmanager
def a_line_to(url: str) -> Iterator[tuple[str, Line]]:
    """The address of the same database through the line, and the line."""
    parts = urlsplit(url)
    line = Line((parts.hostname or "127.0.0.1", parts.port or 5432))
    door = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        with suppress(OSError):
            while True:
                client, _ = door.accept()
                threading.Thread(target=line.carry, args=(client,), daemon=True).start()

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    who = f"{parts.username}@" if parts.username else ""
    try:
        yield urlunsplit(parts._replace(netloc=f"{who}127.0.0.1:{door.getsockname()[1]}")), line
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        listening.join()
