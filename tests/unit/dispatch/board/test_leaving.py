"""Who must set out next, on both databases. A kilometre takes 120 s + 146.25 s, and each starts at home."""

from __future__ import annotations

from dispatch.board.leaving import Leaving, leaving
from dispatch.board.story import moved_from
from dispatch.clock import SetClock
from dispatch.field.actions import arrive, call_out, leave
from dispatch.technicians.tables import AbsenceKind
from dispatch.territories.tables import Territory
from dispatch.work import Workshop
from tests.worlds import World, a_quiet_town, one_van_two_visits


def seen(world: World) -> list[Leaving]:
    with world.look() as work:
        return leaving(work, work.session.get_one(Territory, world.territory.id))


def test_the_next_visit_only_and_until_when(workshop: Workshop, clock: SetClock) -> None:
    """Tom drives 267 s to Ana, whose window ends at ten: he must leave by 09:55:33. Ben comes later."""
    world, ana, _ = one_van_two_visits(workshop, clock)
    (tom,) = seen(world)
    assert (tom.technician, tom.customer, tom.visit_id) == ("Tom", "Ana Cole", ana.id)
    assert f"{tom.leave_by_at:%H:%M:%S}" == "09:55:33"
    assert tom.window_end_at == world.at("10:00")


def test_whoever_is_on_the_way_or_too_late_is_not_among_them(workshop: Workshop, clock: SetClock) -> None:
    world, ana, ben = one_van_two_visits(workshop, clock)
    world.clock.at = world.at("08:00")
    with world.as_technician("Tom") as (work, tom):
        leave(work, tom, ana.id)
    assert seen(world) == []
    world.clock.at = world.at("08:05")
    with world.as_technician("Tom") as (work, tom):
        arrive(work, tom, ana.id)
    assert [one.visit_id for one in seen(world)] == [ben.id]  # at work there, then on to Ben
    world.clock.at = world.at("11:58")
    assert seen(world) == []


def test_the_absent_are_not_waited_for_and_their_visits_went_elsewhere(
    workshop: Workshop, clock: SetClock
) -> None:
    world = a_quiet_town(workshop, clock, "Tom", "Uma")
    ana = world.book("Ana Cole", "08:00")
    comes = world.who_comes(ana)
    other = "Uma" if comes == "Tom" else "Tom"
    since = world.clock.at
    with world.as_technician(comes) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    assert [one.technician for one in seen(world)] == [other]
    with world.look() as work:
        moved = moved_from(work.session, world.technicians[comes].id, since, None)
        assert moved == [(ana.id, world.technicians[other].id)]
        assert moved_from(work.session, world.technicians[other].id, since, None) == []
        assert moved_from(work.session, world.technicians[comes].id, since, since) == []
