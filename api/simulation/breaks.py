"""What goes wrong in a played day: at the times that the script says, or by itself while somebody watches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from api.simulation.client import Caller
from api.simulation.people import instant
from api.simulation.technicians import Technician

FIRST, SECOND = timedelta(minutes=30), timedelta(minutes=150)  # of the day: half a minute of watching at 60x
SILENT, SICK, VAN = "technician_silent", "technician_sick", "van_down"

Tell = Callable[[datetime, str], None]


class Breaks:
    """`planned` is what happens when; each is done to whoever is missed soonest at that time."""

    def __init__(self, panel: Caller, crew: Sequence[Technician], tell: Tell) -> None:
        self._panel, self._crew, self._tell = panel, crew, tell
        self.planned: list[tuple[datetime, str]] = []

    def plan_for_watching(self, now: datetime) -> None:
        """Nobody needs to touch anything to see the chain."""
        self.planned = [(now + FIRST, SILENT), (now + SECOND, VAN)]

    def act(self, now: datetime) -> None:
        for at, kind in list(self.planned):
            victim = pick(self._crew, now) if now >= at else None
            if victim:
                self.planned.remove((at, kind))
                self._tell(now, f"*** {kind.replace('_', ' ')}: {victim.name} ***")
                self._panel.post("/dev/break", {"kind": kind, "technician": victim.id})


def pick(crew: Sequence[Technician], now: datetime) -> Technician | None:
    """Whoever is missed soonest: not on the way yet, and the window ends before anybody else's."""
    found = [
        (instant(stop["visit"]["end_at"]), -instant(stop["start_at"]).timestamp(), one.id, one)
        for one in crew
        if (stop := one.next_stop) and not (one.is_out or one.silent_since or one.is_driving)
        if stop["leave_at"] and instant(stop["leave_at"]) > now
    ]
    return min(found)[3] if found else None
