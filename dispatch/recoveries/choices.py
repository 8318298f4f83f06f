"""What the customer answers, and what silence means."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from dispatch.bookings.actions import hold_in_plan, place_visit, request_of, wanted_for
from dispatch.bookings.slots import next_slots
from dispatch.callbacks.actions import promise_callback
from dispatch.errors import SlotTaken, StateConflict
from dispatch.events import ChoiceMade, OfferGone, OffersMade, OfferTaken
from dispatch.holds.actions import consume
from dispatch.holds.tables import Hold, HoldPurpose
from dispatch.local_time import local_day, seconds_between
from dispatch.plans.actions import take_out
from dispatch.plans.queries import find_assignment, lock_day
from dispatch.plans.turns import take_turn
from dispatch.promises.actions import make_promise, settle_promise
from dispatch.promises.queries import current_promise, list_promises
from dispatch.promises.states import Agreed, PromiseState
from dispatch.recoveries.actions import advance, give_credit, put_offers, withdraw_held, withdraw_offers
from dispatch.recoveries.causes import cause_of
from dispatch.recoveries.making_good import make_good
from dispatch.recoveries.queries import get_recovery, list_offers, lock_recovery
from dispatch.recoveries.repair import HOLD_MARGIN, new_offer
from dispatch.recoveries.states import OfferState, RecoverySignal, RecoveryState
from dispatch.recoveries.tables import Offer, Recovery
from dispatch.territories.queries import get_territory
from dispatch.territories.tables import Territory
from dispatch.visits.actions import move
from dispatch.visits.queries import lock_visit
from dispatch.visits.states import Signal, VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Actor, Work


class Choice(StrEnum):
    """What a customer can answer; the two numbers are the offers in the order they were told."""

    FIRST = "1"
    SECOND = "2"
    ANOTHER_DAY = "another_day"
    PERSON = "person"


def choose(work: Work, recovery_id: str, choice: str, *, how: str) -> Recovery:
    """Carry out the customer's answer; `how` says over what it came (sms, web, phone).

    An offer is checked at this moment: when it is gone, that is recorded and the next best is offered
    instead, nothing is raised. Choosing what already stands is consent to it. Raises StateConflict for
    a recovery that is over or a number that was not offered.
    """
    wanted = _read_choice(choice)
    recovery, visit = take_recovery(work, recovery_id)
    if recovery.state is RecoveryState.CLOSED or visit.state is VisitState.ON_SITE:
        words = "This has been settled in the meantime."
        raise StateConflict(words, current_state=recovery.state.value)
    work.record(ChoiceMade(visit_id=visit.id, recovery_id=recovery.id, choice=wanted.value, how=how))
    recovery.choice, recovery.chosen_at = wanted.value, recovery.chosen_at or work.now
    work.session.add(recovery)
    if wanted is Choice.PERSON:
        ask_for_person(work, recovery, about="customer_asked")
    elif wanted is Choice.ANOTHER_DAY:
        offer_other_days(work, recovery, visit)
    else:
        _choose_offer(work, recovery, visit, rank=int(wanted.value), how=how)
    return recovery


def keep_for_silence(work: Work, recovery_id: str) -> None:
    """Nobody answered in time: the policy keeps the held option, or gives it back and has somebody ring.

    It is the policy's act and never called consent.
    """
    recovery, visit = take_recovery(work, recovery_id)
    if recovery.state is not RecoveryState.OFFERED or (recovery.answer_by_at or work.now) > work.now:
        return
    territory = get_territory(work.session, recovery.territory_id)
    if visit.state is not VisitState.FAILED:  # what was arranged before still stands: silence changes nothing
        withdraw_offers(work, recovery)
        advance(work, recovery, RecoverySignal.ARRANGE)
        return
    offers = [one for one in list_offers(work.session, recovery.id, recovery.round) if one.hold_id]
    today = recovery.day == local_day(work.now, territory.zone)
    if offers and territory.policies.silence_keeps and today:
        offer = offers[0]
        if _take(work, recovery, visit, offer, agreed_by=Agreed.POLICY, how="silence"):
            return
    withdraw_offers(work, recovery)
    ask_for_person(work, recovery, about="no_answer")


def offer_other_days(work: Work, recovery: Recovery, visit: Visit) -> None:
    """The next two windows on other days, the first one held; a person when there is none."""
    territory, request = get_territory(work.session, recovery.territory_id), request_of(work, visit)
    tomorrow = local_day(work.now, territory.zone) + dt.timedelta(days=1)
    slots = next_slots(work, request, after=tomorrow, count=2, days=territory.policies.planning_horizon_days)
    if not slots:
        ask_for_person(work, recovery, about="no_other_day")
        return
    answer_by = work.now + dt.timedelta(seconds=territory.policies.answer_seconds)
    first = slots[0]
    wanted = wanted_for(request, first.day, start_at=first.start_at, end_at=first.end_at, visit_id=visit.id)
    withdraw_offers(work, recovery)
    hold = hold_in_plan(work, request, wanted, HoldPurpose.RECOVERY, expires_at=answer_by + HOLD_MARGIN)
    offers = [
        new_offer(
            work,
            recovery,
            slot.day,
            (slot.start_at, slot.end_at),
            expires_at=hold.expires_at if slot is first else slot.start_at,
            technician_id=hold.technician_id if slot is first else None,
            hold_id=hold.id if slot is first else None,
            price=slot.price or 0.0,
        )
        for slot in slots
    ]
    put_offers(work, recovery, offers, answer_by_at=answer_by)


def ask_for_person(
    work: Work, recovery: Recovery, *, about: str, not_before: dt.datetime | None = None
) -> None:
    """A person rings; whatever is arranged or held stays until then."""
    advance(work, recovery, RecoverySignal.ASK_PERSON)
    territory = get_territory(work.session, recovery.territory_id)
    wait = dt.timedelta(seconds=territory.policies.callback_seconds)
    recovery.owner_due_at = max(work.now, not_before or work.now) + wait
    work.session.add(recovery)
    promise_callback(
        work,
        territory_id=recovery.territory_id,
        about=about,
        visit_id=recovery.visit_id,
        recovery_id=recovery.id,
        not_before=not_before,
    )


def take_recovery(work: Work, recovery_id: str) -> tuple[Recovery, Visit]:
    """A recovery and its visit, fresh and nobody else's until the work is committed. Raises NotFound."""
    take_turn(work, get_recovery(work.session, recovery_id).territory_id)
    recovery = lock_recovery(work.session, recovery_id)
    return recovery, lock_visit(work.session, recovery.visit_id)


