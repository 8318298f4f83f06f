"""The search against the exact optimum of a hundred small days, and what must never make a day dearer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from optimizer import Budget, Day, Technician, Visit
from optimizer.published import published_orders
from optimizer.search import Searcher
from tests.unit.optimizer.exact import optimum
from tests.unit.optimizer.worlds import HOUR, MINUTE, a_day, a_technician, a_visit, at, lunch, told

ENOUGH = Budget(iterations=3_000)
DAYS = 100


def a_small_day(seed: int) -> Day:
    """Two or three technicians and five visits on the line, with more work than fits comfortably."""
    chance = Random(seed)
    people = [_somebody(chance, name) for name in ("ann", "bob", "cas")[: chance.randint(2, 3)]]
    return a_day(*people, *(_something(chance, f"v{i}") for i in range(1, 6)))


def _somebody(chance: Random, name: str) -> Technician:
    return a_technician(
        name,
        ready_location=chance.randint(0, 9),
        end_location=chance.choice((None, 0, 9)),
        shift=(at("8:00"), at("10:00") + chance.randint(0, 4) * HOUR),
        overtime_until=at("16:00"),
        skills={"gas": chance.randint(0, 2)},
        breaks=(lunch(),) if chance.random() < 0.5 else (),
    )


def _something(chance: Random, name: str) -> Visit:
    begin = at("8:00") + chance.randint(0, 10) * 30 * MINUTE
    promised = chance.random() < 0.6
    return a_visit(
        name,
        location=chance.randint(0, 9),
        state="promised" if promised else "new",
        windows=((begin, begin + chance.randint(1, 4) * 30 * MINUTE),),
        duration=chance.randint(1, 4) * 20 * MINUTE,
        skills={"gas": chance.randint(0, 2)} if chance.random() < 0.5 else {},
        priority=chance.randint(1, 3),
        planned=told(chance.choice(("ann", "bob")), "9:00") if promised and chance.random() < 0.5 else None,
    )


def found(day: Day) -> float:
    searcher = Searcher(day, published_orders(day), seed=1)
    searcher.run(ENOUGH)
    return searcher.cost


def test_the_search_finds_the_best_plan_of_every_day() -> None:
    missed = []
    for seed in range(DAYS):
        day = a_small_day(seed)
        best, mine = optimum(day), found(day)
        assert mine >= best - 1e-3
        if mine > best + 1e-3:
            missed.append((seed, mine, best))
    assert missed == []


def one_more_technician(day: Day) -> Day:
    return replace(day, technicians=(*day.technicians, a_technician("dan", skills={"gas": 1})))


def wider_windows(day: Day) -> Day:
    """Half an hour more at the end, where a later start within the promise costs nothing more."""
    wider = ((v.windows[0][0], v.windows[0][1] + 30 * MINUTE) for v in day.visits)
    return replace(
        day, visits=tuple(replace(v, windows=(w,)) for v, w in zip(day.visits, wider, strict=True))
    )


def no_skills_needed(day: Day) -> Day:
    return replace(day, visits=tuple(replace(v, skills={}) for v in day.visits))


@pytest.mark.parametrize("change", [one_more_technician, wider_windows, no_skills_needed])
def test_an_easier_day_is_never_dearer(change: Callable[[Day], Day]) -> None:
    """By the truth, and by the search."""
    for seed in range(12):
        day = a_small_day(seed)
        easier = change(day)
        assert optimum(easier) <= optimum(day)
        assert found(easier) <= found(day) + 1e-3
