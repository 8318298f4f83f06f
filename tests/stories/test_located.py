"""Tom is located on shift only; he says when not, and that is neither silence nor his fault."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import select

from dispatch.board.snapshot import snapshot
from dispatch.clock import SetClock
from dispatch.errors import StateConflict
from dispatch.events import LocatingPaused
from dispatch.field.actions import be_at, call_out, go_on_locating, stop_locating
from dispatch.ledger import LedgerEntry
from dispatch.technicians.locating import locating
from dispatch.technicians.queries import newest_positions
from dispatch.technicians.tables import AbsenceKind, Position, Technician
from dispatch.travel.apart import metres_apart
from dispatch.travel.port import OffRoad, Point
from dispatch.travel.straight import StraightLine
from dispatch.work import Workshop
from tests.builders import near
from tests.worlds import World, one_van_two_visits


def state(world: World) -> str:
    with world.look() as work:
        return locating(work, work.session.get_one(Technician, world.technicians["Tom"].id)).state


def positions(world: World) -> int:
    with world.look() as work:
        return len(work.session.exec(select(Position)).all())


def is_kept(world: World, km: float = 1) -> bool:
    with world.as_technician("Tom") as (work, tom):
        return be_at(work, tom, near(km_east=km), at=work.now)


def test_from_the_shift_s_beginning_to_its_end(workshop: Workshop, clock: SetClock) -> None:
    world, _, _ = one_van_two_visits(workshop, clock)
    assert (state(world), is_kept(world)) == ("off", False)
    clock.at = world.at("08:00")
    assert (state(world), is_kept(world)) == ("on", True)
    clock.at = world.at("18:59")
    assert (state(world), is_kept(world)) == ("on", True)
    clock.at = world.at("19:01")  # overtime ends at 19:00
    assert (state(world), is_kept(world)) == ("off", False)
    assert positions(world) == 2


def test_a_pause_lasts_until_he_goes_on(workshop: Workshop, clock: SetClock) -> None:
    world, _, _ = one_van_two_visits(workshop, clock)
    clock.at = world.at("09:00")
    assert is_kept(world)
    with world.as_technician("Tom") as (work, tom):
        stop_locating(work, tom, "At the doctor's")
    assert (state(world), is_kept(world)) == ("paused", False)
    with pytest.raises(StateConflict, match="not located already"), world.as_technician("Tom") as (work, tom):
        stop_locating(work, tom)
    clock.at = world.at("09:30")
    with world.as_technician("Tom") as (work, tom):
        go_on_locating(work, tom)
        assert tom.pause_reason == ""
        assert not be_at(
            work, tom, near(km_east=1), at=world.at("09:10")
        )  # what the phone kept from the pause
    assert (state(world), is_kept(world)) == ("on", True)
    assert positions(world) == 2


def test_a_pause_ends_with_the_shift(workshop: Workshop, clock: SetClock) -> None:
    world, _, _ = one_van_two_visits(workshop, clock)
    clock.at = world.at("16:00")
    with world.as_technician("Tom") as (work, tom):
        stop_locating(work, tom)
    clock.at = world.at("19:30")
    assert state(world) == "off"
    with pytest.raises(StateConflict, match="not on shift"), world.as_technician("Tom") as (work, tom):
        stop_locating(work, tom)
    clock.at = world.at("08:30").replace(day=3)
    assert (state(world), is_kept(world)) == ("on", True)


def test_who_called_out_sick_is_not_located(workshop: Workshop, clock: SetClock) -> None:
    world, _, _ = one_van_two_visits(workshop, clock)
    clock.at = world.at("08:30")
    with world.as_technician("Tom") as (work, tom):
        call_out(work, tom, AbsenceKind.SICK)
    clock.at = world.at("08:40")
    assert (state(world), is_kept(world)) == ("off", False)


def test_the_office_sees_a_pause_and_no_place(workshop: Workshop, clock: SetClock) -> None:
    world, _, _ = one_van_two_visits(workshop, clock)
    clock.at = world.at("08:30")
    assert is_kept(world, km=5)
    with world.as_technician("Tom") as (work, tom):
        stop_locating(work, tom, "Lunch")
    with world.look() as work:
        [row] = snapshot(work, world.territory, clock.at.date()).crew
        assert (row.paused_at, row.pause_reason, row.silent_since_at) == (clock.at, "Lunch", None)
        [entry] = work.session.exec(
            select(LedgerEntry).where(LedgerEntry.kind == LocatingPaused.kind())
        ).all()
        assert "Lunch" not in str(entry.data)  # no reason of anybody's in the ledger


def test_in_a_pause_nobody_falls_silent(workshop: Workshop, clock: SetClock) -> None:
    """Without the pause he would, as the next test says: asked to leave, no answer, not seen to move."""
    world, ana, _ = one_van_two_visits(workshop, clock)
    world.until("09:30")
    with world.as_technician("Tom") as (work, tom):
        stop_locating(work, tom)
    world.until("09:58")
    with world.look() as work:
        assert work.session.get_one(Technician, world.technicians["Tom"].id).silent_since_at is None
    world.until("10:01")  # the window is over all the same, and that is noticed
    assert "failure_noticed" in world.facts(ana)


def test_without_a_pause_he_falls_silent(workshop: Workshop, clock: SetClock) -> None:
    world, _, _ = one_van_two_visits(workshop, clock)
    world.until("09:58")
    with world.look() as work:
        assert work.session.get_one(Technician, world.technicians["Tom"].id).silent_since_at is not None


class Mapped(StraightLine):
    """Roads end fifty kilometres from the middle."""

    def seconds(self, origin: Point, destination: Point) -> int:
        if metres_apart(near(), destination) > 50_000:
            raise OffRoad(1, 50_000.0, limit_metres=500.0)
        return super().seconds(origin, destination)


def test_a_place_without_a_road_is_kept_and_not_believed(workshop: Workshop, clock: SetClock) -> None:
    """Planning from it would end every look at the day: no drive begins there."""
    world, _, _ = one_van_two_visits(replace(workshop, travel=Mapped()), clock)
    clock.at = world.at("08:30")
    assert is_kept(world, km=60)
    with world.look() as work:
        assert [one.is_suspicious for one in work.session.exec(select(Position))] == [True]
        assert newest_positions(work.session, [world.technicians["Tom"].id], world.at("08:00")) == {}
