"""How likely a promise is to be kept, as the office sees it while the day goes on."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatch.board.chances import Chance, chances_on
from dispatch.clock import SetClock
from dispatch.field.actions import arrive, finish, leave
from dispatch.territories.actions import set_policies
from dispatch.territories.tables import Territory
from dispatch.work import Workshop
from tests.builders import a_service, near
from tests.worlds import World, a_quiet_town, one_van_two_visits

DAY = dt.date(2026, 3, 2)


def seen(world: World, day: dt.date = DAY) -> dict[str, Chance]:
    with world.look() as work:
        return chances_on(work, world.territory, day)


def test_a_quiet_day_is_safe(workshop: Workshop, clock: SetClock) -> None:
    world, ana, ben = one_van_two_visits(workshop, clock)
    found = seen(world)
    assert {id: (one.percent, one.word, one.tight) for id, one in found.items()} == {
        ana.id: (99, "safe", False),
        ben.id: (99, "safe", False),
    }
    assert found[ben.id].middle_at == world.at("10:00"), "nobody comes before the window"
    assert seen(world) == found
    assert seen(world, DAY - dt.timedelta(days=1)) == {}


def test_a_long_job_makes_the_next_promise_tight_before_it_is_at_risk(
    workshop: Workshop, clock: SetClock
) -> None:
    """Ana's boiler takes 135 ± 40 minutes, Ben two kilometres on (412 s) is promised by noon.

    On the way to Ana since 09:10, there at 09:14:26 and with Ben at 11:36: work of 158.7 minutes would still be
    in time, a chance of 76 %. Once he is there, at 09:18, Ben is expected at 11:39:52, and twenty minutes are
    half of the forty: 69 %. The clock rule looks at Ben's own ten minutes alone and says nothing yet.
    """
    world = a_quiet_town(workshop, clock, "Tom")
    with world.as_office() as work:
        boiler = a_service(work, code="boiler", duration_seconds=8100, spread_seconds=2400)
    ana = world.book("Ana Cole", "08:00", service=boiler)
    ben = world.book("Ben Ode", "10:00", place=near(km_north=-1), phone="+12025550144")
    world.until("09:10")
    with world.as_technician("Tom") as (work, technician):
        leave(work, technician, ana.id)
    on_the_way = seen(world)[ben.id]
    assert on_the_way.percent == pytest.approx(76, abs=3)
    assert (on_the_way.word, on_the_way.tight, on_the_way.cause_visit_id) == ("tight", True, ana.id)
    world.until("09:18")
    with world.as_technician("Tom") as (work, technician):
        arrive(work, technician, ana.id)
    world.settle(world.at("09:18"))
    at_work = seen(world)[ben.id]
    assert at_work.percent == pytest.approx(69, abs=3)
    assert (at_work.word, at_work.cause_visit_id) == ("tight", None), "what sways it is under way"
    assert world.fresh(ben).at_risk_at is None
    world.until("10:40")
    with world.as_technician("Tom") as (work, technician):
        finish(work, technician, ana.id)
    assert seen(world)[ben.id].word == "safe"


def test_an_order_without_a_schedule_is_judged_all_the_same(workshop: Workshop, clock: SetClock) -> None:
    """At 09:57 nobody has set out for Ana, 267 s away: only a very quick drive keeps her 10:00. Ben is safe."""
    world, ana, ben = one_van_two_visits(workshop, clock)
    clock.at = world.at("09:57")
    found = seen(world)
    assert (found[ana.id].word, found[ana.id].percent < 20) == ("in danger", True)
    assert found[ben.id].word == "safe"


@pytest.mark.parametrize(("limit", "tight"), [(0, False), (80, True)])
def test_the_limit_is_the_territorys(workshop: Workshop, clock: SetClock, limit: int, tight: bool) -> None:
    world, _, ben = one_van_two_visits(workshop, clock)
    with world.as_office() as work:
        territory = work.session.get_one(Territory, world.territory.id)
        set_policies(work, territory, {"tight_below_percent": limit})
    clock.at = world.at("11:57")
    with world.look() as work:
        found = chances_on(work, work.session.get_one(Territory, world.territory.id), DAY)
    assert (found[ben.id].word, found[ben.id].tight) == ("in danger", tight)
