"""Where risk has a price, the search keeps away from the ends of promises. Travel: 10 minutes a step."""

from __future__ import annotations

from optimizer import Budget, Day, Weights
from optimizer.search import Searcher
from tests.unit.optimizer.worlds import MINUTE, a_day, a_technician, a_visit, starts


def on_the_way(risk: float) -> Day:
    """v1 lies on the way to v2, whose promise ends at 9:30; every job may take half an hour more or less."""
    return a_day(
        a_technician("ann"),
        a_visit("v1", duration_spread=30 * MINUTE),
        a_visit("v2", "8:00-9:30", duration_spread=30 * MINUTE),
        weights=Weights(risk=risk),
    )


def searched(day: Day) -> dict[str, str]:
    searcher = Searcher(day, {})
    searcher.run(Budget(iterations=200))
    return starts(searcher.plan())


def test_without_a_price_on_risk_the_shortest_way_is_taken() -> None:
    # v1 at 8:10, v2 at 8:50: 20 minutes of travel
    assert searched(on_the_way(0)) == {"v1": "8:10", "v2": "8:50"}


def test_with_one_the_promise_that_ends_soon_goes_first() -> None:
    """The price rises over the second half of the promise, from 8:45 to 9:30, to half of the risk: at 8:50 it
    is 300 / 2 x 5 / 45 = 16.7, more than the 10 minutes that v2 first costs."""
    assert searched(on_the_way(300)) == {"v2": "8:20", "v1": "9:00"}
    assert searched(on_the_way(100)) == {"v1": "8:10", "v2": "8:50"}
