"""The benchmark's made-up territory, and what it counts in an answer to a sick call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer import Day, Plan, Route, Stop, check, repair
from tests.benchmarks.optimizer import recovery, territory
from tests.benchmarks.optimizer.orders import Made, plan_of

SMALL = territory.Size(4, 3, (25, 45))


def _one_each(day: Day) -> dict[str, tuple[str, ...]]:
    """Each technician one visit it can do, so that no search is needed."""
    left = list(day.visits)
    found = {}
    for one in day.technicians:
        visit = next(it for it in left if it.skills.items() <= one.skills.items())
        left.remove(visit)
        found[one.id] = (visit.id,)
    return plan_of(day, found).plan.orders()


def _sick(monkeypatch: pytest.MonkeyPatch, now: int) -> Day:
    orders = _one_each(territory.asked_day(SMALL, 1))
    monkeypatch.setattr(territory, "_orders", lambda size, seed: orders)
    return territory.sick_day(SMALL, 1, out=1, now=now)


def test_spare_places_change_nothing_else() -> None:
    plain, roomy = territory.asked_day(SMALL, 1), territory.asked_day(SMALL, 1, spare=5)
    assert plain.visits == roomy.visits
    assert plain.technicians == roomy.technicians
    assert (plain.travel == roomy.travel[:16, :16]).all()


def test_sick_day_before_work_locks_those_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """At 8:00 everybody sets out: what is driven to is locked, but for the absent one's."""
    day = _sick(monkeypatch, territory.SHIFT[0])
    [absent] = [one for one in day.technicians if one.absent]
    promised = [visit for visit in day.visits if visit.promised]
    assert {one.id for one in promised if not one.locked} <= set(absent.route)
    assert check(day, repair(day)).legal


def test_sick_day_leaves_out_what_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    early, late = _sick(monkeypatch, territory.SHIFT[0]), _sick(monkeypatch, territory.SHIFT[1] + 3600)
    assert [visit for visit in late.visits if visit.promised] == []
    assert all(not one.route for one in late.technicians)
    assert any(visit.promised for visit in early.visits)


def test_untold_answer_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody serves anything: no orphan recovered, every other promise broken, nobody swapped."""
    day = _sick(monkeypatch, territory.SHIFT[0])
    orphans = {visit_id for one in day.technicians if one.absent for visit_id in one.route}
    promised = [visit for visit in day.visits if visit.promised]
    counts = recovery._counts(replace(day, visits=tuple(promised)), Made(Plan(day.name, ())))
    assert (counts["recovered"], counts["orphans"]) == (0, len(orphans))
    assert counts["broken"] == len(promised) - len(orphans)
    assert (counts["swapped"], counts["disturbed"], counts["legal"]) == (0, 0, False)


def test_other_technician_disturbs(monkeypatch: pytest.MonkeyPatch) -> None:
    day = _sick(monkeypatch, territory.SHIFT[0])
    visit = next(one for one in day.visits if one.planned is not None and one.locked)
    assert visit.planned is not None
    start, end = visit.planned.start, visit.planned.start + visit.duration
    stranger = next(one.id for one in day.technicians if one.id != visit.planned.technician)
    plan = Plan(day.name, (Route(stranger, (Stop("visit", visit.id, start, end),), end),))
    counts = recovery._counts(day, Made(plan))
    assert (counts["swapped"], counts["disturbed"]) == (1, 1)
