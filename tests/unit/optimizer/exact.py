"""The truth about small days, found by trying everything: plain Python, no kernels, no search.

Prices are in sixtieths, as in scheduling. `price_of` is one order of visits, `cheapest_sets` the best order
of every set of visits for one technician, `optimum` the best plan of the whole day.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from optimizer import Day, Technician, Visit
from optimizer.fits import fits, misfit_order
from optimizer.linked import is_linked
from optimizer.schedule import Label, ending, extend, first_label
from optimizer.sheet import sheet_of

NEVER = float("inf")


def price_of(day: Day, tid: str, visit_ids: Sequence[str]) -> float:
    """The least price of this order, promises broken where that is cheaper; inf where it cannot be done.

    Parts and the place of a locked visit are not looked at: the kernels leave them to whoever inserts.
    """
    technician, visits = day.technician(tid), [day.visit(one) for one in visit_ids]
    if not visits:
        return 0
    if any(is_linked(one) or not fits(technician, one, technician.parts) for one in visits):
        return NEVER
    sheet, crew = sheet_of(day), sheet_of(day).crews[tid]
    labels: Sequence[Label] = (first_label(crew),)
    here = crew.location
    for visit in visits:
        work, drive = sheet.work(visit, tid), int(day.travel[here, visit.location])
        labels = extend(labels, crew, drive, duration=work.duration, pieces=work.full)
        here = visit.location
    done = ending(sheet, crew, labels, here)
    return NEVER if done is None else done[0] + day.weights.travel_minute * _travel(day, technician, visits)


def _travel(day: Day, technician: Technician, visits: Sequence[Visit]) -> int:
    stops = [technician.ready_location, *(visit.location for visit in visits)]
    if technician.end_location is not None:
        stops.append(technician.end_location)
    return sum(int(day.travel[a, b]) for a, b in pairwise(stops))


def penalty_of(day: Day, visit: Visit) -> float:
    """The price of leaving `visit` undone."""
    broken = day.weights.broken if visit.promised else 0
    return 60 * visit.priority * (day.weights.unserved + broken)


def cheapest_sets(day: Day, tid: str) -> dict[int, float]:
    """Set of visits, as a mask of their numbers, to the least price at which `tid` does them all."""
    technician, found = day.technician(tid), {0: 0.0}

    def go_on(ids: tuple[str, ...], mask: int) -> None:
        for v, visit in enumerate(day.visits):
            longer = (*ids, visit.id)
            if not mask >> v & 1 and misfit_order(day, technician, longer) is None:
                price = price_of(day, tid, longer)
                if price < NEVER:
                    found[mask | 1 << v] = min(price, found.get(mask | 1 << v, NEVER))
                go_on(longer, mask | 1 << v)  # even from where there is no way home

    go_on((), 0)
    return found


def optimum(day: Day) -> float:
    """The least price of any plan of `day`, its limits not looked at; inf where a locked visit cannot be done."""
    best = {0: 0.0}
    for technician in day.technicians:
        sets = cheapest_sets(day, technician.id)
        merged: dict[int, float] = {}
        for done, price in best.items():
            for mask, more in sets.items():
                if not done & mask:
                    merged[done | mask] = min(price + more, merged.get(done | mask, NEVER))
        best = merged
    return min(price + _undone(day, done) for done, price in best.items())


def _undone(day: Day, done: int) -> float:
    left = [visit for v, visit in enumerate(day.visits) if not done >> v & 1]
    return NEVER if any(one.locked for one in left) else sum(penalty_of(day, one) for one in left)
