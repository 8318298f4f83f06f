"""A fake on a free port of this machine, in a thread of its own; it can be cut off and come back there."""

from __future__ import annotations

import socket
import threading

import uvicorn
from starlette.types import ASGIApp


class Line:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._port = 0
        self._server: uvicorn.Server | None = None
        self.connect()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def connect(self) -> None:
        door = socket.create_server(("127.0.0.1", self._port), backlog=64)
        self._port = door.getsockname()[1]
        config = uvicorn.Config(self._app, log_config=None, access_log=False, ws="none", lifespan="off")
        self._server, self._door = uvicorn.Server(config), door
        self._thread = threading.Thread(target=self._server.run, args=([door],), name="fake")
        self._thread.start()

    def cut(self) -> None:
        """Nobody listens there from now on: connections are refused."""
        if self._server:
            self._server.should_exit = True
            self._thread.join()
            self._door.close()
            self._server = None
