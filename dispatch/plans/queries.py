"""Finding plans, the day they queue on, and where visits stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from dispatch.errors import NotFound
from dispatch.plans.states import OPEN, ProposalState
from dispatch.plans.tables import Assignment, Plan, PlanDay, PlanState, Proposal
from dispatch.store import inserting


def find_day(session: Session, territory_id: str, day: date) -> PlanDay | None:
    return session.get(PlanDay, (territory_id, day))


def lock_day(session: Session, territory_id: str, day: date) -> PlanDay:
    """The day's row, fresh, and nobody else's until the work is committed; made here when there is none, and
    locked once in a work, however many of its steps ask.

    The insert that may find a row already there is what two first bookings of a day queue on.
    """
    session.flush()
    locked: set[tuple[str, date]] = session.info.setdefault("locked days", set())
    if (territory_id, day) in locked:
        return session.get_one(PlanDay, (territory_id, day))
    locked.add((territory_id, day))
    found = _take_day(session, territory_id, day)
    if found is None:
        blank = {"territory_id": territory_id, "day": day, "version": 0, "row_version": 1}
        session.execute(inserting(session, PlanDay).values(blank).on_conflict_do_nothing())
        found = _take_day(session, territory_id, day)
        assert found is not None, "nobody deletes a day"
    return found


def _take_day(session: Session, territory_id: str, day: date) -> PlanDay | None:
    return session.get(PlanDay, (territory_id, day), populate_existing=True, with_for_update=True)


def current_plan(session: Session, territory_id: str, day: date) -> Plan | None:
    query = select(Plan).where(
        Plan.territory_id == territory_id, Plan.day == day, Plan.state == PlanState.PUBLISHED
    )
    return session.exec(query).one_or_none()


def list_versions(session: Session, territory_id: str, day: date) -> Sequence[Plan]:
    query = select(Plan).where(Plan.territory_id == territory_id, Plan.day == day)
    return session.exec(query.order_by(col(Plan.version))).all()


def get_version(session: Session, territory_id: str, day: date, version: int) -> Plan:
    query = select(Plan).where(Plan.territory_id == territory_id, Plan.day == day, Plan.version == version)
    return session.exec(query).one()


def last_of_causes(session: Session, territory_id: str, day: date, causes: Collection[str]) -> Plan | None:
    """The newest version that was published for one of `causes`."""
    query = select(Plan).where(
        Plan.territory_id == territory_id, Plan.day == day, col(Plan.cause).in_(causes)
    )
    return session.exec(query.order_by(col(Plan.version).desc()).limit(1)).first()


def assignments_of(session: Session, visit_ids: Collection[str]) -> dict[str, Assignment]:
    query = select(Assignment).where(col(Assignment.visit_id).in_(visit_ids))
    return {row.visit_id: row for row in session.exec(query)}


def find_assignment(session: Session, visit_id: str) -> Assignment | None:
    return session.get(Assignment, visit_id)


def days_of(session: Session, technician_id: str, *, after: date) -> Sequence[date]:
    """The days after `after` on which something stands with this technician."""
    query = select(col(Assignment.day)).where(
        Assignment.technician_id == technician_id, col(Assignment.active), Assignment.day > after
    )
    return session.exec(query.distinct().order_by(col(Assignment.day))).all()


def days_with_work(session: Session, territory_id: str, *, from_day: date) -> Sequence[date]:
    """The days from `from_day` on to which visits of the territory are planned, or left out of the plan."""
    query = select(col(Assignment.day)).where(
        Assignment.territory_id == territory_id, col(Assignment.active), Assignment.day >= from_day
    )
    return session.exec(query.distinct().order_by(col(Assignment.day))).all()


def list_left_out(session: Session, territory_id: str, day: date) -> Sequence[Assignment]:
    """What stands with nobody."""
    query = select(Assignment).where(
        Assignment.territory_id == territory_id,
        Assignment.day == day,
        col(Assignment.active),
        col(Assignment.technician_id).is_(None),
    )
    return session.exec(query.order_by(col(Assignment.visit_id))).all()


def next_replan_at(session: Session, now: datetime) -> datetime | None:
    query = select(PlanDay.replan_at).where(col(PlanDay.replan_at) > now)
    return session.exec(query.order_by(col(PlanDay.replan_at))).first()


def days_due(session: Session, now: datetime) -> Sequence[PlanDay]:
    """Days that somebody asked to be planned again, the ask being old enough."""
    query = select(PlanDay).where(col(PlanDay.replan_at).is_not(None), col(PlanDay.replan_at) <= now)
    return session.exec(query.order_by(col(PlanDay.replan_at))).all()


def get_proposal(session: Session, territory_id: str, day: date, proposal_id: str) -> Proposal:
    """The proposal of that territory and day. Raises NotFound, for somebody else's too."""
    proposal = session.get(Proposal, proposal_id)
    if proposal is None or (proposal.territory_id, proposal.day) != (territory_id, day):
        raise NotFound("There is no such proposal.")
    return proposal


def lock_proposal(session: Session, proposal_id: str) -> Proposal:
    """Fresh, and nobody else's until the work is committed; whoever also takes the day takes the day first."""
    session.flush()
    return session.get_one(Proposal, proposal_id, populate_existing=True, with_for_update=True)


def find_open_proposal(session: Session, territory_id: str, day: date) -> Proposal | None:
    """The one that is searched for, or waits for a dispatcher."""
    query = select(Proposal).where(
        Proposal.territory_id == territory_id, Proposal.day == day, col(Proposal.state).in_(OPEN)
    )
    return session.exec(query).one_or_none()


def list_proposals(session: Session, territory_id: str, day: date, *, limit: int) -> Sequence[Proposal]:
    """The open one, then the newest first."""
    query = select(Proposal).where(Proposal.territory_id == territory_id, Proposal.day == day)
    query = query.order_by(
        col(Proposal.state).in_(OPEN).desc(), col(Proposal.asked_at).desc(), col(Proposal.id).desc()
    )
    return session.exec(query.limit(limit)).all()


def list_searching(session: Session) -> Sequence[Proposal]:
    """Those that somebody waits for, the longest first."""
    query = select(Proposal).where(Proposal.state == ProposalState.SEARCHING)
    return session.exec(query.order_by(col(Proposal.asked_at), col(Proposal.id))).all()
