"""The child that compiles in the background: never waited for, gone with whoever started it."""

from __future__ import annotations

import subprocess
import sys
from threading import Event

from api.runtime.warming import Warming

FOR_EVER = (sys.executable, "-c", "import sys; sys.stdin.read(1)")


def test_it_is_gone_when_the_house_stops() -> None:
    with Warming(FOR_EVER) as warming:
        assert warming.child is not None
        assert warming.child.poll() is None
    assert warming.child.poll() is not None
    assert warming.loading is not None
    warming.loading.join(timeout=10)
    assert not warming.loading.is_alive()


def test_what_the_child_compiled_is_loaded_here() -> None:
    loaded = Event()
    with Warming((sys.executable, "-c", ""), loaded.set):
        assert loaded.wait(timeout=60)


def test_nothing_is_loaded_when_the_child_failed() -> None:
    loaded = Event()
    with Warming((sys.executable, "-c", "raise SystemExit(1)"), loaded.set) as warming:
        assert warming.loading is not None
        warming.loading.join(timeout=60)
    assert not loaded.is_set()


def test_a_machine_that_cannot_start_it_serves_all_the_same() -> None:
    with Warming(("/no/such/program",)) as warming:
        assert warming.child is None


def test_it_ends_when_whoever_started_it_is_gone() -> None:
    command = [sys.executable, "-m", "optimizer.warm", "--while-stdin-lasts"]
    assert subprocess.run(command, stdin=subprocess.DEVNULL, timeout=60, check=False).returncode == 1
