"""A storm, a garage that burns: many technicians out at once. Who is told what, seen before anybody is told.

What keeps its promise by somebody else moves; what can be made good today is offered; the others are released
honestly: other days are offered at once, instead of a call for each that nobody could make.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from dispatch.customers.queries import customers_of
from dispatch.errors import Invalid, NotFound, StateConflict
from dispatch.events import TroubleAsked, TroubleDecided
from dispatch.failures.actions import notice
from dispatch.failures.tables import FailureKind
from dispatch.failures.watch import watch
from dispatch.field.actions import out_from_now
from dispatch.field.tables import Trouble, TroubleState
from dispatch.local_time import local_day, say_window
from dispatch.plans.problem import load_problem, today
from dispatch.plans.queries import assignments_of
from dispatch.plans.turns import take_turn
from dispatch.promises.queries import current_promises
from dispatch.recoveries.decisions import go_ahead, not_today
from dispatch.recoveries.making_good import make_good
from dispatch.recoveries.queries import last_offers, newest_recoveries
from dispatch.recoveries.states import RecoveryState
from dispatch.recoveries.tables import Recovery
from dispatch.technicians.queries import list_technicians
from dispatch.technicians.tables import AbsenceKind, Technician
from dispatch.territories.tables import Territory
from dispatch.visits.queries import list_visits
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.words import clean
from dispatch.work import Work

KEPT_FOR = dt.timedelta(hours=12)


class What(StrEnum):
    """What becomes of a visit; the later ones are told first where the hour is the same."""

    KEPT = "kept"  # somebody else comes in the promised window
    LATER_TODAY = "later_today"  # a time today is offered
    ANOTHER_DAY = "another_day"  # released: other days are offered
    PERSON = "person"  # nobody knows yet: a named person decides


@dataclass(frozen=True, slots=True)
class Told:
    """One customer, in the order in which they are told: whose window begins first."""

    visit_id: str
    customer: str
    window_text: str
    what: What
    says: str


def foresee(
    work: Work,
    territory: Territory,
    technician_ids: Collection[str],
    kind: AbsenceKind,
    end_at: dt.datetime | None,
) -> list[Told]:
    """What it would mean, found by doing it and taking all of it back: nothing is written.

    Who would be offered another day is not searched for one: that comes when it is done. Raises Invalid for nobody,
    and for an end that has passed.
    """
    out = _crew_of(work.session, territory, technician_ids)
    _require_sound(work, out, end_at)
    take_turn(work, territory.id)
    with work.only_supposed():
        concerned = _leave(work, territory, out, kind, end_at)
        return list(_told(work, territory, concerned))


def ask(
    work: Work,
    territory: Territory,
    technician_ids: Collection[str],
    kind: AbsenceKind,
    end_at: dt.datetime | None,
    *,
    reason: str,
) -> Trouble:
    """Do it, or keep it for a second person where more people than the policy allows would be told.

    Raises Invalid as `foresee` does.
    """
    kept = clean(reason, "reason", limit=300)
    told = foresee(work, territory, technician_ids, kind, end_at)
    people = sum(one.what is not What.KEPT for one in told)
    trouble = Trouble(
        id=work.new_id(),
        territory_id=territory.id,
        kind=kind,
        technician_ids=sorted(technician_ids),
        end_at=end_at,
        reason=kept,
        people=people,
        told=[_as_json(one) for one in told],
        state=TroubleState.ASKED,
        asked_by=work.actor.id,
        asked_at=work.now,
    )
    work.session.add(trouble)
    work.session.flush()
    work.record(TroubleAsked(trouble_id=trouble.id, technicians=len(trouble.technician_ids), people=people))
    if people <= territory.policies.approval_above_people:
        _carry_out(work, territory, trouble)
    return trouble


def approve(work: Work, territory: Territory, trouble_id: str) -> Trouble:
    """The second person's yes: it is done as the day stands now. Raises StateConflict for the first person's own
    yes, for what was decided already, and for what was asked too long ago."""
    trouble = _waiting(work, territory, trouble_id)
    if trouble.asked_by == work.actor.id:
        words = "You asked for this yourself: somebody else must look at it and say yes."
        raise StateConflict(words, current_state=trouble.state.value)
    _carry_out(work, territory, trouble)
    return trouble


def dismiss(work: Work, territory: Territory, trouble_id: str) -> Trouble:
    """Nothing is done. Whoever asked may take it back, too."""
    trouble = _waiting(work, territory, trouble_id)
    _decide(work, trouble, TroubleState.DISMISSED)
    return trouble


def find_trouble(session: Session, territory: Territory, trouble_id: str) -> Trouble:
    """Raises NotFound, also for one of another territory."""
    trouble = session.get(Trouble, trouble_id)
    if trouble is None or trouble.territory_id != territory.id:
        raise NotFound("There is no such request.")
    return trouble


def list_waiting(work: Work, territory: Territory) -> Sequence[Trouble]:
    query = select(Trouble).where(
        Trouble.territory_id == territory.id,
        Trouble.state == TroubleState.ASKED,
        Trouble.asked_at > work.now - KEPT_FOR,
    )
    return work.session.exec(query.order_by(col(Trouble.asked_at))).all()


def _waiting(work: Work, territory: Territory, trouble_id: str) -> Trouble:
    take_turn(work, territory.id)
    trouble = find_trouble(work.session, territory, trouble_id)
    if trouble.state is not TroubleState.ASKED:
        raise StateConflict("This has been decided already.", current_state=trouble.state.value)
    if trouble.asked_at <= work.now - KEPT_FOR:
        raise StateConflict("This was asked too long ago. Please look again.", current_state="expired")
    return trouble


def _carry_out(work: Work, territory: Territory, trouble: Trouble) -> None:
    """The technicians are out, one joint repair, and whoever cannot be served today is offered other days."""
    out = _crew_of(work.session, territory, trouble.technician_ids)
    concerned = _leave(work, territory, out, trouble.kind, trouble.end_at)
    for recovery in _undecided(work.session, concerned):
        if recovery.is_withheld:  # the dial left it to a person: these two have said yes
            go_ahead(work, recovery.id)
    for recovery in _undecided(work.session, concerned):
        not_today(work, recovery.id, reason=trouble.reason)
    _decide(work, trouble, TroubleState.DONE)


def _decide(work: Work, trouble: Trouble, state: TroubleState) -> None:
    trouble.state, trouble.decided_by, trouble.decided_at = state, work.actor.id, work.now
    work.session.add(trouble)
    work.record(TroubleDecided(trouble_id=trouble.id, decision=state.value, people=trouble.people))


def _crew_of(session: Session, territory: Territory, ids: Collection[str]) -> list[Technician]:
    crew = {one.id: one for one in list_technicians(session, territory.id)}
    if not ids or not crew.keys() >= set(ids):
        raise Invalid.field("technicians", "nobody_chosen", "Please choose who is out.")
    return [crew[id] for id in sorted(ids)]


def _require_sound(work: Work, out: Sequence[Technician], end_at: dt.datetime | None) -> None:
    if end_at is not None and end_at <= work.now:
        raise Invalid.field("until", "window_empty", "This time has passed: when are they back?")


def _leave(
    work: Work, territory: Territory, out: Sequence[Technician], kind: AbsenceKind, end_at: dt.datetime | None
) -> list[str]:
    """All of them out, and then one look at the day. Returns the visits that were theirs, by id."""
    problem = load_problem(work, territory, today(work, territory))
    concerned = {id for one in out for id in problem.routes.get(one.id, ()) if id in problem.visits}
    for one in out:
        concerned |= {visit.id for visit in out_from_now(work, one, kind, end_at=end_at)}
    work.session.flush()
    watch(work, territory)
    work.session.flush()
    _release(work, territory, concerned)
    return sorted(concerned)


def _release(work: Work, territory: Territory, visit_ids: Collection[str]) -> None:
    """Whoever was left without a technician is not kept waiting for one: their promise breaks now, not at its end."""
    visits = [visit for visit in list_visits(work.session, visit_ids) if visit.state is VisitState.BOOKED]
    placed = assignments_of(work.session, [visit.id for visit in visits])
    for visit in sorted(visits, key=lambda one: one.id):
        row = placed.get(visit.id)
        if row is None or row.technician_id is None:
            notice(work, visit, FailureKind.PLAN, noticed_by=work.actor.role, certain_at=work.now)
    work.session.flush()
    make_good(work, territory, today(work, territory))
    work.session.flush()


def _undecided(session: Session, visit_ids: Collection[str]) -> list[Recovery]:
    found = newest_recoveries(session, visit_ids).values()
    return sorted(
        (one for one in found if one.state is RecoveryState.DECIDING),
        key=lambda one: (one.certain_at, one.id),
    )


def _told(work: Work, territory: Territory, visit_ids: Collection[str]) -> Iterator[Told]:
    """In the order in which they are told: whose window begins first."""
    session = work.session
    visits, promises = list_visits(session, visit_ids), current_promises(session, visit_ids)
    customers = customers_of(session, {visit.customer_id for visit in visits})
    recoveries = newest_recoveries(session, visit_ids)
    offers = last_offers(session, recoveries.values())
    date = local_day(work.now, territory.zone)
    for visit in sorted(visits, key=lambda one: (promises[one.id].start_at, one.id)):
        recovery = recoveries.get(visit.id)
        held = offers.get(recovery.id, []) if recovery else []
        what, says = What.KEPT, "somebody else comes in the promised time"
        if visit.state is VisitState.FAILED and recovery:
            if recovery.state is RecoveryState.DECIDING:
                what, says = What.ANOTHER_DAY, "we cannot come today; other days are offered"
            elif held and held[0].day == date:
                window = say_window(held[0].start_at, held[0].end_at, territory.zone)
                what, says = What.LATER_TODAY, f"we are sorry; {window} is held and offered"
            else:
                what, says = What.PERSON, "a named person rings"
        yield Told(visit.id, customers[visit.customer_id].name, promises[visit.id].local_text, what, says)


def _as_json(told: Told) -> dict[str, Any]:
    """Without the name: that stands with the customer."""
    return {name: value for name, value in asdict(told).items() if name != "customer"}


def told_again(session: Session, trouble: Trouble) -> list[Told]:
    """As it was shown to whoever asked, with today's names."""
    visits: dict[str, Visit] = {
        one.id: one for one in list_visits(session, {one["visit_id"] for one in trouble.told})
    }
    customers = customers_of(session, {visit.customer_id for visit in visits.values()})
    return [
        Told(
            **one
            | {"customer": customers[visits[one["visit_id"]].customer_id].name, "what": What(one["what"])}
        )
        for one in trouble.told
    ]
