"""Opening a recovery, moving it along, handing it on and closing it."""

from __future__ import annotations

import datetime as dt

from dispatch.errors import StateConflict
from dispatch.events import CreditDecided, OffersMade, RecoveryClosed, RecoveryHandedOver, RecoveryOpened
from dispatch.holds.actions import release
from dispatch.holds.tables import Hold
from dispatch.local_time import local_day
from dispatch.policies import Policies
from dispatch.recoveries.causes import Cause, cause_of
from dispatch.recoveries.credits import MissedRule, credit_cents, credit_state
from dispatch.recoveries.queries import find_open, open_offers
from dispatch.recoveries.states import OfferState, RecoverySignal, RecoveryState, step
from dispatch.recoveries.tables import Offer, Recovery
from dispatch.territories.queries import get_territory, list_ladder
from dispatch.territories.rules import next_up
from dispatch.territories.tables import Territory
from dispatch.visits.tables import Visit
from dispatch.work import Work


def open_recovery(
    work: Work, visit: Visit, territory: Territory, *, failure_id: str, day: dt.date, certain_at: dt.datetime
) -> Recovery:
    """What is done about a failure begins, with an owner. A second failure goes to the next person up."""
    before = find_open(work.session, visit.id)
    ladder = [person.id for person in list_ladder(work.session, territory.id)]
    owner_id = next_up(ladder, before.owner_id if before else None)
    if before:
        close(work, before, "failed_again")
        work.session.flush()
    recovery = Recovery(
        id=work.new_id(),
        visit_id=visit.id,
        failure_id=failure_id,
        territory_id=territory.id,
        day=day,
        state=RecoveryState.OPEN,
        owner_id=owner_id,
        owner_due_at=work.now + dt.timedelta(seconds=territory.policies.owner_seconds),
        certain_at=certain_at,
        noticed_at=work.now,
    )
    work.session.add(recovery)
    work.session.flush()
    work.record(
        RecoveryOpened(visit_id=visit.id, recovery_id=recovery.id, failure_id=failure_id, owner_id=owner_id)
    )
    return recovery


def reopen(work: Work, recovery: Recovery, territory: Territory, *, certain_at: dt.datetime) -> None:
    """Somebody came after all, and the same promise failed again: from the start, with the next person up."""
    advance(work, recovery, RecoverySignal.FAIL_AGAIN)
    ladder = [person.id for person in list_ladder(work.session, territory.id)]
    recovery.owner_id = next_up(ladder, recovery.owner_id)
    recovery.owner_due_at = work.now + dt.timedelta(seconds=territory.policies.owner_seconds)
    recovery.day, recovery.round = local_day(work.now, territory.zone), recovery.round + 1
    recovery.certain_at, recovery.noticed_at = certain_at, work.now
    recovery.repaired_at = recovery.told_at = recovery.chosen_at = recovery.arranged_at = None
    recovery.choice = recovery.arranged_by = recovery.proof = None
    work.session.flush()
    if recovery.owner_id:
        work.record(
            RecoveryHandedOver(
                visit_id=recovery.visit_id,
                recovery_id=recovery.id,
                owner_id=recovery.owner_id,
                because="failed again",
            )
        )


def advance(work: Work, recovery: Recovery, signal: RecoverySignal) -> None:
    """The one writer of a recovery's state. Raises StateConflict where its table has no such arrow."""
    recovery.state = step(recovery.state, signal)
    work.session.add(recovery)


def put_offers(work: Work, recovery: Recovery, offers: list[Offer], *, answer_by_at: dt.datetime) -> None:
    """A new round of offers replaces the one before; its holds are given back."""
    withdraw_offers(work, recovery)
    for rank, offer in enumerate(offers, start=1):
        offer.round, offer.rank = recovery.round + 1, rank
        work.session.add(offer)
    recovery.round += 1
    recovery.answer_by_at = answer_by_at
    advance(work, recovery, RecoverySignal.OFFER)
    work.session.flush()
    work.record(
        OffersMade(
            visit_id=recovery.visit_id,
            recovery_id=recovery.id,
            round=recovery.round,
            offer_ids=tuple(offer.id for offer in offers),
        )
    )


def withdraw_offers(work: Work, recovery: Recovery) -> None:
    """End every open offer and give its hold back."""
    for offer in open_offers(work.session, recovery.id):
        end_offer(work, offer, OfferState.LAPSED)


def withdraw_held(work: Work, recovery: Recovery) -> None:
    """End the open offers that keep capacity from others."""
    for offer in open_offers(work.session, recovery.id):
        if offer.hold_id:
            end_offer(work, offer, OfferState.LAPSED)


def end_offer(work: Work, offer: Offer, state: OfferState) -> None:
    """An offer is over, and its hold with it."""
    offer.state, offer.settled_at = state, work.now
    work.session.add(offer)
    hold = work.session.get(Hold, offer.hold_id) if offer.hold_id else None
    if hold:
        release(work, hold)


