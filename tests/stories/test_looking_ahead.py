"""The clock is moved by hand: it stops where something may have changed, and nowhere else."""

from __future__ import annotations

from datetime import timedelta

from dispatch.clock import SetClock
from dispatch.failures.watch import next_at
from dispatch.field.actions import arrive, leave
from dispatch.plans.queries import find_assignment
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


def test_who_was_at_work_when_it_got_late_is_asked_when_free(workshop: Workshop, clock: SetClock) -> None:
    """Tom is at Ana's from 11:07, 45 minutes' work; Ben lives there too and is promised until 12:00.

    With a spread of 600 s Ben is at risk at once, while Tom is at work. Tom is asked at 11:52, when he is
    free, and not only when it is too late.
    """
    world = a_quiet_town(workshop, clock, "Tom")
    visits = [world.book("Ana Cole", "10:00"), world.book("Ben Ode", "10:00", phone="+12025550144")]
    with world.look() as work:
        first, second = sorted(visits, key=lambda one: find_assignment(work.session, one.id).start_at)
    for at, step in (("11:00", leave), ("11:07", arrive)):
        world.until(at)
        with world.as_technician("Tom") as (work, tom):
            step(work, tom, first.id)
    world.until("11:51")
    assert world.fresh(second).at_risk_at is not None
    assert "technician_prompted" not in world.facts(second)
    world.until("11:53")
    assert "technician_prompted" in world.facts(second)
