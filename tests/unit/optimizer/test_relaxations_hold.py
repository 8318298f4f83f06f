"""Whatever the day: each relaxation, carried out, serves the visit at the price that was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations, product

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from optimizer import Day, Limits, Plan, Relaxation, Route, Stop, Visit, check, explain, timetable
from optimizer.board import Board
from optimizer.limits import bound_to
from optimizer.published import published_orders
from optimizer.trials import with_visit
from optimizer.unserved import why_unserved
from tests.unit.optimizer.random_days import STEP, days

HANDS = "hands"

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
        holds(day, plan, left, way)


@settings(many, max_examples=200)
@given(days(), st.data())
def test_a_relaxation_brings_two_people_at_once(day: Day, data: st.DataObject) -> None:
    plan = Board(day, published_orders(day)).plan()
    waiting = [one.visit for one in plan.unserved if not day.visit(one.visit).locked]
    if not waiting or check(day, plan).errors:
        return
    left, needs = data.draw(st.sampled_from(waiting)), data.draw(st.sampled_from(({}, {"fiber": 1})))
    day = with_visit(day, replace(day.visit(left), assistant=needs))
    ways = explain(day, plan, left).relaxations
    for way in ways:
        assert way.assistant not in (None, way.technician)
        holds(day, plan, left, way)
    if day.limits == Limits():
        assert not ways or room_for_two(day, plan, day.visit(left)) is None


def holds(day: Day, plan: Plan, left: str, way: Relaxation) -> None:
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
    caps = bound_to(day, plan, left)
    pinned = replace(pinned_to(mended, left, way.start), held=caps.held, unmoved=caps.unmoved)
    places = [(visit_id, tid) for visit_id, tid, _ in targets]
    if way.assistant is not None:
        pinned = with_hands(pinned, left, way.assistant)
        places.append((HANDS, way.assistant))
    plans = [found for order in options(orders, places) if (found := timed(pinned, order)) is not None]
    fitting = [
        one
        for one in map(assisted, plans, [left] * len(plans))
        if all(one.start_of(visit_id) == start for visit_id, _, start in targets)
        and worse(day, left, plan, one, way.subject) == []
    ]
    assert fitting, way
    return mended, min(fitting, key=lambda one: check(mended, one).cost)


def options(orders: dict[str, list[str]], places: list[tuple[str, str]]) -> list[dict[str, list[str]]]:
    """Those orders with each visit of `places` anywhere in the technician's."""
    found = [orders]
    for visit_id, tid in places:
        found = [
            {**order, tid: [*order[tid][:i], visit_id, *order[tid][i:]]}
            for order in found
            for i in range(len(order[tid]) + 1)
        ]
    return found


def pinned_to(day: Day, visit_id: str, start: int) -> Day:
    """A visit that takes two, or has no promise, has only that start: timetable() knows nothing of links, and
    takes a cheaper one."""
    visit = day.visit(visit_id)
    if visit.promised and visit.assistant is None:
        return day
    pinned = replace(visit, state="new", windows=((start, start),), may_move=(), prefer=())
    if visit.assistant is not None:
        pinned = replace(pinned, planned=None, frozen=False)
    return with_visit(day, pinned)


def with_hands(day: Day, visit_id: str, technician_id: str) -> Day:
    """The day with what a second person does at the pinned visit, as a visit of its own."""
    lead = day.visit(visit_id)
    hands = Visit(
        id=HANDS,
        location=lead.location,
        duration=lead.duration,
        state="new",
        windows=lead.windows,
        technician=technician_id,
    )
    return replace(day, visits=(*day.visits, hands))


def assisted(plan: Plan, visit_id: str) -> Plan:
    """The plan in which the hands are an assistant's stop."""
    routes = tuple(
        replace(
            route,
            stops=tuple(
                Stop("assist", visit_id, stop.start, stop.end) if stop.id == HANDS else stop
                for stop in route.stops
            ),
        )
        for route in plan.routes
    )
    return replace(plan, routes=routes)


def room_for_two(day: Day, plan: Plan, visit: Visit) -> Plan | None:
    """Two there as it is: every start on the grid of random_days.py tried, in every order."""
    orders = {one.id: list(plan.visit_ids(one.id)) for one in day.technicians}
    spans = (*visit.windows, *visit.may_move)
    starts = {start for a, b in spans for start in range(a, b + 1, STEP)}
    if visit.frozen and visit.planned is not None:
        starts &= {visit.planned.start}
    for start, (lead, second) in product(sorted(starts), permutations(orders, 2)):
        if visit.frozen and visit.planned is not None and visit.planned.technician != lead:
            continue
        pinned = with_hands(pinned_to(day, visit.id, start), visit.id, second)
        for order in options(orders, [(visit.id, lead), (HANDS, second)]):
            found = timed(pinned, order)
            if found is not None:
                found = assisted(found, visit.id)
                if not check(day, found).errors and not worse(day, visit.id, plan, found, None):
                    return found
    return None


def relaxed(day: Day, left: str, way: Relaxation) -> Day:
    visit, subject = day.visit(left), str(way.subject)
    second = way.kind == "overtime" and way.subject is not None
    one = day.technician(subject if second else way.technician)
    if way.kind == "overtime":
        one = replace(one, overtime_until=one.overtime_until + 60 * way.amount)
    if way.kind == "skill":
        if one.skills.get(subject, 0) < visit.skills.get(subject, 0):
            visit = replace(visit, skills=waived(visit.skills, way))
        else:
            visit = replace(visit, assistant=waived(visit.assistant or {}, way))
    if way.kind == "part":
        one = replace(one, parts={**one.parts, subject: one.parts.get(subject, 0) + way.amount})
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


def waived(needs: Mapping[str, int], way: Relaxation) -> dict[str, int]:
    return {**needs, str(way.subject): needs[str(way.subject)] - way.amount}


def timed(day: Day, orders: dict[str, list[str]]) -> Plan | None:
    routes = [timetable(day, tid, ids) for tid, ids in orders.items() if ids]
    if not all(isinstance(route, Route) for route in routes):
        return None
    served = {visit_id for ids in orders.values() for visit_id in ids}
    rest = tuple(why_unserved(day, visit) for visit in day.visits if visit.id not in served)
    return Plan(day.name, tuple(route for route in routes if isinstance(route, Route)), rest)


def worse(day: Day, left: str, before: Plan, after: Plan, volunteer: str | None) -> list[str]:
    """The promises that are kept worse than before, the asked visit's and the volunteer's left out."""
    found = []
    for visit in day.visits:
        was, now = before.start_of(visit.id), after.start_of(visit.id)
        if visit.promised and was is not None and now is not None and visit.id not in (left, volunteer):
            in_time = any(a <= now <= b for a, b in (*visit.windows, *visit.may_move))
            if not in_time and now > was:
                found.append(visit.id)
    return found