def note_told(work: Work, recovery_id: str) -> None:
    """The text about a broken promise was accepted by the channel; only the first one counts."""
    recovery = work.session.get_one(Recovery, recovery_id)
    if recovery.told_at is None:
        recovery.told_at = work.now
        work.session.add(recovery)


def hand_over(work: Work, recovery: Recovery) -> None:
    """The owner did not act in time: the next one up owns it."""
    if recovery.owner_due_at is None or recovery.owner_due_at > work.now:
        return
    territory = get_territory(work.session, recovery.territory_id)
    ladder = [person.id for person in list_ladder(work.session, territory.id)]
    owner_id = next_up(ladder, recovery.owner_id)
    top = owner_id == recovery.owner_id
    wait = dt.timedelta(seconds=territory.policies.owner_seconds)
    recovery.owner_due_at = None if top else work.now + wait
    recovery.owner_id = owner_id
    work.session.add(recovery)
    if owner_id and not top:
        work.record(
            RecoveryHandedOver(
                visit_id=recovery.visit_id, recovery_id=recovery.id, owner_id=owner_id, because="overdue"
            )
        )


def take_over(work: Work, recovery: Recovery, dispatcher_id: str) -> None:
    """A dispatcher makes it theirs."""
    recovery.owner_id = dispatcher_id
    territory = get_territory(work.session, recovery.territory_id)
    recovery.owner_due_at = work.now + dt.timedelta(seconds=territory.policies.owner_seconds)
    work.session.add(recovery)
    work.record(
        RecoveryHandedOver(
            visit_id=recovery.visit_id, recovery_id=recovery.id, owner_id=dispatcher_id, because="taken over"
        )
    )


def give_credit(work: Work, recovery: Recovery, cause: Cause, *, late_minutes: int, repeat: bool) -> None:
    """Credit by the policy's table, once per recovery; above the limit it waits for approval.

    Never less than what a regulator's rule gives, and that much needs nobody's approval.
    """
    if recovery.credit_state != "none":
        return
    policies = get_territory(work.session, recovery.territory_id).policies
    owed = _owed_cents(policies, recovery, cause)
    earned = credit_cents(
        policies.credits,
        cause.kind,
        company_fault=cause.company_fault,
        late_minutes=late_minutes,
        repeat=repeat,
        repeat_percent=policies.credit_repeat_percent,
    )
    recovery.credit_cents = max(owed, earned)
    limit = max(owed, policies.credit_approval_above_cents)
    recovery.credit_state = credit_state(recovery.credit_cents, limit)
    work.session.add(recovery)
    if recovery.credit_cents:
        _record_credit(work, recovery)


def _owed_cents(policies: Policies, recovery: Recovery, cause: Cause) -> int:
    rule = MissedRule(policies.missed_payment_cents, policies.missed_payment_notice_seconds)
    return rule.cents(
        cause.kind,
        company_fault=cause.company_fault,
        start_at=cause.start_at,
        told_at=recovery.told_at,
    )


def _pay_missed(work: Work, recovery: Recovery) -> None:
    """What a regulator's rule gives, also where no new time was ever arranged that a credit came with."""
    policies = get_territory(work.session, recovery.territory_id).policies
    if policies.missed_payment_cents == 0 or recovery.credit_state != "none":
        return
    recovery.credit_cents = _owed_cents(policies, recovery, cause_of(work.session, recovery))
    if recovery.credit_cents:
        recovery.credit_state = "given"
        work.session.add(recovery)
        _record_credit(work, recovery)


def approve_credit(work: Work, recovery: Recovery, *, approved: bool) -> None:
    """A named person decides about a credit above the limit. Raises StateConflict when none is waiting."""
    if recovery.credit_state != "waiting":
        raise StateConflict("There is no credit waiting for approval.", current_state=recovery.credit_state)
    recovery.credit_state = "given" if approved else "refused"
    work.session.add(recovery)
    _record_credit(work, recovery)


def close(work: Work, recovery: Recovery, outcome: str) -> None:
    """The end: the work is done, or the customer or a named dispatcher said so."""
    withdraw_offers(work, recovery)
    _pay_missed(work, recovery)
    advance(work, recovery, RecoverySignal.CLOSE)
    recovery.closed_at, recovery.outcome = work.now, outcome
    work.record(RecoveryClosed(visit_id=recovery.visit_id, recovery_id=recovery.id, outcome=outcome))


def _record_credit(work: Work, recovery: Recovery) -> None:
    work.record(
        CreditDecided(
            visit_id=recovery.visit_id,
            recovery_id=recovery.id,
            amount_cents=recovery.credit_cents,
            state=recovery.credit_state,
        )
    )
