"""Where technicians were: kept only of their shifts, and not for long."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from sqlmodel import col, func, select

from dispatch.audit.calendar import offices
from dispatch.audit.check import Check, Finding, pick
from dispatch.ledger import LedgerEntry
from dispatch.local_time import local_day
from dispatch.technicians.queries import weeks_of
from dispatch.technicians.rules import working_day
from dispatch.technicians.signs_of_life import POSITIONS_KEPT
from dispatch.technicians.tables import OvertimeGrant, Position, Technician
from dispatch.work import Work

A_DAY = dt.timedelta(days=1)  # they go once a day


class LocatedOnShiftOnly(Check):
    number = "I-39"
    rule = "Positions are of technicians on shift, and none is older than 60 days."
    when_it_fires = (
        "Delete these positions. Old ones mean that the job `keeping` does not run: the log and `/healthz` say why. "
        "Ones outside a shift mean that something writes them around the application: stop it, and tell the technician."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        old = work.now - POSITIONS_KEPT - A_DAY
        for id in work.session.exec(select(Position.id).where(Position.at < old).order_by(col(Position.id))):
            yield self.finding(id, "This position is older than 60 days.")
        yield from self._off_shift(work)

    def _off_shift(self, work: Work) -> Iterator[Finding]:
        """By the hours as they are now: what was noted under other hours is not judged."""
        places, granted, changed = offices(work), _granted(work), _hours_changed(work)
        crew = dict(work.session.exec(pick(Technician.id, Technician.territory_id)).all())
        weeks = {
            id: {shift.weekday: shift for shift in week} for id, week in weeks_of(work.session, crew).items()
        }
        query = pick(Position.id, Position.technician_id, Position.at).order_by(col(Position.id))
        for id, who, at in work.session.exec(query):
            office = places.get(crew.get(who, ""))
            if office is None or at <= changed.get(who, dt.datetime.min.replace(tzinfo=dt.UTC)):
                continue
            day = local_day(at, office.zone)
            shift = weeks.get(who, {}).get(day.weekday())
            hours = working_day(shift, day, office.zone) if shift else None
            if hours is None or not (
                hours.start_at <= at <= hours.overtime_until_at + dt.timedelta(seconds=granted[who, day])
            ):
                yield self.finding(id, f"A technician was located at {at:%d %b %H:%M}, outside their shift.")


def _granted(work: Work) -> dict[tuple[str, dt.date], int]:
    found: dict[tuple[str, dt.date], int] = defaultdict(int)
    for grant in work.session.exec(select(OvertimeGrant)):
        found[grant.technician_id, grant.day] += grant.seconds
    return found


def _hours_changed(work: Work) -> dict[str, dt.datetime]:
    """When each technician's weekly hours were last set anew, by the ledger."""
    who = col(LedgerEntry.data)["technician_id"].as_string()
    query = pick(who, func.max(LedgerEntry.at)).where(LedgerEntry.kind == "hours_set").group_by(who)
    return dict(work.session.exec(query).all())
