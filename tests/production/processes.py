"""Processes as an operator starts them: they may be killed at any moment, and started again with the same words."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import httpx2

from tests.redis_server import soon

ROOT = Path(__file__).parents[2]
STARTS_WITHIN_SECONDS = 60


class Process:
    """What it says goes to a file of its own in `folder`."""

    def __init__(self, name: str, *command: str, environment: Mapping[str, str], folder: Path) -> None:
        self.name, self._command, self.log = name, command, folder / f"{name}.log"
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as said:
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                cwd=ROOT,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        """With signal 9: it hears nothing of it."""
        assert self._process
        assert self._process.poll() is None, f"{self.name} ended by itself: {self.log.read_text()[-2000:]}"
        self.stop()

    def stop(self) -> None:
        """However it is."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def run(self) -> tuple[int, str]:
        """To its own end: the exit code and what it said."""
        found = subprocess.run(
            self._command,
            env=self._environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        return found.returncode, found.stdout + found.stderr


def await_answer(url: str) -> None:
    assert soon(lambda: _answers(url), STARTS_WITHIN_SECONDS), f"nobody answers at {url}"


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=2, verify=False).is_success  # certificates would be read for each
    except httpx2.HTTPError:
        return False
