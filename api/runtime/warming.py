"""Compiles the optimizer's kernels in the background when a process starts: nobody's first search waits for it,
and from then on this process repairs a day with them.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from threading import Thread
from types import TracebackType

from optimizer import load_kernels

log = logging.getLogger("makegood.jobs")

COMMAND = (sys.executable, "-m", "optimizer.warm", "--while-stdin-lasts")
LOW_PRIORITY = 15
GONE_WITHIN_SECONDS = 5


class Warming:
    """`with Warming():` lets a child of low priority compile, and then loads what it made (`load`, in a thread);
    the child is killed where the block ends before it, and ends by itself where this process is ended without
    a word.

    Neither start nor stop waits for it, and if it fails a search compiles for itself.
    """

    def __init__(self, command: tuple[str, ...] = COMMAND, load: Callable[[], None] = load_kernels) -> None:
        self._command, self._load = command, load
        self.child: subprocess.Popen[bytes] | None = None
        self.loading: Thread | None = None

    def __enter__(self) -> Warming:
        quiet = subprocess.DEVNULL
        try:
            self.child = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet)
            os.setpriority(os.PRIO_PROCESS, self.child.pid, LOW_PRIORITY)
        except OSError as error:
            log.warning("the search is not compiled in advance: %s", error.strerror)
        else:
            self.loading = Thread(target=self._load_when_compiled, args=(self.child,), daemon=True)
            self.loading.start()
        return self

    def _load_when_compiled(self, child: subprocess.Popen[bytes]) -> None:
        if child.wait() == 0:
            self._load()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.child is not None:
            self.child.kill()
            self.child.wait(GONE_WITHIN_SECONDS)
            if self.child.stdin:
                self.child.stdin.close()
