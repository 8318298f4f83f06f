"""The chance that a plan keeps each promise, when durations and drives vary: estimated by simulation.

What a technician does in one version of the day (nobody at the office interferes):

- The order stays, and so does the place of each break between two stops. A break is taken no earlier than
  its window opens; one that has become late is taken at once, also after its window.
- Arriving early, the technician waits: work starts no earlier than a window opens, and no earlier than the
  plan's own start less the day's `change_tolerance`. A customer who was told 14:00 is not rung at 10:00
  because the morning went well; half an hour earlier is what they were told to expect. Whoever is on the
  way already (`locked`) starts when a window is open.
- Arriving late, the technician starts at once, with the next visit too, and goes on past the overtime limit.

Work and drives: see lateness/draws.py. How true it is: see docs/optimizer-lateness.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from optimizer.day import Day, Technician, Visit
from optimizer.lateness.draws import USUAL, Draws, Samples, Shocks
from optimizer.plan import Plan, Route, Stop

Kept = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitOdds:
    """One visit of the plan: the chance that it starts inside its window or its `may_move`.

    `early`, `middle` and `late` are the 10, 50 and 90 % quantiles of its start. `late_minutes` is the mean of
    the minutes by which it starts after its window, 0 where the promise is kept. `cause`: the earlier
    visit of the route whose duration sways this start most; None where none does.
    """

    visit: str
    technician: str
    chance: float
    expected_start: float
    early: int
    middle: int
    late: int
    late_minutes: float
    cause: str | None


@dataclass(frozen=True, slots=True)
class Odds:
    """What a plan can be trusted with. `finishes`: technician -> chance to be done by `overtime_until`.

    `visits`: every visit that somebody does. A failed or new one counts too: its window is a promise as
    soon as it is told. `expected_broken`: promises × priority that will break on average, the promised
    visits that nobody does included.
    """

    visits: Mapping[str, VisitOdds]
    finishes: Mapping[str, float]
    expected_broken: float

    def risky(self, threshold: float = 0.8) -> list[VisitOdds]:
        """The visits whose chance is below `threshold`, worst first."""
        return sorted(
            (one for one in self.visits.values() if one.chance < threshold),
            key=lambda one: (one.chance, one.visit),
        )


def odds(day: Day, plan: Plan, *, samples: int = 1000, seed: int = 1, shocks: Shocks = USUAL) -> Odds:
    """The odds of `plan` for `day`. Raises KeyError for an unknown technician, visit or break."""
    return odds_from(day, plan, Draws(day, samples=samples, seed=seed, shocks=shocks))


def odds_from(day: Day, plan: Plan, draws: Draws) -> Odds:
    """The same with luck that was drawn before: for several plans of one day."""
    visits: dict[str, VisitOdds] = {}
    finishes: dict[str, float] = {}
    broken = 0.0
    for route in plan.routes:
        technician = day.technician(route.technician)
        walk = _walk(day, technician, route, draws)
        in_time = int(np.count_nonzero(walk.finish <= technician.overtime_until))
        finishes[technician.id] = in_time / draws.samples
        for one in _judged(technician.id, walk):
            visits[one.visit] = one
            broken += day.visit(one.visit).priority * (1 - one.chance)
    left = [visit for visit in day.visits if visit.promised and visit.id not in visits]
    return Odds(visits, finishes, broken + sum(visit.priority for visit in left))


@dataclass(frozen=True, slots=True)
class _Walk:
    """One route in every version of the day; `starts` and `work` have a row a visit, in order."""

    visits: Sequence[Visit]
    starts: Samples
    work: Samples
    finish: Samples


def _walk(day: Day, technician: Technician, route: Route, draws: Draws) -> _Walk:
    breaks = {rest.id: rest for rest in technician.breaks}
    visits = [day.visit(visit_id) for visit_id in route.visit_ids]
    work = draws.work(technician.id, visits)
    drives = draws.drives(technician.id, visits, _seconds(day, technician, visits))
    starts = np.empty_like(work)
    clock = _begin(day, technician, draws)
    idle: Samples | None = None  # seconds since the last stop that were free to drive in
    done = 0
    for stop in route.stops:
        if stop.kind == "break":
            rest = breaks[stop.id]
            begin = np.maximum(clock, np.float32(rest.window[0]))
            idle = begin - clock if idle is None else idle + begin - clock
            clock = begin + np.float32(rest.duration)
        else:
            arrival = _arrival(clock, drives[done], idle)
            starts[done] = _start(visits[done], stop, arrival, day.change_tolerance)
            clock, idle, done = starts[done] + work[done], None, done + 1
    return _Walk(visits, starts, work, _arrival(clock, drives[-1], idle))


def _seconds(day: Day, technician: Technician, visits: Sequence[Visit]) -> list[int]:
    """The drives of a route in order, the one home last; 0 for whoever ends the day where it ends."""
    stops = [technician.ready_location, *(visit.location for visit in visits)]
    end = technician.end_location
    home = 0 if end is None or not visits else int(day.travel[stops[-1], end])
    return [*(int(day.travel[a, b]) for a, b in pairwise(stops)), home]


def _begin(day: Day, technician: Technician, draws: Draws) -> Samples:
    """When the technician sets out: work under way may end late, never before now."""
    earliest = np.float32(max(day.now, technician.shift[0]))
    ready = draws.ready(technician.id, at=technician.ready_at, spread=technician.ready_spread)
    return np.maximum(ready, earliest)


def _arrival(clock: Samples, drive: Samples, idle: Samples | None) -> Samples:
    return clock + drive if idle is None else clock + np.maximum(drive - idle, np.float32(0))


def _start(visit: Visit, stop: Stop, arrival: Samples, tolerance: int) -> Samples:
    """The first second that suits everybody: a window is open and it is not earlier than was told."""
    if not visit.locked:
        arrival = np.maximum(arrival, np.float32(stop.start - tolerance))
    windows = sorted((*visit.windows, *visit.may_move))
    if len(windows) == 1:
        return np.maximum(arrival, np.float32(windows[0][0]))
    start = arrival
    for begin, end in reversed(windows):
        start = np.where(arrival <= end, np.maximum(arrival, np.float32(begin)), start)
    return start


def _kept(visit: Visit, start: Samples) -> Kept:
    first, *others = (*visit.windows, *visit.may_move)
    kept: Kept = (start >= first[0]) & (start <= first[1])
    for begin, end in others:
        kept |= (start >= begin) & (start <= end)
    return kept


def _judged(technician_id: str, walk: _Walk) -> Iterator[VisitOdds]:
    if not walk.visits:
        return
    means = walk.starts.mean(axis=1)
    early, middle, late = _quantiles(walk.starts)
    causes = _causes(walk, means)
    for row, visit in enumerate(walk.visits):
        kept = _kept(visit, walk.starts[row])
        chance = int(np.count_nonzero(kept)) / len(kept)
        yield VisitOdds(
            visit=visit.id,
            technician=technician_id,
            chance=chance,
            expected_start=float(means[row]),
            early=round(float(early[row])),
            middle=round(float(middle[row])),
            late=round(float(late[row])),
            late_minutes=0.0 if chance == 1 else _late_minutes(visit, walk.starts[row], kept),
            cause=causes[row],
        )


def _late_minutes(visit: Visit, start: Samples, kept: Kept) -> float:
    over = start[~kept] - np.float32(max(end for _, end in visit.windows))
    return float(np.maximum(over, np.float32(0)).sum()) / len(start) / 60


def _quantiles(starts: Samples) -> Iterable[Samples]:
    """The 10, 50 and 90 % quantiles of each row, as one of its own values."""
    last = starts.shape[1] - 1
    ranked = np.sort(starts, axis=1)  # five times as fast as np.partition with three places
    return [ranked[:, round(share * last)] for share in (0.1, 0.5, 0.9)]


def _causes(walk: _Walk, means: Samples) -> list[str | None]:
    """For each visit the earlier one whose duration goes together with its start the most, in seconds squared."""
    work = walk.work - walk.work.mean(axis=1, keepdims=True)
    together = (walk.starts - means[:, None]) @ work.T / walk.starts.shape[1]
    causes: list[str | None] = [None]
    for row in range(1, len(means)):
        most = int(np.argmax(together[row, :row]))
        causes.append(walk.visits[most].id if together[row, most] > 1 else None)
    return causes
