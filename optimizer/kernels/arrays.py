"""A day as arrays. Nodes: the visits 0..n-1, then each technician's end, then each technician's start.

Prices are in sixtieths of the day's unit, as everywhere in scheduling (starts.py); times are seconds.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from optimizer.day import Day, Technician, Visit
from optimizer.fits import fits
from optimizer.sheet import Crew, sheet_of

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

LONG_AGO, NEVER = -1.0e9, 1.0e12  # seconds, as bounds that no time of a day reaches


class Arrays(NamedTuple):
    """What does not change while a day is searched; n visits, m technicians, M masks of breaks.

    `fit[v, t]`: what it costs that t does v at all, inf when t must not. `pieces[v, kind, i]`: (from,
    until, price, rate) of allowed starts, 1 by whom the customer was told, 0 by others; 2 and 3 are the same
    where promises must not break. `leave[t, mask, i]`: a way
    to leave a stop with that mask: (mask after, seconds of break, not before, only until); see past.py.
    """

    drive: NDArray[np.int32]  # N x N
    duration: Floats  # n
    penalty: Floats  # n, for leaving it undone
    fit: Floats  # n x m
    told: Ints  # n, the technician the customer was told, or -1
    pieces: Floats  # n x 4 x P x 4
    piece_count: Ints  # n x 4
    least: Floats  # n x 4, the price of the cheapest start
    uses: Ints  # n x K
    stock: Ints  # m x K
    free_at: Floats  # m
    shift_end: Floats  # m
    finish_by: Floats  # m, the overtime limit
    leave: Floats  # m x M x D x 4
    leave_count: Ints  # m x M
    last_call: Floats  # m x M
    all_taken: Ints  # m
    alike: Ints  # m, the first technician who is the same as this one
    locked: Ints  # m, the visit that must be first, or -1
    travel_rate: float
    overtime_rate: float
    trouble: float  # a schedule as dear as this breaks a promise


def arrays_of(day: Day) -> Arrays:
    """The arrays of `day`; absent technicians are there and fit nothing."""
    sheet = sheet_of(day)
    visits, crew = day.visits, day.technicians
    crews = [sheet.crews[one.id] for one in crew]
    number = {one.id: t for t, one in enumerate(crew)}
    told = [number.get(v.planned.technician, -2) if v.planned and v.promised else -1 for v in visits]
    pieces, counts = _pieces(day)
    leave, leave_count = _ways_to_leave(crews)
    uses, stock = _parts(day)
    fit = _fit(day)
    return Arrays(
        drive=_drives(day),
        duration=np.array([v.duration for v in visits], dtype=np.float64),
        penalty=np.array([penalty(day, v) for v in visits], dtype=np.float64),
        fit=fit,
        told=np.array(told, dtype=np.int64),
        pieces=pieces,
        piece_count=counts,
        least=_least(pieces, counts),
        uses=uses,
        stock=stock,
        free_at=np.array([one.free_at for one in crews], dtype=np.float64),
        shift_end=np.array([one.shift_end for one in crews], dtype=np.float64),
        finish_by=np.array([one.overtime_until for one in crews], dtype=np.float64),
        leave=leave,
        leave_count=leave_count,
        last_call=_last_calls(crews, leave.shape[1]),
        all_taken=np.array([one.all_taken for one in crews], dtype=np.int64),
        alike=_alike(day, fit),
        locked=_locked(day, number),
        travel_rate=float(day.weights.travel_minute),
        overtime_rate=float(day.weights.overtime_minute),
        trouble=60.0 * (day.weights.broken or np.inf),
    )


def penalty(day: Day, visit: Visit) -> float:
    """What it costs, in sixtieths, to leave `visit` undone."""
    weights = day.weights
    return 60 * visit.priority * (weights.unserved + (weights.broken if visit.promised else 0))


def _drives(day: Day) -> NDArray[np.int32]:
    size = len(day.travel)
    padded = np.zeros((size + 1, size + 1), dtype=np.int32)  # the last place: nowhere, at no distance
    padded[:size, :size] = day.travel
    places = [v.location for v in day.visits]
    places += [size if one.end_location is None else one.end_location for one in day.technicians]
    places += [one.ready_location for one in day.technicians]
    return np.ascontiguousarray(padded[np.ix_(places, places)])


def _fit(day: Day) -> Floats:
    """n x m: 0 where t may do v, inf elsewhere; visits that ask for the same share their row."""
    rows: dict[object, Floats] = {}
    found = np.empty((len(day.visits), len(day.technicians)))
    for v, visit in enumerate(day.visits):
        driver = visit.planned.technician if visit.locked and visit.planned else None
        asks = (
            tuple(visit.skills.items()),
            tuple(visit.parts.items()),
            visit.technician,
            visit.exclude,
            driver,
        )
        row = rows.get(asks)
        if row is None:
            able = [fits(one, visit, one.parts) for one in day.technicians]
            row = rows[asks] = np.where(able, 0.0, np.inf)
        found[v] = row
    return found


def _pieces(day: Day) -> tuple[Floats, Ints]:
    sheet = sheet_of(day)
    works = [[sheet.fresh_work(v, own=own) for own in (False, True)] for v in day.visits]
    kinds = [[both[0].full, both[1].full, both[0].kept, both[1].kept] for both in works]
    most = max((len(found) for four in kinds for found in four), default=1)
    pieces = np.zeros((len(works), 4, max(1, most), 4))
    counts = np.zeros((len(works), 4), dtype=np.int64)
    for v, four in enumerate(kinds):
        for kind, found in enumerate(four):
            counts[v, kind] = len(found)
            for i, piece in enumerate(found):
                pieces[v, kind, i] = piece
    return pieces, counts


def _least(pieces: Floats, counts: Ints) -> Floats:
    used = np.arange(pieces.shape[2]) < counts[:, :, None]
    least: Floats = np.where(used, pieces[:, :, :, 2], np.inf).min(axis=2)
    return least


def _parts(day: Day) -> tuple[Ints, Ints]:
    names = sorted({name for visit in day.visits for name in visit.parts})
    uses = [[visit.parts.get(name, 0) for name in names] for visit in day.visits]
    stock = [[one.parts.get(name, 0) for name in names] for one in day.technicians]
    return (
        np.array(uses, dtype=np.int64).reshape(len(uses), len(names)),
        np.array(stock, dtype=np.int64).reshape(len(stock), len(names)),
    )


def _ways_to_leave(crews: list[Crew]) -> tuple[Floats, Ints]:
    """Every order of every choice of breaks still owed, folded into: leave by `until`, arrive at
    max(not before, end of work + break seconds + drive)."""
    ways = [[_ways_from(crew.breaks, mask) for mask in range(crew.all_taken + 1)] for crew in crews]
    masks = max((len(one) for one in ways), default=1)
    most = max((len(found) for one in ways for found in one), default=1)
    leave = np.zeros((len(crews), masks, most, 4))
    counts = np.zeros((len(crews), masks), dtype=np.int64)
    for t, one in enumerate(ways):
        for mask, found in enumerate(one):
            counts[t, mask] = len(found)
            leave[t, mask, : len(found)] = found
    return leave, counts


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


def _last_calls(crews: list[Crew], masks: int) -> Floats:
    found = np.full((len(crews), masks), NEVER)
    for t, crew in enumerate(crews):
        found[t, : len(crew.last_call)] = crew.last_call
    return found


def _locked(day: Day, number: dict[str, int]) -> Ints:
    found = np.full(len(day.technicians), -1, dtype=np.int64)
    for v, visit in enumerate(day.visits):
        if visit.locked and visit.planned is not None:
            found[number[visit.planned.technician]] = v
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
