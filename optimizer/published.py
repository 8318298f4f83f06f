"""The published routes as far as they can still be done: where every repair starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from optimizer.day import Day, Technician, Visit
from optimizer.fits import fits
from optimizer.linked import is_linked
from optimizer.sheet import sheet_of
from optimizer.standing import lateness, stand


def published_orders(
    day: Day, orders: Mapping[str, Iterable[str]] | None = None
) -> dict[str, tuple[str, ...]]:
    """Technician id to a legal order: `orders` (the day's routes) less what cannot stay where it is.

    Absent technicians lose all, and everybody what is linked to another route (linked/); locked visits
    come first where they belong; a visit that does not fit its technician is dropped, then the fewest and
    cheapest visits until time suffices.
    """
    found = fitting_orders(day, orders)
    return {tid: doable(day, tid, ids) for tid, ids in found.items()}


def fitting_orders(day: Day, orders: Mapping[str, Iterable[str]] | None = None) -> dict[str, tuple[str, ...]]:
    """The same before time is looked at: who may do what, locked visits first."""
    if orders is None:
        orders = {technician.id: technician.route for technician in day.technicians}
    locked = {v.planned.technician: v.id for v in day.visits if v.locked and v.planned is not None}
    elsewhere = set(locked.values()) | {visit.id for visit in day.visits if is_linked(visit)}
    found: dict[str, tuple[str, ...]] = {}
    for technician in day.technicians:
        if not technician.absent:
            ids = [one for one in orders.get(technician.id, ()) if one not in elsewhere]
            if technician.id in locked:
                ids.insert(0, locked[technician.id])
            found[technician.id] = _fitting(day, technician, ids)
    return found


def doable(day: Day, technician_id: str, visit_ids: tuple[str, ...]) -> tuple[str, ...]:
    """`visit_ids` less those whose loss is cheapest, one at a time, until there is a legal schedule."""
    technician = day.technician(technician_id)
    while lateness(day, technician_id, visit_ids) is None:
        visit_ids = _less_one(day, technician, visit_ids)
    return visit_ids


def _fitting(day: Day, technician: Technician, visit_ids: Iterable[str]) -> tuple[str, ...]:
    stock = dict(technician.parts)
    kept: list[str] = []
    for visit in map(day.visit, visit_ids):
        if fits(technician, visit, stock):
            kept.append(visit.id)
            for name, quantity in visit.parts.items():
                stock[name] = stock.get(name, 0) - quantity
    return tuple(kept)


def _less_one(day: Day, technician: Technician, visit_ids: tuple[str, ...]) -> tuple[str, ...]:
    best: tuple[float, tuple[str, ...]] | None = None
    for index, visit_id in enumerate(visit_ids):
        rest = visit_ids[:index] + visit_ids[index + 1 :]
        late = lateness(day, technician.id, rest)
        standing = None if late is None else stand(day, technician.id, rest, late=late)
        if standing is not None and not (day.visit(visit_id).locked and len(visit_ids) > 1):
            price = standing.price + _loss(day, day.visit(visit_id))
            if best is None or price < best[0]:
                best = (price, rest)
    return visit_ids[:-1] if best is None else best[1]


def _loss(day: Day, visit: Visit) -> float:
    weights = sheet_of(day).weights
    return 60 * visit.priority * (weights.unserved + (weights.broken if visit.promised else 0))
