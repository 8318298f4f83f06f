"""What broke, as plain values: recoveries know the hole and the cause, never the failure's own code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, String, column, text
from sqlmodel import Session

from dispatch.recoveries.tables import Recovery
from dispatch.store import UtcDateTime


@dataclass(frozen=True, slots=True)
class Cause:
    kind: str
    company_fault: bool
    promise_version: int
    technician_id: str | None
    start_at: datetime


_CAUSE = text(
    "SELECT kind, fault, promise_version, technician_id, start_at FROM failures JOIN promises "
    "ON promises.visit_id = failures.visit_id AND promises.version = failures.promise_version WHERE failures.id = :id"
).columns(
    column("kind", String),
    column("fault", String),
    column("promise_version", Integer),
    column("technician_id", String),
    column("start_at", UtcDateTime),
)


def cause_of(session: Session, recovery: Recovery) -> Cause:
    """The failure behind a recovery, and when the broken window began. Read by name: `failures` stands above this
    package."""
    found = session.connection().execute(_CAUSE, {"id": recovery.failure_id}).one()
    return Cause(
        found.kind, found.fault == "company", found.promise_version, found.technician_id, found.start_at
    )
