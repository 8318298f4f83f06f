"""What broke, as plain values: recoveries know the hole and the cause, never the failure's own code."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlmodel import Session

from dispatch.recoveries.tables import Recovery


@dataclass(frozen=True, slots=True)
class Cause:
    kind: str
    company_fault: bool
    promise_version: int
    technician_id: str | None


def cause_of(session: Session, recovery: Recovery) -> Cause:
    """The failure behind a recovery, read by name: `failures` stands above this package."""
    query = text("SELECT kind, fault, promise_version, technician_id FROM failures WHERE id = :id")
    kind, fault, version, technician_id = (
        session.connection().execute(query, {"id": recovery.failure_id}).one()
    )
    return Cause(kind, fault == "company", version, technician_id)
