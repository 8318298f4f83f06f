"""The clock is moved by hand: it stops where something may have changed, and nowhere else."""

from __future__ import annotations

from datetime import timedelta

from dispatch.clock import SetClock
from dispatch.failures.watch import next_at
from dispatch.territories.queries import get_territory
from dispatch.work import Workshop
from tests.worlds import a_quiet_town


def test_a_day_with_time_to_spare_is_looked_at_when_it_gets_late(workshop: Workshop, clock: SetClock) -> None:
    """Nothing can go wrong with a 10:00-12:00 visit before its latest leave, 12:00 - 266 s - 600 s = 11:45:34."""
    world = a_quiet_town(workshop, clock, "Tom", "Uma")
    world.book("Ana Cole", "10:00")
    with world.look() as work:
        look = next_at(work, get_territory(work.session, world.territory.id))
    assert look is not None
    late = world.at("11:45") + timedelta(seconds=34)
    assert timedelta(0) <= look - late <= timedelta(seconds=2)


def test_it_is_looked_at_again_at_each_change(workshop: Workshop, clock: SetClock) -> None:
    world = a_quiet_town(workshop, clock, "Tom", "Uma")
    visit = world.book("Ana Cole", "10:00")
    world.until("11:46")
    assert world.fresh(visit).at_risk_at is not None
    with world.look() as work:
        look = next_at(work, get_territory(work.session, world.territory.id))
    assert look is not None
    assert look <= world.at("11:56")
