"""A technician says that they are running late: the rest of the day is looked at in the same breath."""

from __future__ import annotations

import datetime as dt

from dispatch.events import TechnicianLate
from dispatch.failures.watch import watch
from dispatch.plans.turns import take_turn
from dispatch.technicians.signs_of_life import hear_from
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_territory
from dispatch.work import Work


def run_late(work: Work, technician: Technician, free_at: dt.datetime) -> None:
    """Not free before `free_at`, or before their next step. What they cannot reach then is somebody else's, or is told.

    Said of a time that is over, it is a sign of life and nothing more.
    """
    take_turn(work, technician.territory_id)
    hear_from(work, technician, "late")
    if free_at <= work.now:
        return
    technician.busy_until_at = free_at
    work.session.add(technician)
    work.record(TechnicianLate(technician_id=technician.id, free_at=free_at))
    work.session.flush()
    watch(work, get_territory(work.session, technician.territory_id))
