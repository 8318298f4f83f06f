"""A day as arrays. Nodes: the tasks 0..n-1, then each technician's end, then each technician's start.

The tasks are the day's visits in order, then the second person of each visit that needs one.

Prices are in sixtieths of the day's unit, as everywhere in scheduling (starts.py); times are seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from optimizer.day import Day, Technician, Visit
from optimizer.fits import fits
from optimizer.sheet import Crew, is_liked, sheet_of
from optimizer.starts import start_pieces

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

ANY_TIME = 10**9  # a second no day reaches
LONG_AGO, NEVER = -1.0e9, 1.0e12  # seconds, as bounds that no time of a day reaches


# columns of Arrays.visit and Arrays.crew
# What a variable begins with that will hold a place or a count. No literals: of every function that is given one
# the compiler makes another copy.
NOWHERE, NOTHING = cast(int, np.int64(-1)), cast(int, np.int64(0))

DURATION, PENALTY, TOLD = 0, 1, 2
FREE_AT, SHIFT_END, FINISH_BY, ALL_TAKEN, ALIKE, LOCKED = 0, 1, 2, 3, 4, 5


class Arrays(NamedTuple):
    """What does not change while a day is searched; n visits, m technicians, M masks of breaks, N nodes.

    Few arrays with named columns, because each one costs compile time wherever it is passed.
    `visit`: duration, the price of leaving it undone, the technician the customer was told (or -1).
    `crew`: free at, end of the shift, overtime limit, mask of all breaks, the first technician who is just
    like this one, the visit that must be first (or -1).
    `fit[v, t]`: what it costs that t does v at all, inf when t must not.
    `pieces[v, kind, i]`: (from, until, price, rate) of allowed starts; kind 1 by whom the customer was told,
    0 by others; 2 and 3 are the same where promises must not break. Their last row: how many, the least price.
    `leave[t, mask, i]`: a way to leave a stop: (mask after, seconds of break, not before, only until), folded
    from the breaks taken on the way. Its last row: how many, the latest start of the next owed break.
    `parts`: what each visit uses up, then what is in each van.
    """

    drive: NDArray[np.int32]  # N x N
    drive_to: NDArray[np.int32]  # N x N: row v holds the drives to v
    visit: Floats  # n x 3
    crew: Floats  # m x 6
    fit: Floats  # n x m
    pieces: Floats  # n x 4 x P + 1 x 4
    leave: Floats  # m x M x D + 1 x 4
    parts: Ints  # n + m x K
    travel_rate: float
    overtime_rate: float
    trouble: float  # a schedule as dear as this breaks a promise


def tasks_of(day: Day) -> tuple[Visit, ...]:
    """The visits, then for each that needs an assistant the same visit as the assistant sees it."""
    return (*day.visits, *(_assisting(visit) for visit in day.visits if visit.assistant is not None))


def _assisting(visit: Visit) -> Visit:
    return replace(
        visit,
        state="new",
        windows=((0, ANY_TIME),),
        may_move=(),
        skills=visit.assistant or {},
        parts={},
        technician=None,
        prefer=(),
        planned=None,
        frozen=False,
    )


def arrays_of(day: Day) -> Arrays:
    """The arrays of `day`; absent technicians are there and fit nothing."""
    sheet = sheet_of(day)
    crews = [sheet.crews[one.id] for one in day.technicians]
    number = {one.id: t for t, one in enumerate(day.technicians)}
    tasks = tasks_of(day)
    fit = _fit(day, tasks)
    drive = _drives(day, tasks)
    return Arrays(
        drive=drive,
        drive_to=np.ascontiguousarray(drive.T),
        visit=_visits(day, tasks, number),
        crew=_crew(day, crews, number, fit),
        fit=fit,
        pieces=_pieces(day, tasks),
        leave=_ways_to_leave(crews),
        parts=_parts(day, tasks),
        travel_rate=float(day.weights.travel_minute),
        overtime_rate=float(day.weights.overtime_minute),
        trouble=60.0 * (day.weights.broken or np.inf),
    )


def penalty(day: Day, visit: Visit) -> float:
    """What it costs, in sixtieths, to leave `visit` undone."""
    weights = day.weights
    return 60 * visit.priority * (weights.unserved + (weights.broken if visit.promised else 0))


def _drives(day: Day, tasks: Sequence[Visit]) -> NDArray[np.int32]:
    size = len(day.travel)
    padded = np.zeros((size + 1, size + 1), dtype=np.int32)  # the last place: nowhere, at no distance
    padded[:size, :size] = day.travel
    places = [v.location for v in tasks]
    places += [size if one.end_location is None else one.end_location for one in day.technicians]
    places += [one.ready_location for one in day.technicians]
    return np.ascontiguousarray(padded[np.ix_(places, places)])


def _fit(day: Day, tasks: Sequence[Visit]) -> Floats:
    """n x m: 0 where t may do v, the price of somebody less liked, inf elsewhere; visits that ask for the
    same share their row."""
    rows: dict[object, Floats] = {}
    found = np.empty((len(tasks), len(day.technicians)))
    for v, visit in enumerate(tasks):
        asks = _asks(visit)
        row = rows.get(asks)
        if row is None:
            row = rows[asks] = np.array([_fitness(day, visit, one) for one in day.technicians])
        found[v] = row
    return found


def _asks(visit: Visit) -> object:
    bound = visit.planned.technician if visit.planned and (visit.locked or visit.frozen) else None
    needs = (tuple(visit.skills.items()), tuple(visit.parts.items()))
    return (needs, visit.technician, visit.exclude, bound, visit.prefer)


def _fitness(day: Day, visit: Visit, one: Technician) -> float:
    if not fits(one, visit, one.parts):
        return np.inf
    return 0.0 if is_liked(visit, one.id) else 60 * day.weights.not_preferred


def _visits(day: Day, tasks: Sequence[Visit], number: dict[str, int]) -> Floats:
    told = [number.get(v.planned.technician, -2) if v.planned else -1 for v in tasks]
    rows = [(v.duration, penalty(day, v), who) for v, who in zip(tasks, told, strict=True)]
    return np.array(rows, dtype=np.float64).reshape(len(rows), 3)


def _crew(day: Day, crews: list[Crew], number: dict[str, int], fit: Floats) -> Floats:
    alike = _alike(day, fit)
    locked = [-1] * len(crews)
    for v, visit in enumerate(day.visits):
        if visit.locked and visit.planned is not None:
            locked[number[visit.planned.technician]] = v
    rows = [
        (one.free_at, one.shift_end, one.overtime_until, one.all_taken, alike[t], locked[t])
        for t, one in enumerate(crews)
    ]
    return np.array(rows, dtype=np.float64).reshape(len(rows), 6)


def _pieces(day: Day, tasks: Sequence[Visit]) -> Floats:
    kinds = [
        [
            start_pieces(
                visit,
                day.weights,
                tolerance=day.change_tolerance,
                own=own,
                late=late and visit.promised,
                held=visit.id in day.held,
                unmoved=visit.id in day.unmoved,
            )
            for late in (True, False)
            for own in (False, True)
        ]
        for visit in tasks
    ]
    most = max((len(found) for four in kinds for found in four), default=0)
    pieces = np.zeros((len(kinds), 4, most + 1, 4))
    for v, four in enumerate(kinds):
        for kind, found in enumerate(four):
            for i, piece in enumerate(found):
                pieces[v, kind, i] = piece
            pieces[v, kind, -1, :2] = len(found), min((piece[2] for piece in found), default=np.inf)
    return pieces


def _parts(day: Day, tasks: Sequence[Visit]) -> Ints:
    names = sorted({name for visit in tasks for name in visit.parts})
    carried = [*(visit.parts for visit in tasks), *(one.parts for one in day.technicians)]
    rows = [[parts.get(name, 0) for name in names] for parts in carried]
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(names))


def _ways_to_leave(crews: list[Crew]) -> Floats:
    """Every order of every choice of breaks still owed, folded into: leave by `until`, arrive at
    max(not before, end of work + break seconds + drive)."""
    ways = [[_ways_from(crew.breaks, mask) for mask in range(crew.all_taken + 1)] for crew in crews]
    masks = max((len(one) for one in ways), default=1)
    most = max((len(found) for one in ways for found in one), default=1)
    leave = np.zeros((len(crews), masks, most + 1, 4))
    for t, one in enumerate(ways):
        for mask, found in enumerate(one):
            leave[t, mask, : len(found)] = found
            leave[t, mask, -1, :2] = len(found), crews[t].last_call[mask]
    return leave


def _ways_from(
    breaks: tuple[tuple[int, int, int], ...], mask: int
) -> list[tuple[float, float, float, float]]:
    found = [(float(mask), 0.0, LONG_AGO, NEVER)]
    for taken, seconds, clock, until in found:  # grows while it is read
        for bit, (earliest, latest, length) in enumerate(breaks):
            if not int(taken) >> bit & 1 and clock <= latest:
                ends = max(clock, earliest) + length
                last = min(until, latest - seconds)
                found.append((float(int(taken) | 1 << bit), seconds + length, ends, last))
    return found


def _alike(day: Day, fit: Floats) -> Ints:
    """Technicians who are interchangeable while they have nothing to do."""
    first: dict[object, int] = {}
    told = {v.planned.technician for v in day.visits if v.planned}
    found = np.arange(len(day.technicians), dtype=np.int64)
    for t, one in enumerate(day.technicians):
        if one.id not in told:
            found[t] = first.setdefault(_likeness(one, fit[:, t]), t)
    return found


def _likeness(one: Technician, fit: Floats) -> object:
    parts = tuple(sorted(one.parts.items()))
    times = (one.shift, one.overtime_until, one.ready_at, one.ready_location, one.end_location, one.breaks)
    return (times, parts, fit.tobytes())
