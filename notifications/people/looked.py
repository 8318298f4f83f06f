"""Who looked at somebody's data: rows by the hour, added to as they come, and told in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from dispatch.access.tables import ApiKey
from dispatch.store import inserting
from dispatch.technicians.tables import Technician
from dispatch.territories.tables import Dispatcher
from dispatch.work import Work
from notifications.people.whose import TABLES, Subject, rows_of

AT_ONCE = 500
SAME = ("object_id", "role", "subject_id", "thing", "hour_at")
NAMES: dict[str, Any] = {"dispatcher": Dispatcher, "technician": Technician, "key": ApiKey}


@dataclass(slots=True)
class Noted:
    """Looks at one thing by one person; `first` and `last` by a watch that never steps."""

    role: str
    subject_id: str
    thing: str
    object_id: str
    first: float
    last: float
    times: int = 1


@dataclass(frozen=True, slots=True)
class Told:
    """`name` is empty for somebody who came by a link."""

    role: str
    name: str
    thing: str
    first_at: datetime
    last_at: datetime
    times: int


def add_looks(work: Work, noted: Sequence[Noted], watch_now: float) -> None:
    """One row for each person, thing and hour: a new one, or one more in its count. Always in the same order, so
    that two processes never wait for each other."""
    rows = sorted((_row(work, one, watch_now) for one in noted), key=lambda row: [row[name] for name in SAME])
    for first in range(0, len(rows), AT_ONCE):
        adding = inserting(work.session, TABLES["looks"]).values(rows[first : first + AT_ONCE])
        kept, new = TABLES["looks"].c, adding.excluded
        work.session.connection().execute(
            adding.on_conflict_do_update(
                index_elements=SAME, set_={"times": kept.times + new.times, "last_at": new.last_at}
            )
        )


def _row(work: Work, noted: Noted, watch_now: float) -> dict[str, Any]:
    first_at = work.now - timedelta(seconds=watch_now - noted.first)
    return {
        "id": work.new_id(),
        "role": noted.role,
        "subject_id": noted.subject_id,
        "thing": noted.thing,
        "object_id": noted.object_id,
        "hour_at": first_at.replace(minute=0, second=0, microsecond=0),
        "first_at": first_at,
        "last_at": work.now - timedelta(seconds=watch_now - noted.last),
        "times": noted.times,
    }


def list_looked(session: Session, who: Subject, limit: int = 50) -> list[Told]:
    """The newest first."""
    looks = TABLES["looks"]
    query = select(looks).where(rows_of(session, who)["looks"]).order_by(looks.c.last_at.desc(), looks.c.id)
    rows = session.connection().execute(query.limit(limit)).all()
    return [
        Told(row.role, _name(session, row), row.thing, row.first_at, row.last_at, row.times) for row in rows
    ]


def _name(session: Session, row: Any) -> str:
    table = NAMES.get(row.role)
    found = session.get(table, row.subject_id) if table else None
    return found.name if found else ""