def _read_choice(choice: str) -> Choice:
    try:
        return Choice(choice)
    except ValueError:
        raise StateConflict("Please choose 1, 2, another day or a person.", current_state="open") from None


def _choose_offer(work: Work, recovery: Recovery, visit: Visit, *, rank: int, how: str) -> None:
    offers = {offer.rank: offer for offer in list_offers(work.session, recovery.id, recovery.round)}
    offer = offers.get(rank)
    if offer is None:
        raise StateConflict(f"There is no option {rank}.", current_state=recovery.state.value)
    if offer.state is OfferState.TAKEN:
        return  # saying yes to what the policy had kept: recorded as the customer's choice above
    if not _take(work, recovery, visit, offer, agreed_by=Agreed.CUSTOMER, how=how):
        _offer_next_best(work, recovery, visit, offer)


def _take(work: Work, recovery: Recovery, visit: Visit, offer: Offer, *, agreed_by: Agreed, how: str) -> bool:
    """Make the offer the visit's next promise; False when it can no longer be served."""
    territory = get_territory(work.session, recovery.territory_id)
    try:
        with work.whole_or_nothing():
            _arrange(work, recovery, visit, offer, territory, agreed_by=agreed_by, how=how)
    except SlotTaken:
        return False
    return True


def _arrange(
    work: Work,
    recovery: Recovery,
    visit: Visit,
    offer: Offer,
    territory: Territory,
    *,
    agreed_by: Agreed,
    how: str,
) -> None:
    """Old promise settled, new one made, old capacity freed, the place in the plan: one transaction."""
    if offer.state is not OfferState.OPEN or offer.expires_at <= work.now:
        raise SlotTaken("This option has run out.")
    hold = work.session.get(Hold, offer.hold_id) if offer.hold_id else None
    lock_day(work.session, territory.id, offer.day)
    if hold:
        consume(work, hold, visit.id)
    _free_what_stood(work, visit, territory, offer.day)
    offer.state, offer.settled_at, offer.promise_version = (
        OfferState.TAKEN,
        work.now,
        visit.promise_version + 1,
    )
    withdraw_held(work, recovery)  # the others may still be chosen until their time
    make_promise(
        work,
        visit,
        start_at=offer.start_at,
        end_at=offer.end_at,
        zone=territory.zone,
        agreed_by=agreed_by,
        agreed_how=f"recovery by {how}",
        version=visit.promise_version + 1,
    )
    place_visit(work, visit, offer.day, cause="recovery")
    placed = find_assignment(work.session, visit.id)
    offer.technician_id = placed.technician_id if placed else offer.technician_id
    work.session.add(offer)
    advance(work, recovery, RecoverySignal.ARRANGE)
    recovery.arranged_at, recovery.owner_due_at = work.now, None
    recovery.arranged_by = str(work.actor if agreed_by is not Agreed.POLICY else Actor("policy"))
    give_for(work, recovery, visit, came_at=offer.start_at)
    work.record(OfferTaken(visit_id=visit.id, recovery_id=recovery.id, offer_id=offer.id, by=agreed_by.value))


