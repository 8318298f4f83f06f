"""What changed on a technician's list of today since they last looked: who came, who left, who moved, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from dispatch.customers.queries import get_customer
from dispatch.ledger import LedgerEntry
from dispatch.local_time import local_day, say_window
from dispatch.plans.tables import Plan
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_territory
from dispatch.visits.queries import get_visit
from dispatch.visits.references import spoken
from dispatch.work import Work

LOOK_BACK = timedelta(hours=2)
PLACED = ("visit_assigned", "visit_left_out")
READ = (*PLACED, "visit_stepped", "promise_made")
ENDED = ("cancelled", "closed", "failed")
BY_PLAN = {
    "repair": "to make good what broke today",
    "repair undone": "the office put the routes back",
    "undo": "the office took a better plan back",
    "recovery": "the customer chose this time after a broken promise",
    "booked": "just booked",
    "moved here": "the customer chose this time",
    "moved away": "the customer chose another time",
    "another address": "the customer moved to another address",
    "cancellation undone": "the customer wants the visit after all",
    "declined": "somebody cannot take it",
    "proposal": "the office took a better plan",
    "planning": "the day was planned again",
}
BY_STEP = {
    "cancel": "the customer cancelled",
    "fail": "the promise broke; the customer is looked after",
    "close": "the office closed it",
}
BY_PROMISE = {"customer": "the customer chose it", "office": "the office agreed it", "policy": "kept by rule"}


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    text: str


def list_changes(work: Work, technician: Technician) -> list[Change]:
    """Newest first, since they last said that they had seen it. A visit left the list when it was theirs and went to
    somebody else, or was called off."""
    zone = get_territory(work.session, technician.territory_id).zone
    today, since = local_day(work.now, zone), technician.changes_seen_at or work.now - LOOK_BACK
    mine: dict[str, bool] = {}
    moved: dict[tuple[datetime, str, str], list[str]] = {}
    for entry in _entries(work):
        id = entry.visit_id or ""
        before, now = mine.get(id, False), _is_theirs(entry, technician.id, today, mine.get(id, False))
        mine[id] = now
        if entry.at <= since:
            continue
        if now != before:
            said = ("New on your list" if now else "Off your list", _why(work, technician, entry))
            moved.setdefault((entry.at, *said), []).append(_named(work, id))
        elif now and entry.kind == "promise_made" and entry.data["version"] > 1:
            start, end = (datetime.fromisoformat(entry.data[key]) for key in ("start_at", "end_at"))
            said = (f"Now {say_window(start, end, zone)}", BY_PROMISE.get(entry.data["agreed_by"], ""))
            moved.setdefault((entry.at, *said), []).append(_named(work, id))
    return [Change(at, _say(what, why, visits)) for (at, what, why), visits in reversed(moved.items())]


def _say(what: str, why: str, visits: list[str]) -> str:
    """`New on your list: Ana Cole (4NG-RT3I), Ben Ode (2QG-V66U): just booked`"""
    return ": ".join(part for part in (what, ", ".join(visits), why) if part)


def _named(work: Work, visit_id: str) -> str:
    """`Ana Cole (4NG-RT3I)`"""
    visit = get_visit(work.session, visit_id)
    return f"{get_customer(work.session, visit.customer_id).name} ({spoken(visit.reference)})"


def _why(work: Work, technician: Technician, entry: LedgerEntry) -> str:
    if entry.kind == "visit_stepped":
        return BY_STEP.get(entry.data["signal"], "")
    query = select(Plan.cause).where(
        Plan.territory_id == technician.territory_id,
        Plan.day == date.fromisoformat(entry.data["day"]),
        Plan.version == entry.data["plan_version"],
    )
    return BY_PLAN.get(work.session.exec(query).first() or "", "")


def _is_theirs(entry: LedgerEntry, technician_id: str, today: date, before: bool) -> bool:
    if entry.kind in PLACED:
        return entry.data.get("technician_id") == technician_id and entry.data["day"] == today.isoformat()
    if entry.kind == "visit_stepped":
        return before and entry.data["to_state"] not in ENDED
    return before


def _entries(work: Work) -> list[LedgerEntry]:
    """Where visits were placed, what was promised, and where they ended, since yesterday."""
    query = select(LedgerEntry).where(
        col(LedgerEntry.kind).in_(READ), LedgerEntry.at >= work.now - timedelta(days=1)
    )
    return list(work.session.exec(query.order_by(col(LedgerEntry.seq))))
