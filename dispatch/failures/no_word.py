"""Days that end while somebody is still at the door and has not said how it went: noticed, and a person asks."""

from __future__ import annotations

import datetime as dt

from sqlmodel import select

from dispatch.failures.actions import notice
from dispatch.failures.rules import no_word_since
from dispatch.failures.tables import FailureKind
from dispatch.local_time import instant, local_day, midnight
from dispatch.recoveries.choices import ask_for_person
from dispatch.recoveries.queries import find_open
from dispatch.territories.tables import Territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work


def list_at_work(work: Work, territory: Territory) -> list[tuple[Visit, dt.datetime]]:
    """Every visit that somebody is at, and from when on it would be a failure that nobody says how it went."""
    query = select(Visit).where(Visit.territory_id == territory.id, Visit.state == VisitState.ON_SITE)
    return [(visit, _since(visit, territory)) for visit in work.session.exec(query.order_by(Visit.id))]


def unheard_of(work: Work, territory: Territory) -> list[tuple[Visit, dt.datetime]]:
    """Those for which that time has come."""
    return [(visit, since) for visit, since in list_at_work(work, territory) if since <= work.now]


def notice_no_word(work: Work, territory: Territory) -> None:
    """Nobody knows whether the work was done. Nothing is offered for it: a person asks, at a decent hour."""
    for visit, since in unheard_of(work, territory):
        arrived_at = visit.arrived_at or visit.state_at
        notice(
            work,
            visit,
            FailureKind.NO_WORD,
            noticed_by="day_over",
            certain_at=since,
            evidence={"arrived_at": arrived_at.isoformat()},
        )
        recovery = find_open(work.session, visit.id)
        if recovery:
            ask_for_person(work, recovery, about="no_word", not_before=_decent_hour(work, territory))


def _since(visit: Visit, territory: Territory) -> dt.datetime:
    arrived_at = visit.arrived_at or visit.state_at
    tomorrow = local_day(arrived_at, territory.zone) + dt.timedelta(days=1)
    day_ends_at = midnight(tomorrow, territory.zone)
    return no_word_since(arrived_at, work_seconds=visit.duration_seconds, day_ends_at=day_ends_at)


def _decent_hour(work: Work, territory: Territory) -> dt.datetime:
    """When the first window of today begins: nobody is rung at midnight about yesterday's work."""
    first = territory.policies.clock_time("first_window_at")
    return instant(local_day(work.now, territory.zone), first, territory.zone)
