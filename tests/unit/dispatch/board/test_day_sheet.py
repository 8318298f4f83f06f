"""A technician's day: until when to leave for each stop. A kilometre takes 120 s + 146.25 s."""

from __future__ import annotations

from dispatch.board.day_sheet import day_sheet
from dispatch.clock import SetClock
from dispatch.field.actions import leave
from dispatch.work import Workshop
from tests.worlds import World, one_van_two_visits


def last_moments(world: World) -> list[str]:
    with world.as_technician("Tom") as (work, tom):
        stops = day_sheet(work, tom).stops
    return [f"{one.leave_by_at:%H:%M:%S}" if one.leave_by_at else "" for one in stops]


def test_for_every_stop_to_come_from_where_the_technician_is_then(
    workshop: Workshop, clock: SetClock
) -> None:
    """From home to Ana one kilometre, whose window ends at ten; two on to Ben, whose window ends at noon."""
    world, ana, _ = one_van_two_visits(workshop, clock)
    assert last_moments(world) == ["09:55:33", "11:53:07"]
    world.until("08:00")
    with world.as_technician("Tom") as (work, tom):
        leave(work, tom, ana.id)
    assert last_moments(world) == ["", "11:53:07"]  # on the way to Ana: nothing to leave by
