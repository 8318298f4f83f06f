"""The address at which a calendar reads a technician's coming visits: one at a time, secret, taken back at any time."""

from __future__ import annotations

from datetime import timedelta

from dispatch.access.links import LinkKey, issue, newest, revoke
from dispatch.access.tables import Link, Scope
from dispatch.errors import StateConflict
from dispatch.technicians.tables import Technician
from dispatch.work import Work

LASTS = timedelta(days=365)


def make_address(work: Work, key: LinkKey, technician: Technician) -> str:
    """The token of a fresh address; the one before it shows nothing any more.

    Raises StateConflict for somebody who is switched off.
    """
    if not technician.active:
        raise StateConflict("Somebody who is switched off has no calendar here.", current_state="off")
    withdraw_address(work, technician)
    return issue(work, key, Scope.CALENDAR, technician.id, expires_at=work.now + LASTS)


def withdraw_address(work: Work, technician: Technician) -> None:
    """Twice is once."""
    revoke(work, Scope.CALENDAR, technician.id)


def find_address(work: Work, technician: Technician) -> Link | None:
    """The address that a calendar may read now."""
    link = newest(work.session, Scope.CALENDAR, technician.id)
    return link if link and link.revoked_at is None and work.now < link.expires_at else None
