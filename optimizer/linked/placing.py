"""Linked visits in the search: two people at once, or one visit after another.

Routes are searched one by one, so what ties two of them is turned into cuts on starts. A two-person visit
is two tasks pinned to one second; a visit that comes after others starts no sooner than a second by which
they must be over. Within such cuts every route is free again. The cuts are chosen when the visit is placed,
by trying starts, and again between the cycles of a search; what is only half served in the end is taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.day import Day, Visit
from optimizer.kernels.arrays import DURATION, LONG_AGO, NEVER, PENALTY, Arrays, Floats
from optimizer.kernels.first import offer_in, offers_in
from optimizer.kernels.place import put, remove, set_order
from optimizer.kernels.routes import EARLIEST, LATEST, Routes
from optimizer.kernels.timing import read_schedule
from optimizer.linked import is_linked, tied_visits

STEP_SECONDS = 300  # between the starts tried for two people
LATE_STEPS = 12  # starts tried after a promise's end


@dataclass(frozen=True, slots=True)
class Link:
    """A linked visit: its task, its assistant's (or None), the tasks it comes after."""

    task: int
    assistant: int | None
    after: tuple[int, ...]


def links_of(day: Day) -> tuple[Link, ...]:
    """The linked visits, each after those it comes after."""
    number = {visit.id: v for v, visit in enumerate(day.visits)}
    second: dict[int, int] = {}
    for v, visit in enumerate(day.visits):
        if visit.assistant is not None:
            second[v] = len(day.visits) + len(second)
    found: dict[int, Link] = {}

    def add(v: int) -> None:
        before = tuple(number[one] for one in day.visits[v].after)
        for one in before:
            if one not in found and is_linked(day.visits[one]):
                add(one)
        found.setdefault(v, Link(v, second.get(v), before))

    for v, visit in enumerate(day.visits):
        if is_linked(visit):
            add(v)
    return tuple(found.values())


