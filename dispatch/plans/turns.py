"""One at a time: who changes a territory's today queues on its row, before any visit's own row is taken.

The watch holds the day and then writes visits. Whoever held a visit and then asked for the day would
wait for the watch while the watch waits for them.
"""

from __future__ import annotations

from dispatch.local_time import local_day
from dispatch.plans.queries import lock_day
from dispatch.territories.queries import get_territory
from dispatch.visits.queries import get_visit, lock_visit
from dispatch.visits.tables import Visit
from dispatch.work import Work


def take_turn(work: Work, territory_id: str) -> None:
    """Wait until nobody else changes the territory's today, and keep it until the work is committed."""
    territory = get_territory(work.session, territory_id)
    lock_day(work.session, territory.id, local_day(work.now, territory.zone))


def take_visit(work: Work, visit_id: str) -> Visit:
    """The visit, fresh and nobody else's until the work is committed. Raises NotFound."""
    take_turn(work, get_visit(work.session, visit_id).territory_id)
    return lock_visit(work.session, visit_id)
