"""Making a hold, and ending it: consumed by a booking or given back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from dispatch.errors import SlotTaken
from dispatch.events import HoldEnded, HoldMade
from dispatch.holds.tables import Hold, HoldPurpose
from dispatch.store import BUT_NOT_THE_KEY
from dispatch.travel.port import Point
from dispatch.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be kept: which work, where, in which window."""

    territory_id: str
    service_id: str
    day: date
    start_at: datetime
    end_at: datetime
    place: Point
    duration_seconds: int
    skills: Mapping[str, int]
    parts: Mapping[str, int]
    visit_id: str | None = None


def make_hold(
    work: Work,
    wanted: Wanted,
    purpose: HoldPurpose,
    *,
    expires_at: datetime,
    hold_id: str | None = None,
    technician_id: str | None = None,
    planned_start_at: datetime | None = None,
) -> Hold:
    """Keep capacity until `expires_at`; the caller has found that there is some."""
    hold = Hold(
        id=hold_id or work.new_id(),
        purpose=purpose,
        territory_id=wanted.territory_id,
        service_id=wanted.service_id,
        visit_id=wanted.visit_id,
        held_for=str(work.actor),
        day=wanted.day,
        start_at=wanted.start_at,
        end_at=wanted.end_at,
        lat=wanted.place.lat,
        lng=wanted.place.lng,
        duration_seconds=wanted.duration_seconds,
        skills=dict(wanted.skills),
        parts=dict(wanted.parts),
        technician_id=technician_id,
        planned_start_at=planned_start_at,
        created_at=work.now,
        expires_at=expires_at,
    )
    work.session.add(hold)
    work.session.flush()
    work.record(
        HoldMade(
            visit_id=hold.visit_id,
            hold_id=hold.id,
            purpose=purpose.value,
            start_at=hold.start_at,
            end_at=hold.end_at,
            expires_at=expires_at,
        )
    )
    return hold


def consume(work: Work, hold: Hold, visit_id: str) -> None:
    """A booking uses exactly this hold. Raises SlotTaken when it ran out or was used.

    It is read anew under a lock: two taps may both have seen it live, and only one of them may use it.
    """
    work.session.refresh(hold, with_for_update=BUT_NOT_THE_KEY)
    if not hold.is_live(work.now):
        raise SlotTaken("The time we kept for you has run out. Please choose again.", hold="expired")
    hold.consumed_at, hold.consumed_by_visit_id = work.now, visit_id
    work.session.add(hold)
    work.record(HoldEnded(visit_id=visit_id, hold_id=hold.id, how="consumed"))


def release(work: Work, hold: Hold) -> None:
    """Give the capacity back; a hold that is over stays as it is."""
    if hold.is_live(work.now):
        hold.released_at = work.now
        work.session.add(hold)
        work.record(HoldEnded(visit_id=hold.visit_id, hold_id=hold.id, how="released"))
