"""A Postgres server of the test's own, to be killed, restarted and rebuilt; the one that is found must not be."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

NO_BINARIES = "no server programs of Postgres were found (initdb, pg_ctl and pg_basebackup on the PATH)"
NEEDED = ("initdb", "pg_ctl", "pg_basebackup")
QUICK = ("fsync=off", "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=60")


class NoBinaries(Exception):
    """There are none here, or nobody whom the server would run as."""


@dataclass
class Server:
    """`folder` belongs to whoever may run a server: root may not, so it asks the user `postgres`."""

    folder: Path
    port: int
    user: str | None

    @property
    def url(self) -> str:
        return f"postgresql://owner@127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def run(self, *command: str) -> None:
        """Raises CalledProcessError with what the program said."""
        said = self.folder / "said"
        with said.open("ab") as output:
            done = subprocess.run(
                command, user=self.user, cwd=self.folder, stdout=output, stderr=output, env=_environment()
            )
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, command, said.read_bytes())

    def start(self, *settings: str, data: Path | None = None) -> None:
        options = " ".join(f"-c {one}" for one in (*QUICK, f"port={self.port}", *settings))
        log = str(self.folder / "log")
        self.run("pg_ctl", "start", "-w", "-t", "60", "-D", str(data or self.data), "-l", log, "-o", options)

    def stop(self, mode: str = "fast", data: Path | None = None) -> None:
        self.run("pg_ctl", "stop", "-w", "-t", "60", "-m", mode, "-D", str(data or self.data))

    def new_database(self, name: str) -> str:
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        return f"{self.url}/{name}"


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


@contextmanager
def a_server(*settings: str) -> Iterator[Server]:
    """Started, and gone at the end. Raises NoBinaries."""
    if not all(shutil.which(name) for name in NEEDED):
        raise NoBinaries(NO_BINARIES)
    user = "postgres" if os.geteuid() == 0 else None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="makegood-postgres-"))
    server = Server(folder, port, user)
    try:
        if user:
            try:
                shutil.chown(folder, user)
            except LookupError:
                raise NoBinaries(f"{NO_BINARIES}, and a user postgres to run them") from None
        server.run(
            "initdb",
            "--auth=trust",
            "--username=owner",
            "--encoding=UTF8",
            "--no-sync",
            "-D",
            str(server.data),
        )
        server.start(*settings)
        try:
            yield server
        finally:
            if (server.data / "postmaster.pid").exists():
                server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
