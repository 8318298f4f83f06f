"""What every answer of the optimizer is held to: legal by both judges, and nobody's kept promise pays for it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from optimizer import Day, Limits, Plan, check, day_to_json, plan_to_json
from optimizer.linked.anchored import unlinked
from tests.unit.optimizer.random_days import days, goes_beyond
from tests.unit.optimizer.worlds import find_judge

JUDGE = find_judge()


def assert_legal(day: Day, plan: Plan) -> None:
    """Our judge finds nothing; the one beside the checkout, where there is one, agrees to the cent.

    That one knows nothing of docs/optimizer.md: a day that goes beyond dayfile.md only we can judge.
    """
    ours = check(day, plan)
    assert ours.errors == ()
    if JUDGE is not None and not goes_beyond(day):
        theirs = JUDGE.judge(day_to_json(day), plan_to_json(plan))
        assert theirs["errors"] == []
        assert (theirs["cost"], theirs["soft_cost"]) == (ours.cost, ours.soft_cost)


def uncapped(**kinds: int) -> st.SearchStrategy[Day]:
    """Days without limits: for their sake a repair may leave undone what was kept before."""
    return days(**kinds).map(lambda day: replace(day, limits=Limits()))


def kept_promises(day: Day, plan: Plan) -> set[str]:
    """The promised visits that start inside their window or one they agreed to."""
    begun = {visit.id: plan.start_of(visit.id) for visit in day.visits if visit.promised}
    return {
        visit_id
        for visit_id, start in begun.items()
        if start is not None
        and any(a <= start <= b for a, b in (*day.visit(visit_id).windows, *day.visit(visit_id).may_move))
    }


def alone(day: Day) -> Day:
    """The day without links between routes, which a single route and the exact model do not know."""
    return replace(day, visits=tuple(map(unlinked, day.visits)))
