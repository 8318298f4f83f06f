"""What changed on a technician's list of today in the last two hours: who came onto it, who left it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from dispatch.customers.queries import get_customer
from dispatch.ledger import LedgerEntry
from dispatch.local_time import local_day
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_territory
from dispatch.visits.queries import get_visit
from dispatch.visits.references import spoken
from dispatch.work import Work

LOOK_BACK = timedelta(hours=2)
PLACED = ("visit_assigned", "visit_left_out")


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    text: str


def list_changes(work: Work, technician: Technician) -> list[Change]:
    """Newest first. A visit left the list when it was theirs and went to somebody else, or was called off."""
    today = local_day(work.now, get_territory(work.session, technician.territory_id).zone)
    mine: dict[str, bool] = {}
    moved: dict[tuple[datetime, bool], list[str]] = {}
    for entry in _entries(work):
        id = entry.visit_id or ""
        before, now = mine.get(id, False), _is_theirs(entry, technician.id, today, mine.get(id, False))
        mine[id] = now
        if now != before and entry.at >= work.now - LOOK_BACK:
            moved.setdefault((entry.at, now), []).append(_named(work, id))
    return [Change(at, _say(came, visits)) for (at, came), visits in reversed(moved.items())]


def _named(work: Work, visit_id: str) -> str:
    """`Ana Cole (4NG-RT3I)`"""
    visit = get_visit(work.session, visit_id)
    return f"{get_customer(work.session, visit.customer_id).name} ({spoken(visit.reference)})"


def _say(came: bool, visits: list[str]) -> str:
    """`New on your list: Ana Cole (4NG-RT3I), Ben Ode (2QG-V66U)`"""
    return f"{'New on' if came else 'Off'} your list: {', '.join(visits)}"


def _is_theirs(entry: LedgerEntry, technician_id: str, today: date, before: bool) -> bool:
    if entry.kind in PLACED:
        return entry.data.get("technician_id") == technician_id and entry.data["day"] == today.isoformat()
    return before and entry.data["to_state"] not in ("cancelled", "closed", "failed")


def _entries(work: Work) -> list[LedgerEntry]:
    """Where visits were placed, and where they ended, since yesterday."""
    query = select(LedgerEntry).where(
        col(LedgerEntry.kind).in_((*PLACED, "visit_stepped")), LedgerEntry.at >= work.now - timedelta(days=1)
    )
    return list(work.session.exec(query.order_by(col(LedgerEntry.seq))))
