"""Whether a technician is located now: only on shift, and only while they do not say otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from dispatch.errors import StateConflict
from dispatch.events import LocatingPaused, LocatingResumed
from dispatch.local_time import local_day
from dispatch.technicians.queries import absences_between, overtime_on, shifts_on
from dispatch.technicians.rules import working_day
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_territory
from dispatch.words import clean
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class Locating:
    """What the phone shows: `until_at` is when that ends by itself, `dropped` what it sent and nobody kept."""

    state: Literal["on", "paused", "off"]
    until_at: datetime | None
    dropped: int


def locating(work: Work, technician: Technician) -> Locating:
    hours = _shift_at(work, technician, work.now)
    dropped = technician.positions_dropped
    if hours is None or not hours[0] <= work.now < hours[1]:
        return Locating("off", None, dropped)
    return Locating("paused" if technician.is_paused(work.now) else "on", hours[1], dropped)


def is_on_shift(work: Work, technician: Technician, at: datetime) -> bool:
    """Whether that instant is in their working hours, granted overtime included, and they are not away."""
    hours = _shift_at(work, technician, at)
    return hours is not None and hours[0] <= at <= hours[1]


def _shift_at(work: Work, technician: Technician, at: datetime) -> tuple[datetime, datetime] | None:
    """From when until when they work on that day at the longest; None for a day off, or while away."""
    zone = get_territory(work.session, technician.territory_id).zone
    day = local_day(at, zone)
    shift = shifts_on(work.session, [technician.id], day.weekday()).get(technician.id)
    away = absences_between(work.session, [technician.id], at, at + timedelta(seconds=1))
    if shift is None or any(one.start_at <= at for one in away.get(technician.id, ())):
        return None
    hours = working_day(shift, day, zone)
    more = overtime_on(work.session, [technician.id], day).get(technician.id, 0)
    return hours.start_at, hours.overtime_until_at + timedelta(seconds=more)


def pause(work: Work, technician: Technician, reason: str = "") -> None:
    """Not located any more, until they go on or the shift ends. Raises StateConflict off shift, and in a pause."""
    hours = _shift_at(work, technician, work.now)
    if hours is None or not hours[0] <= work.now < hours[1]:
        raise StateConflict("You are not located now: you are not on shift.", current_state="off_shift")
    if technician.is_paused(work.now):
        raise StateConflict("You are not located already.", current_state="paused")
    technician.paused_at, technician.paused_until_at = work.now, hours[1]
    technician.pause_reason = clean(reason, "reason") if reason.strip() else ""
    work.session.add(technician)
    work.record(LocatingPaused(technician_id=technician.id, until_at=hours[1]))


def resume(work: Work, technician: Technician) -> None:
    """Located again; nothing changes for somebody who is not in a pause."""
    if technician.is_paused(work.now):
        technician.paused_until_at, technician.pause_reason = work.now, ""
        work.session.add(technician)
        work.record(LocatingResumed(technician_id=technician.id))


def see_changes(work: Work, technician: Technician, until: datetime) -> None:
    """What changed on their list up to `until` was read; never takes back what was read before."""
    until = min(until, work.now)
    if technician.changes_seen_at is None or technician.changes_seen_at < until:
        technician.changes_seen_at = until
        work.session.add(technician)
