"""Nobody is in two places: technicians' time, holds, and who is under way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlmodel import col, or_, select

from dispatch.audit.check import Check, Finding, pick
from dispatch.holds.tables import Hold
from dispatch.ledger import LedgerEntry
from dispatch.plans.tables import Assignment
from dispatch.promises.tables import Promise
from dispatch.visits.states import UNSTARTED, VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class _Busy:
    """A stretch of one technician's time; `subject` is the visit or hold that takes it."""

    technician_id: str
    from_at: dt.datetime
    until_at: dt.datetime
    subject: str
    name: str


class OnePlaceAtATime(Check):
    number = "I-10"
    rule = "No technician is planned in two places at once, the drive there included; live holds count too."
    when_it_fires = (
        "Plan the day again at once. If it stays, give one of the two visits to somebody else by hand and "
        "tell that customer nothing has changed for them, or ring them if it has."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        taken = sorted(
            [*_assigned(work), *_held(work)], key=lambda one: (one.technician_id, one.from_at, one.until_at)
        )
        for technician_id, stretches in groupby(taken, key=lambda one: one.technician_id):
            last: _Busy | None = None
            for one in stretches:
                if last and one.from_at < last.until_at:
                    words = (
                        f"Technician {technician_id} has {one.name} from {one.from_at:%d %b %H:%M} "
                        f"and {last.name} until {last.until_at:%H:%M}."
                    )
                    yield self.finding(one.subject, words)
                last = one if last is None or one.until_at > last.until_at else last


def _assigned(work: Work) -> Iterator[_Busy]:
    """Work not begun yet; what is under way on site follows the clock and no plan."""
    query = (
        pick(Assignment, Visit.reference)
        .join(Visit, col(Visit.id) == col(Assignment.visit_id))
        .where(
            col(Assignment.active),
            col(Assignment.technician_id).is_not(None),
            col(Visit.state).in_(UNSTARTED),
        )
    )
    for row, reference in work.session.exec(query):
        if row.technician_id and row.busy_from_at and row.end_at:
            name = f"visit {reference}"
            yield _Busy(row.technician_id, row.busy_from_at, row.end_at, row.visit_id, name)


def _held(work: Work) -> Iterator[_Busy]:
    query = select(Hold).where(
        Hold.expires_at > work.now,
        col(Hold.consumed_at).is_(None),
        col(Hold.released_at).is_(None),
        col(Hold.technician_id).is_not(None),
    )
    for hold in work.session.exec(query):
        if hold.technician_id and hold.planned_start_at:
            until_at = hold.planned_start_at + dt.timedelta(seconds=hold.duration_seconds)
            name = f"a {hold.purpose} hold"
            yield _Busy(hold.technician_id, hold.planned_start_at, until_at, hold.id, name)


class HoldsEndOnce(Check):
    number = "I-12"
    rule = (
        "A hold ends once: consumed in time by the visit that was promised its window, with an entry in that "
        "visit's record, or released, or by the clock."
    )
    when_it_fires = (
        "Check that the visit's window still has somebody to serve it, and plan its day again. "
        "If two customers were given the same place, ring the second one."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        consumed = _consumed_on_record(work)
        query = (
            pick(Hold, Promise.id)
            .outerjoin(
                Promise,
                (col(Promise.visit_id) == col(Hold.consumed_by_visit_id))
                & (col(Promise.start_at) == col(Hold.start_at))
                & (col(Promise.end_at) == col(Hold.end_at)),
            )
            .where(or_(col(Hold.consumed_at).is_not(None), col(Hold.consumed_by_visit_id).is_not(None)))
        )
        seen: set[str] = set()
        for hold, promise_id in work.session.exec(query):
            if hold.id in seen:
                continue
            seen.add(hold.id)
            sentence = _misused(hold, promise_id, consumed)
            if sentence:
                yield self.finding(hold.id, f"The {hold.purpose} hold for {hold.day} {sentence}")
        late = select(Hold).where(col(Hold.released_at) > col(Hold.expires_at))
        for hold in work.session.exec(late):
            yield self.finding(
                hold.id, f"The {hold.purpose} hold for {hold.day} was released after it ran out."
            )


def _consumed_on_record(work: Work) -> set[tuple[str, str]]:
    query = pick(LedgerEntry.visit_id, LedgerEntry.data).where(LedgerEntry.kind == "hold_ended")
    return {
        (data["hold_id"], visit_id or "")
        for visit_id, data in work.session.exec(query)
        if data["how"] == "consumed"
    }


def _misused(hold: Hold, promise_id: str | None, consumed: set[tuple[str, str]]) -> str | None:
    if hold.consumed_at is None or hold.consumed_by_visit_id is None:
        return "was consumed by nobody, or at no time."
    if hold.released_at is not None:
        return "was both consumed and released."
    if hold.consumed_at >= hold.expires_at:
        return "was consumed after it had run out."
    if promise_id is None:
        return "was consumed by a visit that was never promised its window."
    if (hold.id, hold.consumed_by_visit_id) not in consumed:
        return "was consumed, and the visit's record does not say so."
    return None


class OneDoorAtATime(Check):
    number = "I-15"
    rule = "A technician is on site with one visit at most, and whoever is under way is somebody."
    when_it_fires = (
        "Ring the technician: where are you? Finish or stand down the other visit, and look at whether its "
        "customer is still waiting."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        row = Visit
        query = pick(row.id, row.reference, row.state, row.technician_id).where(
            col(row.state).in_((VisitState.EN_ROUTE, VisitState.ON_SITE))
        )
        at: dict[str, str] = {}
        for visit_id, reference, state, technician_id in work.session.exec(query.order_by(col(row.id))):
            if technician_id is None:
                if state is VisitState.EN_ROUTE:
                    yield self.finding(visit_id, f"Nobody is on the way to visit {reference}.")
            elif state is VisitState.ON_SITE and technician_id in at:
                words = (
                    f"Technician {technician_id} is on site at visits {at[technician_id]} and {reference}."
                )
                yield self.finding(visit_id, words)
            elif state is VisitState.ON_SITE:
                at[technician_id] = reference
