"""Broken promises on their way to being good again: the customer's choice, the dispatcher's decision."""

from __future__ import annotations

from api.deps import KnownDep, ReadDep, StaffDep, WorkDep
from api.principal import Principal
from api.schemas.recoveries import (
    BendIn,
    CallbackOut,
    CallbacksOut,
    ChoiceIn,
    CreditIn,
    OutcomeIn,
    ReasonIn,
    RecoveriesOut,
    RecoveryOut,
    TakeBackIn,
)
from api.strict import router
from dispatch.board.card import recovery_card
from dispatch.board.snapshot import snapshot
from dispatch.callbacks.actions import finish_callback
from dispatch.callbacks.queries import get_callback
from dispatch.errors import NotFound
from dispatch.recoveries.actions import approve_credit, take_over
from dispatch.recoveries.choices import choose
from dispatch.recoveries.decisions import bend_a_rule, close_visit, go_ahead, not_today, take_back
from dispatch.recoveries.queries import get_recovery
from dispatch.recoveries.tables import Recovery
from dispatch.territories.queries import get_territory
from dispatch.visits.queries import get_visit
from dispatch.work import Work

routes = router("/api/v1", "recoveries")


@routes.get("/recoveries")
def list_open(work: ReadDep, who: StaffDep) -> RecoveriesOut:
    """Everything that is not good again, the oldest broken promise first."""
    seen = snapshot(work, get_territory(work.session, who.territory_id or ""))
    return RecoveriesOut(recoveries=[RecoveryOut.of_open(one) for one in seen.open])


@routes.get("/recoveries/{recovery_id}")
def show(recovery_id: str, work: ReadDep, who: KnownDep) -> RecoveryOut:
    return _told(work, who, theirs(work, who, recovery_id))


@routes.post("/recoveries/{recovery_id}/choice")
def answer(recovery_id: str, body: ChoiceIn, work: WorkDep, who: KnownDep) -> RecoveryOut:
    """The customer's answer, by link, or by the office for a caller. What is gone is said and replaced."""
    recovery = theirs(work, who, recovery_id)
    how = "web" if who.role == "customer" else "phone"
    return _told(work, who, choose(work, recovery.id, body.choice, how=how))


@routes.post("/recoveries/{recovery_id}/take-over")
def own(recovery_id: str, work: WorkDep, who: StaffDep) -> RecoveryOut:
    recovery = theirs(work, who, recovery_id)
    take_over(work, recovery, who.subject_id)
    return _told(work, who, recovery)


@routes.post("/recoveries/{recovery_id}/go-ahead")
def offer(recovery_id: str, work: WorkDep, who: StaffDep) -> RecoveryOut:
    """Offer the customer a time today, where the dial left that to a person; it is searched anew."""
    recovery = theirs(work, who, recovery_id)
    return _told(work, who, go_ahead(work, recovery.id))


@routes.post("/recoveries/{recovery_id}/take-back")
def withdraw(recovery_id: str, body: TakeBackIn, work: WorkDep, who: StaffDep) -> RecoveryOut:
    """Withdraw what the house offered by itself, before the customer answers; a person rings them instead."""
    recovery = theirs(work, who, recovery_id)
    return _told(work, who, take_back(work, recovery.id, why=body.why, reason=body.reason))


@routes.post("/recoveries/{recovery_id}/bend")
def bend(recovery_id: str, body: BendIn, work: WorkDep, who: StaffDep) -> RecoveryOut:
    """Serve it today after all, by one of the proof's ways out."""
    recovery = theirs(work, who, recovery_id)
    return _told(work, who, bend_a_rule(work, recovery.id, body.relaxation, reason=body.reason))


@routes.post("/recoveries/{recovery_id}/not-today")
def give_today_up(recovery_id: str, body: ReasonIn, work: WorkDep, who: StaffDep) -> RecoveryOut:
    """A named dispatcher's decision; the customer is offered other days."""
    recovery = theirs(work, who, recovery_id)
    return _told(work, who, not_today(work, recovery.id, reason=body.reason))


@routes.post("/recoveries/{recovery_id}/close")
def end(recovery_id: str, body: ReasonIn, work: WorkDep, who: StaffDep) -> RecoveryOut:
    recovery = theirs(work, who, recovery_id)
    return _told(work, who, close_visit(work, recovery.id, reason=body.reason))


@routes.post("/recoveries/{recovery_id}/credit")
def decide_credit(recovery_id: str, body: CreditIn, work: WorkDep, who: StaffDep) -> RecoveryOut:
    recovery = theirs(work, who, recovery_id)
    approve_credit(work, recovery, approved=body.approved)
    return _told(work, who, recovery)


@routes.get("/callbacks")
def list_callbacks(work: ReadDep, who: StaffDep) -> CallbacksOut:
    """Who waits for a call, the most urgent first."""
    seen = snapshot(work, get_territory(work.session, who.territory_id or ""))
    return CallbacksOut(
        callbacks=[
            CallbackOut(
                id=call.id,
                person=call.person,
                due_at=call.due_at,
                about=call.about,
                overdue=call.overdue,
                visit_id=card.visit_id if card else None,
                reference=card.reference if card else None,
                phone=card.phone if card else phone or None,
            )
            for call, card, phone in seen.callbacks
        ]
    )


@routes.post("/callbacks/{callback_id}/done")
def called(callback_id: str, body: OutcomeIn, work: WorkDep, who: StaffDep) -> CallbacksOut:
    callback = get_callback(work.session, callback_id)
    if callback.territory_id != who.territory_id:
        raise NotFound("There is no such callback.")
    finish_callback(work, callback, body.outcome)
    work.session.flush()
    return list_callbacks(work, who)


def theirs(work: Work, who: Principal, recovery_id: str) -> Recovery:
    """The recovery, if this reader may see it; not theirs and not there give the same answer."""
    recovery = get_recovery(work.session, recovery_id)
    mine = who.visit_id == recovery.visit_id if who.role == "customer" else who.role == "dispatcher"
    if not mine or (who.role == "dispatcher" and recovery.territory_id != who.territory_id):
        raise NotFound("There is no such recovery.")
    return recovery


def _told(work: Work, who: Principal, recovery: Recovery) -> RecoveryOut:
    work.session.flush()
    visit = get_visit(work.session, recovery.visit_id)
    proof = recovery.proof if who.role == "dispatcher" else None
    card = recovery_card(work.session, recovery)
    return RecoveryOut.of(card, visit_id=visit.id, reference=visit.reference, proof=proof)
