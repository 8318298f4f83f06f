"""Compiles the search's kernels in the background when a process starts: nobody's first search waits for it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from types import TracebackType

log = logging.getLogger("makegood.jobs")

COMMAND = (sys.executable, "-m", "optimizer.warm", "--while-stdin-lasts")
LOW_PRIORITY = 15
GONE_WITHIN_SECONDS = 5


class Warming:
    """`with Warming():` lets a child of low priority compile; it is killed where the block ends before it,
    and ends by itself where this process is ended without a word.

    Neither start nor stop waits for it, and if it fails a search compiles for itself.
    """

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        self._command = command
        self.child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Warming:
        quiet = subprocess.DEVNULL
        try:
            self.child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet)
            os.setpriority(os.PRIO_PROCESS, self.child.pid, LOW_PRIORITY)
        except OSError as error:
            log.warning("the search is not compiled in advance: %s", error.strerror)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.wait(GONE_WITHIN_SECONDS)
            if self.child.stdin:
                self.child.stdin.close()