class Linking:
    """Places the linked visits of a day into routes."""

    def __init__(self, day: Day, a: Arrays) -> None:
        self.day, self.a = day, a
        self.links = links_of(day)
        self.tied = tied_visits(day)
        self.starts, self.ways = np.zeros(len(a.visit)), np.zeros(len(a.visit) + 1, dtype=np.int64)

    def forbid(self, r: Routes) -> None:
        """No linked visit has a start until one is chosen here."""
        for link in self.links:
            for task in _tasks(link):
                self._cut(r, task, NEVER, LONG_AGO)

    def place(self, r: Routes) -> None:
        """Take every linked visit out and put it in again where it costs least, if less than undone."""
        self.release(r)
        for link in self.links:
            self.put_in(r, link)

    def put_in(self, r: Routes, link: Link) -> None:
        """Put one in that is in no route, where it costs least, if what it comes after is there."""
        if all(r.taker[one] >= 0 for one in link.after):
            self._place_one(r, link)

    def release(self, r: Routes) -> None:
        """Take the linked visits out of their routes; those they come after are free again."""
        for link in reversed(self.links):
            for task in _tasks(link):
                self._take(r, task)
                r.cut[task, EARLIEST], r.cut[task, LATEST] = NEVER, LONG_AGO
            for one in link.after:
                r.cut[one, LATEST] = NEVER
                self._again(r, one)

    def half_served(self, r: Routes) -> list[int]:
        """The tasks that must go because their other half, or what they come after, is not there."""
        gone: list[int] = []
        for link in self.links:
            tasks = _tasks(link)
            there = [r.taker[task] >= 0 and task not in gone for task in tasks]
            whole = all(there) and all(r.taker[one] >= 0 and one not in gone for one in link.after)
            if any(there) and not whole:
                gone += [task for task, is_there in zip(tasks, there, strict=True) if is_there]
        return gone

    def trim(self, r: Routes) -> None:
        """Take out what is only half served."""
        for task in self.half_served(r):
            self._take(r, task)

    def _place_one(self, r: Routes, link: Link) -> None:
        ready = max((self._start(r, one) + self.a.visit[one, DURATION] for one in link.after), default=0.0)
        latest = {one: float(r.cut[one, LATEST]) for one in link.after}
        self._end_by(r, latest, ready)  # nobody puts it before what it comes after
        if link.assistant is None:
            start = self._place_alone(r, link, ready)
        else:
            start = self._place_two(r, link.task, link.assistant, ready)
        self._end_by(r, latest, NEVER if start is None else start)
        self._again(r, link.task)

    def _end_by(self, r: Routes, latest: Mapping[int, float], second: float) -> None:
        """Those of `latest` must start no later than it says, and have ended by that second."""
        for one, start in latest.items():
            r.cut[one, LATEST] = min(start, second - self.a.visit[one, DURATION])
            self._again(r, one)

    def _place_alone(self, r: Routes, link: Link, ready: float) -> float | None:
        """Its start; None, and it is placed nowhere, where that is cheaper."""
        self._cut(r, link.task, ready, NEVER)
        offers = self._offers(r, link.task)
        t = int(np.argmin(offers[:, 0])) if len(offers) else -1
        if t < 0 or offers[t, 0] >= self.a.visit[link.task, PENALTY]:
            self._cut(r, link.task, NEVER, LONG_AGO)
            return None
        put(self.a, r, t, int(offers[t, 1]), link.task)
        start = self._start(r, link.task)
        self._cut(r, link.task, start if link.after else LONG_AGO, NEVER)
        return start

    def _place_two(self, r: Routes, lead: int, second: int, ready: float) -> float | None:
        """Pin both to the start that costs least; None, and nobody placed, where there is none."""
        best: tuple[float, float, int, int] | None = None
        for start in self._candidates(self.day.visits[lead], ready):
            self._cut(r, lead, start, start)
            self._cut(r, second, start, start)
            mine, others = self._offers(r, lead)[:, 0], self._offers(r, second)[:, 0]
            together = mine[:, None] + others[None, :]
            np.fill_diagonal(together, np.inf)
            t, u = np.unravel_index(int(np.argmin(together)), together.shape) if together.size else (0, 0)
            if together.size and (best is None or together[t, u] < best[0]):
                best = (float(together[t, u]), start, int(t), int(u))
        if best is None or best[0] >= self.a.visit[lead, PENALTY]:
            for task in (lead, second):
                self._cut(r, task, NEVER, LONG_AGO)
            return None
        _, start, t, u = best
        for task, who in ((lead, t), (second, u)):
            self._cut(r, task, start, start)
            put(self.a, r, who, offer_in(self.a, r, who, task)[1], task)
        return start

    def _candidates(self, visit: Visit, ready: float) -> Iterator[float]:
        """Seconds at which two people may start together."""
        soonest = max(ready, float(self.a.crew[:, 0].min())) if len(self.a.crew) else ready
        told = visit.planned.start if visit.planned else None
        for begin, end in (*visit.windows, *visit.may_move):
            first = max(float(begin), soonest)
            until = end + (LATE_STEPS * STEP_SECONDS if visit.promised else 0)
            yield from np.arange(first, until + 1, STEP_SECONDS).tolist()
            if told is not None and first <= told <= end:
                yield float(told)

    def _offers(self, r: Routes, task: int) -> Floats:
        """m x 2: what it costs each technician to take the task, and at which position."""
        found = np.zeros((len(r.size), 2))
        offers_in(self.a, r, task, found)
        return found

    def _start(self, r: Routes, task: int) -> float:
        t = int(r.taker[task])
        read_schedule(self.a, r, t, self.starts, self.ways)
        place = r.order[t, : r.size[t]].tolist().index(task)
        return float(self.starts[place])

    def _take(self, r: Routes, task: int) -> None:
        t = int(r.taker[task])
        if t >= 0:
            remove(self.a, r, t, r.order[t, : r.size[t]].tolist().index(task))

    def _again(self, r: Routes, task: int) -> None:
        """Work out the route of a task again, after its cut has changed."""
        t = int(r.taker[task])
        if t >= 0:
            order = r.order[t, : r.size[t]].copy()
            set_order(self.a, r, t, order, len(order))

    def _cut(self, r: Routes, task: int, earliest: float, latest: float) -> None:
        r.cut[task, EARLIEST], r.cut[task, LATEST] = earliest, latest


def _tasks(link: Link) -> Sequence[int]:
    return (link.task,) if link.assistant is None else (link.task, link.assistant)
