"""The label search against a plain search over every second of a coarse grid.

All times of the random days lie on a grid of five minutes, so a best schedule does too (cheaper starts
begin on it), except that a promise's end is inclusive: no start after it is ever better than the next
grid second, so nothing is lost there either.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from hypothesis import HealthCheck, given, settings

from optimizer import Day, Limits, Plan, Route, Visit, check, timetable
from optimizer.linked.anchored import unlinked
from optimizer.unserved import why_unserved
from tests.unit.optimizer.random_days import STEP, days


def by_itself(day: Day) -> Day:
    """The day without what one technician's schedule knows nothing of: caps, and links to other routes."""
    return replace(day, limits=Limits(), visits=tuple(map(unlinked, day.visits)))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(days(most_visits=2).map(by_itself))
def test_no_schedule_on_the_grid_is_cheaper(day: Day) -> None:
    for technician in day.technicians:
        ids = tuple(visit.id for visit in day.visits)
        found = timetable(day, technician.id, ids)
        if isinstance(found, Route):
            assert _cost(day, found) == _best(day, technician.id, ids)


def _cost(day: Day, route: Route) -> float:
    served = set(route.visit_ids)
    left = tuple(why_unserved(day, visit) for visit in day.visits if visit.id not in served)
    verdict = check(day, Plan(day.name, (route,), left))
    assert verdict.errors == ()
    return verdict.cost


def _best(day: Day, tid: str, ids: tuple[str, ...]) -> float:
    """The least cost of any schedule of `ids` on the grid, promises kept where possible."""
    technician = day.technician(tid)
    breaks = technician.breaks
    weights = day.weights

    @cache
    def rest(index: int, clock: int, driven: int, taken: frozenset[int]) -> tuple[float, float]:
        """(broken price, other price) of the visits from `index` on; `driven`: seconds free to drive so far."""
        ways = [
            rest(index, begin + one.duration, driven + begin - clock, taken | {number})
            for number, one in enumerate(breaks)
            if number not in taken
            for begin in [max(clock, one.window[0])]
            if begin <= one.window[1]
        ]
        here = technician.ready_location if index == 0 else day.visit(ids[index - 1]).location
        if index == len(ids):
            home = 0 if technician.end_location is None else int(day.travel[here, technician.end_location])
            finish = clock + max(0, home - driven)
            if len(taken) == len(breaks) and finish <= technician.overtime_until:
                over = max(0, finish - technician.shift[1])
                ways.append((0.0, weights.overtime_minute * over / 60 + weights.travel_minute * home / 60))
            return min(ways, default=(float("inf"), 0.0))
        visit = day.visit(ids[index])
        drive = int(day.travel[here, visit.location])
        for start in range(clock + max(0, drive - driven), technician.overtime_until + 1, STEP):
            price = _price(day, visit, tid, start)
            if price is not None:
                broken, soft = rest(index + 1, start + visit.duration, 0, taken)
                ways.append((broken + price[0], soft + price[1] + weights.travel_minute * drive / 60))
        return min(ways, key=sum, default=(float("inf"), 0.0))

    free_at = max(technician.ready_at, day.now, technician.shift[0])
    return round(sum(rest(0, free_at, 0, frozenset())), 2)


def _price(day: Day, visit: Visit, tid: str, start: int) -> tuple[float, float] | None:
    if visit.frozen and visit.planned and (tid, start) != (visit.planned.technician, visit.planned.start):
        return None
    other = day.weights.not_preferred if visit.prefer and tid not in visit.prefer else 0.0
    if not visit.promised:
        return (0.0, other) if any(a <= start <= b for a, b in visit.windows) else None
    begin, end = visit.windows[0]
    moved = any(a <= start <= b for a, b in visit.may_move)
    if start < begin and not moved:
        return None
    planned, weights = visit.planned, day.weights
    changed = planned and (planned.technician != tid or abs(start - planned.start) > day.change_tolerance)
    soft = other + (weights.changed if changed else 0.0)
    if begin <= start <= end:
        return 0.0, soft
    if moved:
        return 0.0, soft + weights.moved
    return weights.broken * visit.priority, soft + weights.late_minute * (start - end) / 60
