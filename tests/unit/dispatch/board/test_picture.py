"""The day as bars on lines: what has happened counts, not what was planned."""

from __future__ import annotations

import datetime as dt

from dispatch.board.picture import Picture, picture
from dispatch.board.snapshot import snapshot
from dispatch.clock import SetClock
from dispatch.field.actions import arrive, finish, leave
from dispatch.work import Workshop
from tests.worlds import World, one_van_two_visits


def drawn(world: World, day: dt.date | None = None) -> Picture:
    with world.look() as work:
        return picture(work, world.territory, snapshot(work, world.territory, day))


def test_bars_follow_the_steps_and_not_the_plan(workshop: Workshop, clock: SetClock) -> None:
    world, ana, ben = one_van_two_visits(workshop, clock)
    bars = {bar.visit_id: bar for bar in drawn(world).bars}
    drive, work_time = (
        bars[ana.id].start_at - bars[ana.id].leave_at,
        bars[ana.id].end_at - bars[ana.id].start_at,
    )
    assert bars[ana.id].leave_at == world.at(
        "08:00"
    )  # the shift begins; a kilometre is 147 s, and 120 s to the door
    assert drive == dt.timedelta(seconds=267)
    for at, step in (("08:10", leave), ("08:30", arrive), ("09:20", finish)):
        world.until(at)
        with world.as_technician("Tom") as (work, technician):
            step(work, technician, ana.id)
        bar = next(one for one in drawn(world).bars if one.visit_id == ana.id)
        assert bar.leave_at == world.at("08:10")
        assert bar.start_at == (world.at("08:10") + drive if step is leave else world.at("08:30"))
        assert bar.end_at == (world.at("09:20") if step is finish else bar.start_at + work_time)
    assert bars[ben.id].technician_id == world.technicians["Tom"].id


def test_nobody_is_anywhere_on_another_day(workshop: Workshop, clock: SetClock) -> None:
    world, ana, _ = one_van_two_visits(workshop, clock)
    world.until("08:10")
    with world.as_technician("Tom") as (work, technician):
        leave(work, technician, ana.id)
    (tom,) = drawn(world).crew
    assert (tom.state, tom.where is None) == ("driving", False)
    (tom,) = drawn(world, dt.date(2026, 3, 3)).crew
    assert (tom.state, tom.where) == ("free", None)