def _free_what_stood(work: Work, visit: Visit, territory: Territory, day: dt.date) -> None:
    """A failed visit is booked again, and stands in the plan of its old day no more, where that is not `day`; one
    that was arranged before gives its place and promise up."""
    stood = local_day(current_promise(work.session, visit).start_at, territory.zone)
    if visit.state is VisitState.FAILED:
        move(work, visit, Signal.REBOOK)
        if stood == day:
            return
    else:
        if visit.state is VisitState.EN_ROUTE:
            move(work, visit, Signal.STAND_DOWN, reason="customer chose another time")
        settle_promise(work, visit, PromiseState.MOVED)
    take_out(work, territory, stood, visit.id, cause="moved away")


def give_for(work: Work, recovery: Recovery, visit: Visit, *, came_at: dt.datetime) -> None:
    """The credit that the policy gives for the broken promise, somebody coming at `came_at`."""
    cause = cause_of(work.session, recovery)
    broken = [one for one in list_promises(work.session, visit.id) if one.version == cause.promise_version]
    late = seconds_between(broken[0].end_at, came_at) // 60 if broken else 0
    give_credit(
        work,
        recovery,
        cause,
        late_minutes=max(0, late),
        repeat=visit.failures > 1,
    )


def _offer_next_best(work: Work, recovery: Recovery, visit: Visit, gone: Offer) -> None:
    """What was chosen is gone: say so, and offer what there is now."""
    gone.state, gone.settled_at = OfferState.GONE, work.now
    work.session.add(gone)
    work.record(OfferGone(visit_id=visit.id, recovery_id=recovery.id, offer_id=gone.id))
    held = [
        offer
        for offer in list_offers(work.session, recovery.id, recovery.round)
        if offer.state is OfferState.OPEN and offer.hold_id
    ]
    territory = get_territory(work.session, recovery.territory_id)
    if visit.state is not VisitState.FAILED:
        ask_for_person(work, recovery, about="option_gone")
    elif held:
        _offer_again(work, recovery, held[0])
    elif recovery.day == local_day(work.now, territory.zone):
        make_good(work, territory, recovery.day, extra=[recovery])
    else:
        offer_other_days(work, recovery, visit)


def _offer_again(work: Work, recovery: Recovery, held: Offer) -> None:
    """The option that is still held becomes the only one of a new round."""
    held.round, held.rank = recovery.round + 1, 1
    work.session.add(held)
    recovery.round += 1
    work.session.flush()
    work.record(
        OffersMade(
            visit_id=recovery.visit_id, recovery_id=recovery.id, round=recovery.round, offer_ids=(held.id,)
        )
    )
