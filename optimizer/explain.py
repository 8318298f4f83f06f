"""Why a visit is where it is, or nowhere: the rule that stops each technician, and what would help."""

from __future__ import annotations

from dataclasses import dataclass, replace

from optimizer.day import Day, Technician, Visit
from optimizer.fits import Blocked, clock_text, misfit, stock_after
from optimizer.linked import is_linked, why_linked
from optimizer.plan import Plan
from optimizer.relaxations import Relaxation, relaxations
from optimizer.trials import (
    DAY_SECONDS,
    earliest_finish,
    earliest_start,
    late_start,
    trial_in,
    window_missed,
    with_technician,
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """`blocks`: one per technician who cannot take the visit into the plan as it stands, in the day's order.

    `relaxations`: single changes that would truly let it in, cheapest first; none when it is served.
    """

    visit: str
    blocks: tuple[Blocked, ...]
    relaxations: tuple[Relaxation, ...]

    @property
    def smallest(self) -> Relaxation | None:
        """The cheapest relaxation, among equals the smallest amount; None where nothing single would help."""
        return self.relaxations[0] if self.relaxations else None


def explain(day: Day, plan: Plan, visit_id: str) -> Explanation:
    """Who is kept by which rule from taking the visit, all other stops of `plan` staying in order.

    For a served visit: why not each of the others. KeyError for an unknown visit.
    """
    visit = day.visit(visit_id)
    orders = {
        technician.id: tuple(one for one in plan.visit_ids(technician.id) if one != visit_id)
        for technician in day.technicians
    }
    taker = plan.technician_of(visit_id)
    blocks = [
        block(day, technician, visit, orders[technician.id])
        for technician in day.technicians
        if technician.id != taker
    ]
    helps = relaxations(day, orders, visit) if taker is None else ()
    return Explanation(visit_id, tuple(one for one in blocks if one is not None), helps)


def block(day: Day, technician: Technician, visit: Visit, order: tuple[str, ...]) -> Blocked | None:
    """The first rule that keeps `visit` out of `technician`'s `order`; None when it fits somewhere."""
    stock = stock_after(technician, map(day.visit, order))
    found = misfit(technician, visit, stock)
    if found is None and is_linked(visit):
        return Blocked("no_time", technician.id, visit.id, why_linked(visit))
    if found is not None or trial_in(day, technician.id, order, visit.id) is not None:
        return found
    return (
        _overtime_block(day, technician, visit, order)
        or _window_block(day, technician, visit, order)
        or _promise_block(day, technician, visit, order)
    )


def _overtime_block(day: Day, technician: Technician, visit: Visit, order: tuple[str, ...]) -> Blocked | None:
    finish = earliest_finish(day, technician, visit, order)
    if finish is None:
        return None
    tid, limit = technician.id, technician.overtime_until
    sentence = (
        f"With {visit.id}, {tid} would finish at {clock_text(finish)}; the limit is {clock_text(limit)}."
    )
    return Blocked("overtime_limit", tid, visit.id, sentence, have=finish, need=limit)


def _window_block(day: Day, technician: Technician, visit: Visit, order: tuple[str, ...]) -> Blocked | None:
    """Too late for the visit's window, and perhaps for the overtime limit as well."""
    start = earliest_start(day, technician, visit, order)
    if start is None:
        tireless = replace(technician, overtime_until=technician.overtime_until + DAY_SECONDS)
        start = earliest_start(with_technician(day, tireless), tireless, visit, order)
    if start is None:
        return None
    tid, closes = technician.id, window_missed(visit, start)[1]
    sentence = (
        f"{tid} could start {visit.id} at {clock_text(start)} at the earliest, "
        f"its window ends at {clock_text(closes)}."
    )
    return Blocked("no_time", tid, visit.id, sentence, have=start, need=closes)


def _promise_block(day: Day, technician: Technician, visit: Visit, order: tuple[str, ...]) -> Blocked:
    """Another promise would break: the one that would be least late, if one alone is enough."""
    found = [
        (start - other.windows[0][1], other.id, start)
        for other in map(day.visit, order)
        if other.promised and (start := late_start(day, technician, visit, other, order=order)) is not None
    ]
    tid = technician.id
    if not found:
        sentence = f"Wherever {tid} took {visit.id}, several promises or breaks of the day would be missed."
        return Blocked("promise", tid, visit.id, sentence)
    _, other_id, start = min(found)
    closes = day.visit(other_id).windows[0][1]
    sentence = (
        f"{tid} could take {visit.id} only by starting {other_id} at {clock_text(start)}, "
        f"its promise ends at {clock_text(closes)}."
    )
    return Blocked("promise", tid, visit.id, sentence, other_id, start, closes)
