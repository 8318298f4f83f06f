"""Kernels compiled before they are needed: what takes long once need not be waited for in a search."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from optimizer.budget import Budget
from optimizer.day import Day
from optimizer.dayfile import FORMAT, read_day

STAMP, BEGUN = "compiled-for", "begun-for"
ITERATIONS = 60
SEARCH = (sys.executable, "-m", "optimizer.warm", "--search", "--while-stdin-lasts")

_here = Event()  # this process has run the kernels of the first answer


def load_kernels() -> None:
    """Bring what the first answer needs into this process: from then on repair() is compiled.

    About a second where the disk keeps it, else as long as compiling takes; may run in a thread. Where there is
    nothing to compile, nothing is done. What older sources left behind is thrown away first: the compiler looks at
    one file at a time and would not see that another one changed.
    """
    from optimizer.kernels.compiled import IS_COMPILED
    from optimizer.quick import Quick  # numba, only here

    if IS_COMPILED and not _here.is_set():
        stamp = _stamp()
        if stamp is not None:
            forget_other_editions(stamp)
        quick = Quick(_tiny_day())
        quick.repair()
        quick.plan()
        _here.set()


def has_kernels() -> bool:
    """Whether this process has what load_kernels() brings."""
    return _here.is_set()


def warm_up() -> None:
    """Run every kernel once, on a tiny day: afterwards this process has them all, and the disk keeps them.

    Half a minute when nothing is kept yet, for two processes at once; then one or two seconds.
    """
    with _searching_elsewhere():
        load_kernels()
        _run_slots()
    run_search()
    stamp = _stamp()
    if stamp is not None:
        stamp.write_text(_edition())


def _run_slots() -> None:
    from optimizer.slots import Slots  # numba, only here

    day = _tiny_day()
    slots = Slots(day, {})
    for offer in slots.offers(day.visit("open"), [(28800, 39600)], eject=True):
        slots.touched(day.visit("open"), offer)


def run_search() -> None:
    """Run what only a search needs, on a tiny day."""
    from optimizer.search import Searcher  # numba, only here

    searcher = Searcher(_tiny_day(), {}, threads=2)
    searcher.run(Budget(iterations=ITERATIONS))
    searcher.plan()


@contextmanager
def _searching_elsewhere() -> Iterator[None]:
    """Where nothing is kept yet: a child that compiles the search while this process compiles the first answer.

    It ends with this process, and if it fails the search is compiled here.
    """
    stamp = _stamp()
    if stamp is None or is_warm():
        yield
        return
    forget_other_editions(stamp)  # not while the child writes
    with subprocess.Popen(SEARCH, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
        try:
            yield
            child.wait()
        finally:
            child.kill()


def is_warm() -> bool:
    """Whether the disk keeps what warm_up() compiles, or there is nothing to compile."""
    from optimizer.kernels.compiled import IS_COMPILED

    stamp = _stamp()
    return not IS_COMPILED or (stamp is not None and _read(stamp) == _edition())


def _stamp() -> Path | None:
    """The file that says for what the folder beside it was compiled; None where nothing is kept."""
    from optimizer.kernels.anneal import anneal
    from optimizer.kernels.compiled import kept_in

    folder = kept_in(anneal)
    return None if folder is None else folder / STAMP


def _edition() -> str:
    from optimizer.kernels.compiled import edition

    return edition()


def forget_other_editions(stamp: Path) -> None:
    """Also what a process left that ended before all was compiled: `begun` says for what it was compiling."""
    begun = stamp.with_name(BEGUN)
    if _read(begun) != _edition():
        stamp.unlink(missing_ok=True)  # first: whoever warms up at the same time then keeps what is new
        for index in stamp.parent.glob("*.nbi"):
            index.unlink(missing_ok=True)
        begun.write_text(_edition())


def _read(stamp: Path) -> str:
    try:
        return stamp.read_text()
    except FileNotFoundError:
        return ""


def _tiny_day() -> Day:
    """Nobody can keep the promise of `late`; `open` has room, `long` has none; both are at `two`; all owe a break."""
    rest = {"id": "rest", "window": [30600, 36000], "duration": 900}
    crew = {"shift": [28800, 36000], "overtime_until": 39600, "ready": {"at": 28800, "location": 0}}
    crew |= {"breaks": [rest], "parts": {"box": 1}, "end_location": 0}
    planned = {"technician": "a", "start": 30600}
    visit = {"duration": 1200, "windows": [[28800, 39600]], "state": "promised"}
    return read_day(
        {
            "format": FORMAT,
            "name": "tiny",
            "now": 28800,
            "travel": {"seconds": [[600 * abs(here - there) for there in range(4)] for here in range(4)]},
            "technicians": [
                {**crew, "id": "a", "route": ["early", "late"]},
                {**crew, "id": "b", "route": []},
            ],
            "visits": [
                {**visit, "id": "early", "location": 1, "planned": planned},
                {**visit, "id": "late", "location": 2, "planned": planned, "windows": [[28800, 29100]]},
                {**visit, "id": "open", "location": 3, "state": "new", "parts": {"box": 1}},
                {**visit, "id": "long", "location": 1, "state": "failed", "duration": 14400},
                {**visit, "id": "two", "location": 1, "state": "new", "assistant": {}},
            ],
        }
    )
