"""The demo's house in a process of its own, which tells what it costs: the child of `living_board`.

Every line that comes in is answered with one line of JSON: seconds of processor by what they were spent on, memory,
and the requests since the last answer. When nothing comes in any more, it ends.
"""

from __future__ import annotations

import _thread
import json
import logging
import os
import re
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from api.simulation.demo import play
from api.simulation.script import Script

NANOSECONDS = 1e9
SAMPLED_EVERY_SECONDS = 0.5
STREAMS = ("/live", "/stream")
ID = re.compile(r"\b[0-9a-z]{26}\b")
KINDS = {"MainThread": "people", "house": "loop", "job sweep": "sweep", "job plan": "plan"}
"""What a thread of that name spends its time on; those without are the pool in which requests are answered."""


class Meter:
    """Seconds of processor by kind of thread, also of threads that have ended since."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = defaultdict(float)
        self._last: dict[int, float] = {}
        self._reading = threading.Lock()

    def read(self) -> dict[str, float]:
        with self._reading:
            return self._read()

    def _read(self) -> dict[str, float]:
        names = {thread.native_id: thread.name for thread in threading.enumerate()}
        for task in Path("/proc/self/task").iterdir():
            try:
                seconds = int((task / "schedstat").read_text().split()[0]) / NANOSECONDS
            except OSError:  # it has just ended
                continue
            number = int(task.name)
            kind = KINDS.get(names.get(number, ""), "requests" if number in names else "other")
            self._spent[kind] += seconds - self._last.get(number, 0.0)
            self._last[number] = seconds
        return {**self._spent, "all": time.process_time()}


class Requests(logging.Handler):
    """What the access log would say, kept as values: the kind of request and its milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: list[tuple[str, float]] = []

    def emit(self, record: logging.LogRecord) -> None:
        _, method, path, _, milliseconds = record.args  # type: ignore[misc]
        if not str(path).endswith(STREAMS):
            self._seen.append((f"{method} {ID.sub('{id}', str(path))}", float(milliseconds)))  # type: ignore[arg-type]

    def take(self) -> list[tuple[str, float]]:
        seen, self._seen = self._seen, []
        return seen


def memory_megabytes() -> float:
    """What this process holds in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Play the day of twelve technicians and ninety visits; say on the first line of output where."""
    log, requests, meter = logging.getLogger("makegood.access"), Requests(), Meter()
    output, pause = sys.stdout, threading.Event()

    def say(line: str) -> None:
        if line.startswith("Everything:"):
            print(line.split()[-1], file=output, flush=True)
        if log.level != logging.INFO:  # the house keeps its log quiet from when it is built
            log.setLevel(logging.INFO)
            log.propagate = False
            log.addHandler(requests)

    threading.Thread(target=_answer, args=(requests, meter, output), daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        play(Script(port=0, data=Path(folder) / "data"), say, pause.wait)


def _answer(requests: Requests, meter: Meter, output: Any) -> None:
    threading.Thread(target=_sample, args=(meter,), daemon=True).start()
    for _ in sys.stdin:
        told = {"cpu": meter.read(), "megabytes": memory_megabytes(), "requests": requests.take()}
        print(json.dumps(told), file=output, flush=True)
    _thread.interrupt_main()  # whoever measured has gone: the day ends early


def _sample(meter: Meter) -> None:
    """Often enough that a thread which ends has been read shortly before."""
    while not threading.Event().wait(SAMPLED_EVERY_SECONDS):
        meter.read()


if __name__ == "__main__":
    main()
