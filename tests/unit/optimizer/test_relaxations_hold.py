"""Whatever the day: each relaxation, carried out, serves the visit at the price that was said."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from optimizer import Day, Plan, Relaxation, Route, check, explain, timetable
from optimizer.board import Board
from optimizer.published import published_orders
from optimizer.unserved import why_unserved
from tests.unit.optimizer.random_days import days

many = settings(
    max_examples=60,
    deadline=None,
    database=None,
    derandomize=True,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


@many
@given(days(), st.data())
def test_a_relaxation_serves_the_visit_at_its_price(day: Day, data: st.DataObject) -> None:
    plan = Board(day, published_orders(day)).plan()
    if not plan.unserved:
        return
    left = data.draw(st.sampled_from(plan.unserved)).visit
    if check(day, plan).errors:  # the published routes alone pass one of the day's caps
        return
    for way in explain(day, plan, left).relaxations:
        mended, helped = carried_out(day, plan, left, way)
        verdict = check(mended, helped)
        assert verdict.errors == (), way
        assert helped.start_of(left) == way.start, way
        visit = day.visit(left)
        saved = visit.priority * (day.weights.unserved + (day.weights.broken if visit.promised else 0))
        rise = verdict.cost - check(mended, plan).cost + saved
        assert abs(rise - way.price) < 0.05, way


def carried_out(day: Day, plan: Plan, left: str, way: Relaxation) -> tuple[Day, Plan]:
    """The day with what `way` asks for, and the plan with `left` in it."""
    mended = relaxed(day, left, way)
    orders = {one.id: list(plan.visit_ids(one.id)) for one in day.technicians}
    if way.then is not None and way.subject is not None:
        for ids in orders.values():
            if way.subject in ids:
                ids.remove(way.subject)
    targets = [(left, way.technician, way.start)]
    if way.then is not None and way.subject is not None:
        targets.append((way.subject, way.then.technician, way.then.start))
    options = [orders]
    for visit_id, tid, _ in targets:
        options = [
            {**order, tid: [*order[tid][:i], visit_id, *order[tid][i:]]}
            for order in options
            for i in range(len(order[tid]) + 1)
        ]
    pinned = pinned_to(mended, left, way.start)
    plans = [found for order in options if (found := timed(pinned, order)) is not None]
    fitting = [
        one
        for one in plans
        if all(one.start_of(visit_id) == start for visit_id, _, start in targets)
        and worse(day, left, plan, one, way) == []
    ]
    assert fitting, way
    return mended, min(fitting, key=lambda one: check(mended, one).cost)


def pinned_to(day: Day, visit_id: str, start: int) -> Day:
    """A visit without a promise has only that start: timetable() knows nothing of links, and takes a cheaper one."""
    visit = day.visit(visit_id)
    if visit.promised:
        return day
    pinned = replace(visit, windows=((start, start),), may_move=())
    return replace(day, visits=tuple(pinned if one is visit else one for one in day.visits))


def relaxed(day: Day, left: str, way: Relaxation) -> Day:
    one, visit = day.technician(way.technician), day.visit(left)
    if way.kind == "overtime":
        one = replace(one, overtime_until=one.overtime_until + 60 * way.amount)
    if way.kind == "skill":
        visit = replace(
            visit, skills={**visit.skills, str(way.subject): visit.skills[str(way.subject)] - way.amount}
        )
    if way.kind == "part":
        name = str(way.subject)
        one = replace(one, parts={**one.parts, name: one.parts.get(name, 0) + way.amount})
    if way.kind == "window":
        begin, _ = max(span for span in visit.windows if span[0] <= way.start)
        wider = tuple((a, max(b, way.start)) if a == begin else (a, b) for a, b in visit.windows)
        visit = replace(visit, windows=wider)
    visits = {each.id: each for each in day.visits} | {left: visit}
    if way.kind == "volunteer":
        other = day.visit(str(way.subject))
        closes = other.windows[0][1]
        agreed = (*other.may_move, (closes + 1, closes + 60 * way.amount))
        visits[other.id] = replace(other, may_move=agreed)
    crew = tuple(one if each.id == one.id else each for each in day.technicians)
    return replace(day, technicians=crew, visits=tuple(visits[each.id] for each in day.visits))


def timed(day: Day, orders: dict[str, list[str]]) -> Plan | None:
    routes = [timetable(day, tid, ids) for tid, ids in orders.items() if ids]
    if not all(isinstance(route, Route) for route in routes):
        return None
    served = {visit_id for ids in orders.values() for visit_id in ids}
    rest = tuple(why_unserved(day, visit) for visit in day.visits if visit.id not in served)
    return Plan(day.name, tuple(route for route in routes if isinstance(route, Route)), rest)


def worse(day: Day, left: str, before: Plan, after: Plan, way: Relaxation) -> list[str]:
    """The promises that are kept worse than before, the asked visit's and the volunteer's left out."""
    found = []
    for visit in day.visits:
        was, now = before.start_of(visit.id), after.start_of(visit.id)
        if visit.promised and was is not None and now is not None and visit.id not in (left, way.subject):
            in_time = any(a <= now <= b for a, b in (*visit.windows, *visit.may_move))
            if not in_time and now > was:
                found.append(visit.id)
    return found
